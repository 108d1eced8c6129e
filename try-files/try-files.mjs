#!/usr/bin/env node
// Sends each file of a folder through the relay and compares what comes out: npm run try:files -- --help
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { Option } from 'commander';
import { workFolder } from '../scripts/at-end.mjs';
import { commandLine, namesOf, numberFrom, wholeFrom } from '../scripts/command-line.mjs';
import { build } from '../scripts/parts.mjs';
import { DOORS } from './doors.mjs';
import { fileRow, TABLE_HEAD } from './file-row.mjs';
import { generate } from './generate.mjs';
import { judge } from './judge.mjs';
import { MediaFile } from './media-file.mjs';
import { startQuietRelay } from './quiet-relay.mjs';

/** What stands below the options. */
const EXPLANATION = `
The doors:
  bytes   the file as it is, as curl -T sends it
  copy    ffmpeg -c copy with the flags of docs/containers.md, over HTTP
  push    sluice push
  source  a relay with --source

The exit status is 1 if anything is WRONG.`;
/** How often a file is tried again that this machine was too slow for. */
const RETRIES = 3;

const NAMES = [...DOORS.keys()];
const line = commandLine('try:files', 'Sends each file of FOLDER through the relay, and compares packets and pictures that come out with those that went in.')
  .argument('<FOLDER>')
  .addOption(new Option('--door <a,b>', `by which ways: ${NAMES.join(', ')}`).argParser(namesOf(NAMES)).default(NAMES, 'all'))
  .option('--jobs <n>', 'files at a time', wholeFrom(1), Math.max(1, cpus().length))
  .option('--seconds <n>', 'how much of each file', numberFrom(0.1), 10)
  .option('--only <text>', 'only files with that in their names', '')
  .option('--json', 'a line of JSON for each file and door, instead of a table')
  .option('--generate', 'only makes files in FOLDER: what ffmpeg, and GStreamer where there is one, can write here')
  .addHelpText('after', EXPLANATION)
  .parse();
/** @type {{ door: string[], jobs: number, seconds: number, only: string, json?: true, generate?: true }} */
const { door: doors, jobs, seconds, only, json, generate: isGenerating } = line.opts();
const folder = resolve(line.args[0] ?? '');
if (isGenerating) {
  await generate(folder, { jobs, only, say: console.error });
  process.exit(0);
}
await build(console.error);
const work = workFolder('try');
const relay = await startQuietRelay({ hold: 500 });
const files = filesIn(folder).filter((path) => path.includes(only));
if (!json) console.log(TABLE_HEAD);
let wrong = 0;
let next = 0;
await Promise.all(Array.from({ length: jobs }, async () => {
  for (let at = next++; at < files.length; at = next++) await tryFile(/** @type {string} */ (files[at]), at);
}));
await relay.close();
if (!json) console.log(`\n${files.length} files, ${wrong} WRONG`);
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
  if (json) for (const result of results) console.log(JSON.stringify({ file: name, in: description, ...result }));
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
