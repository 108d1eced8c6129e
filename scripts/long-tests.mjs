import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './programs.mjs';

/** Marks, in its name or that of its `describe`, a test that takes minutes by nature: `npm run test:long` runs it, `npm test` all others. */
export const MARK = '(long)';
const escaped = MARK.replace(/[()]/g, '\\$&');

/** What `--testNamePattern` of jest takes to run the one kind or the other. */
export const LONG = escaped;
export const NOT_LONG = `^(?![^]*${escaped})`;

/** @param {string} name The full name of a test. */
export function isLong(name) {
  // As --testNamePattern does, without regard to capitals.
  return name.toLowerCase().includes(MARK);
}

/** The files that have long tests, seen from the root folder. */
export function filesOfLongTests() {
  const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.test.ts'));
  return files.map((path) => join('test', path)).filter((path) => isLong(readFileSync(join(ROOT, path), 'utf8')));
}
