import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './programs.mjs';
import { run } from './run.mjs';

const LIMIT = 5 * 60_000;
/** What each part was built from the last time. */
const RECORD = join('dist', 'built-from.json');

/** The parts of the program: what makes each, where it comes out, a file that is there then, and what builds it. */
const PARTS = [
  {
    name: 'server',
    inputs: ['src', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json', 'package-lock.json'],
    folder: join('dist', 'server'),
    file: 'cli/cli.js',
    command: ['node_modules/@nestjs/cli/bin/nest.js', 'build'],
  },
  {
    name: 'player',
    inputs: ['player', join('src', 'protocol'), join('src', 'media'), 'tsconfig.json', 'package-lock.json'],
    folder: join('dist', 'player'),
    file: 'watch.html',
    command: ['node_modules/vite/bin/vite.js', 'build', '--config', 'player/vite.config.mts'],
  },
];

/**
 * Builds the parts whose inputs are others than the last time, or all. Throws if that fails.
 * @param {(line: string) => void} say
 * @param {{ all?: boolean }} options
 */
export async function build(say, { all = false } = {}) {
  for (const { name, inputs, folder, file, command } of PARTS) {
    const hash = hashOf(inputs);
    if (!all && record()[name] === hash && existsSync(join(ROOT, folder, file))) continue;
    say(`Building the ${name}`);
    // Nothing of what has since been renamed or deleted stays.
    rmSync(join(ROOT, folder), { recursive: true, force: true });
    const { ok, problem } = await run(process.execPath, command, { limit: LIMIT });
    if (!ok) throw new Error(`Cannot build the ${name}: ${problem ?? 'see above'}`);
    // What came in while it was built isn't in it: the hash is of before.
    mkdirSync(join(ROOT, 'dist'), { recursive: true });
    writeFileSync(join(ROOT, RECORD), `${JSON.stringify({ ...record(), [name]: hash }, null, 2)}\n`);
  }
}

/** @returns {Record<string, string>} */
function record() {
  try {
    return JSON.parse(readFileSync(join(ROOT, RECORD), 'utf8'));
  } catch {
    return {};
  }
}

/**
 * Of the names and contents of files, and of what is in folders.
 * @param {readonly string[]} paths
 */
function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(filesIn)) hash.update(`\0${path}\0`).update(readFileSync(join(ROOT, path)));
  return hash.digest('hex');
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesIn(path) {
  const full = join(ROOT, path);
  if (!existsSync(full)) return [];
  try {
    return readdirSync(full).sort().flatMap((name) => filesIn(join(path, name)));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOTDIR') return [path];
    throw error;
  }
}
