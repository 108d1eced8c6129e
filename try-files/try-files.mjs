#!/usr/bin/env node
// Sends each file of a folder through the relay and compares what comes out: npm run try:files -- --help
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from '../scripts/parts.mjs';
import { DOORS } from './doors.mjs';
import { generate } from './generate.mjs';
import { judge } from './judge.mjs';
import { MediaFile } from './media-file.mjs';
import { startQuietRelay } from './quiet-relay.mjs';
import { fileRow, TABLE_HEAD } from './file-row.mjs';

const HELP = `npm run try:files -- [options] FOLDER

Sends each file of FOLDER through the relay, and compares packets and pictures that come out with those that went in.

  --door a,b       by which ways (all): ${[...DOORS.keys()].join(', ')}
                     bytes   the file as it is, as curl -T sends it
                     copy    ffmpeg -c copy with the flags of docs/containers.md, over HTTP
                     push    sluice push
                     source  a relay with --source
  --jobs N         files at a time (${Math.max(1, cpus().length)})
  --seconds S      how much of each file (10)
  --only TEXT      only files with TEXT in their names
  --json           a line of JSON for each file and door, instead of a table
  --generate       makes the files first: what ffmpeg, and GStreamer where there is one, can write here

The exit status is 1 if anything is WRONG.
`;

/** How often a file is tried again that this machine was too slow for. */
const RETRIES = 3;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    door: { type: 'string', default: [...DOORS.keys()].join(',') },
    jobs: { type: 'string', default: String(Math.max(1, cpus().length)) },
    seconds: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    generate: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const [given, ...others] = positionals;
const doors = options.door.split(',');
const [jobs, seconds] = [Number(options.jobs), Number(options.seconds)];
const isUsage = options.help || given === undefined || others.length > 0 || doors.some((name) => !DOORS.has(name)) || !(jobs >= 1) || !(seconds > 0);
if (isUsage) {
  console.log(HELP);
  process.exit(options.help ? 0 : 2);
}
const folder = resolve(given);
if (options.generate) {
  await generate(folder, { jobs, only: options.only, say: (line) => console.error(line) });
  process.exit(0);
}
await build((line) => console.error(line));
const work = mkdtempSync(join(tmpdir(), 'sluice-try-'));
process.once('exit', () => rmSync(work, { recursive: true, force: true }));
const relay = await startQuietRelay({ hold: 500 });
const files = filesIn(folder).filter((path) => path.includes(options.only));
if (!options.json) console.log(TABLE_HEAD);
let wrong = 0;
let next = 0;
await Promise.all(Array.from({ length: jobs }, async () => {
  for (let at = next++; at < files.length; at = next++) await tryFile(/** @type {string} */ (files[at]), at);
}));
await relay.close();
if (!options.json) console.log(`\n${files.length} files, ${wrong} WRONG`);
process.exit(wrong > 0 ? 1 : 0);

/**
 * @param {string} path
 * @param {number} number
 */
async function tryFile(path, number) {
  const file = new MediaFile(path, { seconds: seconds + 2 });
  const name = relative(folder, path);
  const description = await file.describe();
  const results = [];
  for (const door of doors) {
    const out = mkdtempSync(join(work, 'out-'));
    const attempt = { path, file, name: `f${number}-${door}`, url: relay.url, seconds, folder: out };
    let { how, verdict } = await tryDoor(door, attempt);
    for (let again = 1; verdict.verdict === 'too slow' && again <= RETRIES; again++) ({ how, verdict } = await tryDoor(door, { ...attempt, name: `${attempt.name}-again${again}` }));
    if (verdict.verdict === 'WRONG') wrong++;
    results.push({ door: how, ...verdict });
    rmSync(out, { recursive: true, force: true });
  }
  if (options.json) for (const result of results) console.log(JSON.stringify({ file: name, in: description, ...result }));
  else console.log(fileRow(name, description, results));
}

/**
 * @param {string} door
 * @param {import('./doors.mjs').Attempt} attempt
 * @returns {Promise<{ how: string, verdict: import('./judge.mjs').Verdict }>}
 */
async function tryDoor(door, attempt) {
  try {
    const result = await /** @type {NonNullable<ReturnType<typeof DOORS.get>>} */ (DOORS.get(door))(attempt);
    const { duration } = await attempt.file.describe();
    // What is longer than wanted is cut off at the doors that are told to.
    const cut = result.cut || (door === 'copy' && (duration === undefined || duration > attempt.seconds));
    return { how: result.how, verdict: await judge(attempt.file, { ...result, cut }) };
  } catch (error) {
    return { how: door, verdict: { verdict: 'WRONG', why: `the trial failed: ${String(error)}`, out: '' } };
  }
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesIn(path) {
  return readdirSync(path)
    .sort()
    .map((name) => join(path, name))
    .flatMap((each) => (statSync(each).isDirectory() ? filesIn(each) : [each]));
}
