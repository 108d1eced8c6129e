#!/usr/bin/env node
// Writes the tables of options into README.md and docs/publishing.md, from what is built: npm run build && node scripts/options.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { withOptionTable } = require('../dist/server/config/option-table.js');
const { withFlagTable } = require('../dist/server/push/flag-table.js');

for (const [page, withTable] of [['README.md', withOptionTable], ['docs/publishing.md', withFlagTable]]) {
  const path = new URL(`../${page}`, import.meta.url);
  writeFileSync(path, withTable(readFileSync(path, 'utf8')));
}
