import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../scripts/programs.mjs';

/** Inputs that were found once, by their hash; the unit tests replay them. */
export const CORPUS = join(ROOT, 'test', 'corpus');
const FIXTURES = join(ROOT, 'test', 'fixtures');

/** All that mutations begin with: the fixtures, each recording's pieces joined, and what was found before. */
export function seeds() {
  return [...filesBelow(FIXTURES), ...saved().map(({ bytes }) => bytes)];
}

/** What was found before, in the order of its names. */
export function saved() {
  return readdirSync(CORPUS).filter((name) => name.endsWith('.bin')).sort().map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(CORPUS, name))) }));
}

/**
 * Saves an input, and says where.
 * @param {Uint8Array} bytes
 */
export function save(bytes) {
  mkdirSync(CORPUS, { recursive: true });
  const path = join(CORPUS, `${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}.bin`);
  writeFileSync(path, bytes);
  return path;
}

/**
 * @param {string} folder
 * @returns {Uint8Array[]}
 */
function filesBelow(folder) {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const files = entries.filter((entry) => entry.isFile() && /\.(mp4|webm|mkv)$/.test(entry.name)).map(({ name }) => new Uint8Array(readFileSync(join(folder, name))));
  const pieces = entries.filter((entry) => entry.name.endsWith('.bin')).map(({ name }) => readFileSync(join(folder, name)));
  const whole = pieces.length === 0 ? [] : [new Uint8Array(Buffer.concat(pieces))];
  return [...files, ...whole, ...entries.filter((entry) => entry.isDirectory()).flatMap(({ name }) => filesBelow(join(folder, name)))];
}
