#!/usr/bin/env node
// Writes the table of options into README.md, from the built schema: npm run build && node scripts/options.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { withOptionTable } = createRequire(import.meta.url)('../dist/server/config/option-table.js');
const readme = new URL('../README.md', import.meta.url);
writeFileSync(readme, withOptionTable(readFileSync(readme, 'utf8')));
