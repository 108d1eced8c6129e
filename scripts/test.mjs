#!/usr/bin/env node
// Installs what is missing and runs all checks and tests but the long ones, or the named steps: npm test -- unit e2e
// With --busy two other programs keep the processor busy meanwhile: npm test -- --busy e2e
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBusyLoops } from './busy.mjs';
import { endWithNpm } from './end-with-npm.mjs';
import { installMissing } from './install.mjs';
import { filesOfLongTests, isLong, LONG, NOT_LONG } from './long-tests.mjs';
import { prepareMachine } from './machine.mjs';
import { build } from './parts.mjs';
import { run } from './run.mjs';
import { readResults } from './test-results.mjs';

/** How long a check and a suite may take, ms: several times what they take on a small machine that is busy. */
const CHECK_LIMIT = 20 * 60_000;
const SUITE_LIMIT = 60 * 60_000;
/** How long jest may take to end once the last test has, ms. */
const EXIT_TIME = 60_000;

/** Asks for busy loops. */
const BUSY = '--busy';

const TSC = 'node_modules/typescript/bin/tsc';
const ESLINT = 'node_modules/eslint/bin/eslint.js';
const DEPCRUISE = 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs';
const JEST = 'node_modules/jest/bin/jest.js';

/** Where jest keeps what it has compiled, so that a second run is quicker. */
const CACHE = 'node_modules/.cache/jest';

/** In order. A step that fails throws what is wrong. All but the last are run where none is named. */
const STEPS = new Map([
  ['types', () => checkTypes('tsconfig.json', 'player/tsconfig.json', 'test/tsconfig.json')],
  ['lint', () => check(ESLINT, '.')],
  ['imports', () => check(DEPCRUISE, 'src', 'player', '--config', '.dependency-cruiser.cjs')],
  ['build', () => build(say)],
  ['unit', () => suite('unit')],
  // Most of their time they wait for media in real time.
  ['e2e', () => suite('e2e', '--maxWorkers=4')],
  // No more at a time: their audiences must not lag for want of a processor.
  ['security', () => suite('security', '--maxWorkers=2')],
  ['browser', () => suite('browser', '--maxWorkers=2')],
  ['long', () => jest('long', isLong, '--maxWorkers=2', '--testNamePattern', LONG, '--runTestsByPath', ...filesOfLongTests())],
]);
/** The steps that run side by side: they only read, and each keeps one core busy. */
const CHECKS = ['types', 'lint', 'imports'];
/** The steps that run the built program, with ffmpeg and Chromium. */
const USE_PROGRAM = ['e2e', 'security', 'browser', 'long'];

const work = mkdtempSync(join(tmpdir(), 'sluice-results-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
const results = { passed: 0, failed: 0, skipped: /** @type {string[]} */ ([]), retried: /** @type {string[]} */ ([]), left: 0 };
/** How each step went, in a line. @type {string[]} */
const report = [];

endWithNpm();
const given = process.argv.slice(2);
const named = given.filter((word) => word !== BUSY);
const unknown = named.find((name) => !STEPS.has(name));
if (unknown === undefined) {
  const loops = given.includes(BUSY) ? startBusyLoops() : [];
  await main(named);
  for (const loop of loops) loop.kill();
} else fail(`There is no step "${unknown}": it must be one of ${[...STEPS.keys()].join(', ')}, with or without ${BUSY}`);

/**
 * Goes on after a failure, so that one run reports all that is wrong.
 * @param {readonly string[]} names None: all steps but the long tests.
 */
async function main(names) {
  const wanted = new Set(names.length === 0 ? [...STEPS.keys()].filter((name) => name !== 'long') : names);
  const useProgram = USE_PROGRAM.some((name) => wanted.has(name));
  if (useProgram) wanted.add('build');
  const ready = await perform('prepare', async () => {
    await installMissing(say);
    if (useProgram) await prepareMachine(say);
  });
  if (ready) await Promise.all(CHECKS.filter((name) => wanted.has(name)).map((name) => perform(name)));
  let built = true;
  for (const name of STEPS.keys()) {
    if (!ready || !wanted.has(name) || CHECKS.includes(name)) continue;
    if (!built && USE_PROGRAM.includes(name)) report.push(`${name.padEnd(8)} not run, since the build failed`);
    else if (!(await perform(name)) && name === 'build') built = false;
  }
  say(summary());
}

/**
 * Runs a step and notes how it went. One that fails without a failed test counts as one.
 * @param {string} name
 * @param {(() => Promise<void>) | undefined} step
 * @returns {Promise<boolean>}
 */
async function perform(name, step = STEPS.get(name)) {
  say(`\n── ${name}`);
  const since = performance.now();
  const failedBefore = results.failed;
  /** @type {string | undefined} */
  const problem = await step?.().then(() => undefined, (/** @type {unknown} */ error) => (error instanceof Error ? error.message : String(error)));
  // Checks run side by side, and count no tests.
  if (problem !== undefined && (CHECKS.includes(name) || results.failed === failedBefore)) results.failed += 1;
  if (problem !== undefined) process.exitCode = 1;
  const line = `${name.padEnd(8)} ${((performance.now() - since) / 1_000).toFixed(1).padStart(6)} s  ${problem === undefined ? 'passed' : `FAILED: ${problem}`}`;
  report.push(line);
  say(line);
  return problem === undefined;
}

/** @param {string[]} projects */
async function checkTypes(...projects) {
  for (const project of projects) await check(TSC, '-p', project, '--noEmit');
}

/** @param {string[]} args */
async function check(...args) {
  const { ok, problem, output } = await run(process.execPath, args, { limit: CHECK_LIMIT, collect: true });
  if (output !== '') say(output.trimEnd());
  if (!ok) throw new Error(problem ?? 'see above');
}

/**
 * Runs a project of jest.config.js, but its long tests.
 * @param {string} project
 * @param {string[]} flags
 */
function suite(project, ...flags) {
  return jest(project, (name) => !isLong(name), ...flags, '--testNamePattern', NOT_LONG, '--selectProjects', project);
}

/**
 * @param {string} name Of the step.
 * @param {(test: string) => boolean} isMeant Whether it is to run the test of that name.
 * @param {string[]} flags
 */
async function jest(name, isMeant, ...flags) {
  const file = join(work, `${name}.json`);
  const hang = new AbortController();
  /** @type {number | undefined} */
  let endedAt;
  // jest writes its results when the last test has ended.
  const look = setInterval(() => {
    if (existsSync(file)) endedAt ??= performance.now();
    if (endedAt !== undefined && performance.now() - endedAt > EXIT_TIME) hang.abort('all tests have ended, but something that one of them left open keeps jest from ending');
  }, 500);
  const args = [JEST, '--ci', '--json', `--outputFile=${file}`, `--cacheDirectory=${CACHE}`, ...flags];
  // What tests leave in the folder for temporary files goes with the results.
  const { ok, problem } = await run(process.execPath, args, { limit: SUITE_LIMIT, cut: hang.signal, env: { ...process.env, TMPDIR: work } });
  clearInterval(look);
  const { passed, failed, skipped, retried, left } = readResults(file, isMeant) ?? { passed: 0, failed: 0, skipped: [], retried: [], left: 0 };
  results.passed += passed;
  results.failed += failed;
  results.skipped.push(...skipped);
  results.retried.push(...retried);
  if (name !== 'long') results.left += left;
  if (!ok) throw new Error(problem ?? (failed > 0 ? `${failed} of its tests` : 'see above'));
}

/** The last line is for machines: passed, failed and skipped tests. */
function summary() {
  const { passed, failed, skipped, retried, left } = results;
  const uncovered = skipped.length === 0 ? [] : ['Not covered on this machine:', ...skipped.map((test) => `  ${test}`), ''];
  const again = retried.length === 0 ? [] : ['Passed only at the second try; the first error is above:', ...retried.map((test) => `  ${test}`), ''];
  const notRun = left === 0 ? [] : [`Not run: ${left} long tests, which "npm run test:long" runs`, ''];
  return ['', ...uncovered, ...again, ...notRun, ...report, '', `${passed} passed, ${failed} failed${skipped.length === 0 ? '' : `, ${skipped.length} skipped`}`].join('\n');
}

/** @param {string} line */
function say(line) {
  console.log(line);
}

/** @param {string} line */
function fail(line) {
  console.error(line);
  process.exitCode = 1;
}
