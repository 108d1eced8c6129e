#!/usr/bin/env node
'use strict';

const { existsSync } = require('node:fs');
const { join } = require('node:path');

const CLI = join(__dirname, '..', 'dist', 'server', 'cli', 'cli.js');

if (existsSync(CLI)) {
  void require(CLI).run(process.argv.slice(2));
} else {
  process.stderr.write('Cannot start Sluice: it is not built yet; run "npm run build" first\n');
  process.exitCode = 1;
}
