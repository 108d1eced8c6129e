#!/usr/bin/env node
// Writes the tables of options into docs/options.md and docs/publishing.md, from what is built: npm run build && node scripts/options.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { withOptionTable } = createRequire(import.meta.url)('../dist/server/config/option-table.js');
const { withFlagTable } = createRequire(import.meta.url)('../dist/server/push/flag-table.js');

for (const [page, withTable] of [['docs/options.md', withOptionTable], ['docs/publishing.md', withFlagTable]]) {
  const path = new URL(`../${page}`, import.meta.url);
  writeFileSync(path, withTable(readFileSync(path, 'utf8')));
}
