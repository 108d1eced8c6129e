#!/usr/bin/env node
// Measures how the player begins, comes back and bears what it is put through: npm run bench:player -- --help
import { Option } from 'commander';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { commandLine, namesOf, numberFrom, wholeFrom } from '../scripts/command-line.mjs';
import { launchChromium } from './clients/chromium.mjs';
import { UnsteadyLink } from './links/unsteady-link.mjs';
import { printFacts, RELAY, relayFolder } from './machine/set-up.mjs';
import { LIVE, PlayerPage } from './player/player-page.mjs';
import { FRAME_RATE, publishTestPicture } from './player/test-picture.mjs';
import { ms } from './report/format.mjs';
import { quantile, slopeOf } from './report/statistics.mjs';
import { row, table, verdict } from './report/table.mjs';
import { ServerProcess } from './servers/server-process.mjs';

/** What is measured of one stream, in this order, after the starts. */
const PARTS = new Map([
  ['hidden', hidden],
  ['blocked', blocked],
  ['throttle', throttled],
  ['jitter', jittery],
  ['memory', remembered],
]);
const NAMES = ['start', ...PARTS.keys()];
const GOPS = /** @type {const} */ ([1, 4, 10]);
/** First frame after opening the socket by GOP, and the live edge after that, ms. */
const FIRST_FRAME = { 1: 250, 4: 250, 10: 600 };
const EDGE_AFTER = 500;
/** Back from a hidden tab, ms. */
const BACK = 300;
/** How long the page is blocked, ms. */
const BLOCKED = 2_000;
/** What a player is given to settle, s. */
const SETTLE = 15;
/** What a throttled link lets through, of what the stream needs, and for how long, s. */
const SHARE = 0.8;
const THROTTLED = 30;
/** The limit of the relay's flow control, s, and the GOP that is published. */
const LIMIT = 2;
const GOP = 1;
/** The jitter of an unsteady link, ms, and how long stalls are counted on it, s. */
const JITTER = 200;
const STEADY = 30;
/** How much latency and memory may grow over 10 minutes, ms and MB. */
const DRIFT = 20;
const GROWTH = 1;

/** @type {{ only: string[], rounds: number, hidden: number, minutes: number, relay?: string }} */
const options = commandLine('bench:player', 'Measures how the player begins, comes back and bears what it is put through.')
  .addOption(new Option('--only <a,b>', `of ${NAMES.join(', ')}`).argParser(namesOf(NAMES)).default(NAMES, 'all'))
  .option('--rounds <n>', 'how often a start and a block are measured; the rest, up to 3 times', wholeFrom(1), 5)
  .option('--hidden <n>', 'seconds in a hidden tab', numberFrom(0), 30)
  .option('--minutes <n>', 'how long memory and drift are watched', wholeFrom(1), 10)
  .addOption(RELAY)
  .parse()
  .opts();
const { rounds } = options;
/** Of what takes long. */
const fewRounds = Math.min(rounds, 3);

const root = await relayFolder(options.relay);
const server = await ServerProcess.start([process.execPath, join(root, 'bin', 'sluice.js'), 'serve', '--no-supervise', '--port', '0', '--no-demo'], { core: undefined });
const browser = await launchChromium();
printFacts(`Chromium ${browser.version()}`);
const { port } = server;
if (options.only.includes('start')) await starts();
if (options.only.some((name) => PARTS.has(name))) await publishTestPicture(port, 'cam', GOP);
for (const [name, measure] of PARTS) if (options.only.includes(name)) await measure();
await browser.close();
await server.stop();
process.exit();

async function starts() {
  table(`From opening the socket to the first frame, ms: ${rounds} starts each`, ['GOP', 'p50', 'most', 'to the live edge, p50', 'decoded up to it, frames a second']);
  /** @type {(() => void)[]} */
  const verdicts = [];
  for (const gop of GOPS) {
    const name = `gop${gop}`;
    const publisher = await publishTestPicture(port, name, gop);
    await seconds(gop + 1);
    /** @type {number[]} */
    const firsts = [];
    const lives = [];
    const rates = [];
    for (let round = 0; round < rounds; round++) {
      // Anywhere in a GOP.
      await seconds((gop * round) / rounds);
      const page = await PlayerPage.open(browser, name, { port });
      const { first, live, time } = await page.started();
      firsts.push(first);
      lives.push(live);
      // The stream begins at 0, with a keyframe.
      rates.push((((time % gop) * FRAME_RATE) / first) * 1000);
      await page.close();
    }
    publisher.kill();
    row(`${gop} s`, ms(quantile(firsts, 0.5)), ms(Math.max(...firsts)), ms(quantile(lives, 0.5)), ms(quantile(rates, 0.5)));
    const first = quantile(firsts, 0.5);
    const after = quantile(
      lives.map((live, i) => live - (firsts[i] ?? NaN)),
      0.5,
    );
    verdicts.push(() => atMost(`GOP ${gop} s, first frame`, first, FIRST_FRAME[gop]));
    verdicts.push(() => atMost(`GOP ${gop} s, at the live edge after that`, after, EDGE_AFTER));
  }
  console.log();
  for (const tell of verdicts) tell();
}

async function hidden() {
  const page = await PlayerPage.open(browser, 'cam', { port, muted: true });
  const times = [];
  for (let round = 0; round < fewRounds; round++) {
    await page.settle(3);
    await page.hide();
    await seconds(options.hidden);
    times.push(await page.show());
  }
  await page.close();
  table(`Back from ${options.hidden} s in a hidden tab`, ['until the picture is fresh and shown, ms, p50', 'most']);
  row(ms(quantile(times, 0.5)), ms(Math.max(...times)));
  console.log();
  atMost('Back from a hidden tab', quantile(times, 0.5), BACK);
}

async function blocked() {
  const page = await PlayerPage.open(browser, 'cam', { port });
  await page.settle(SETTLE);
  table(`The page's main thread blocked for ${BLOCKED / 1000} s, ${rounds} times`, ['stalls', 'frames a second', 'seeks']);
  const stalls = [];
  for (let round = 0; round < rounds; round++) {
    const before = await page.look();
    await page.block(BLOCKED);
    await seconds(2);
    const after = await page.look();
    stalls.push(after.stalls - before.stalls);
    row(String(after.stalls - before.stalls), (((after.frames - before.frames) / (after.at - before.at)) * 1000).toFixed(1), String(after.seeks - before.seeks));
  }
  await tellStalls(page);
  await page.close();
  noStall(`Blocked for ${BLOCKED / 1000} s`, stalls);
}

async function throttled() {
  table(`Throttled to ${SHARE * 100} % of the bitrate for ${THROTTLED} s, GOP ${GOP} s`, ['latency before, s', 'most, s', 'skips', 'live again after, s']);
  const mosts = [];
  const backs = [];
  for (let round = 0; round < fewRounds; round++) {
    const link = await UnsteadyLink.open(port);
    const page = await PlayerPage.open(browser, 'cam', { port: link.port });
    await page.settle(SETTLE);
    const { latency: usual, bitrate } = await page.look();
    link.rate = (bitrate / 8) * SHARE;
    const slow = await page.watchFor(THROTTLED);
    link.rate = 1e9;
    const freed = performance.now();
    let back = NaN;
    const after = await page.watchFor(15, ({ latency, buffer, target }) => {
      if (Number.isNaN(back) && buffer - target < LIVE && latency < usual + 0.5) back = performance.now() - freed;
    });
    await page.close();
    await link.close();
    const most = Math.max(...slow.map(({ latency }) => latency));
    mosts.push(most * 1000);
    backs.push(back);
    row(usual.toFixed(2), most.toFixed(2), String(after.at(-1)?.skips ?? 0), (back / 1000).toFixed(2));
  }
  console.log();
  atMost('Throttled, never further behind', Math.max(...mosts), (LIMIT / SHARE + GOP + 1) * 1000);
  atMost('Freed, live again', quantile(backs, 0.5), (GOP + 1) * 1000);
}

async function jittery() {
  table(`Jitter of 0 to ${JITTER} ms, ${STEADY} s after ${SETTLE} s`, ['stalls', 'seeks', 'latency p50, ms', 'p95']);
  const stalls = [];
  for (let round = 0; round < fewRounds; round++) {
    const link = await UnsteadyLink.open(port);
    link.jitter = JITTER;
    const page = await PlayerPage.open(browser, 'cam', { port: link.port });
    await page.settle(SETTLE);
    const looks = await page.watchFor(STEADY);
    const [first, last] = [looks[0], looks.at(-1)];
    const latencies = looks.map(({ latency }) => latency * 1000);
    stalls.push((last?.stalls ?? 0) - (first?.stalls ?? 0));
    row(String(stalls.at(-1)), String((last?.seeks ?? 0) - (first?.seeks ?? 0)), ms(quantile(latencies, 0.5)), ms(quantile(latencies, 0.95)));
    await tellStalls(page);
    await page.close();
    await link.close();
  }
  noStall('Jitter, once settled', stalls);
}

async function remembered() {
  const { minutes } = options;
  const page = await PlayerPage.open(browser, 'cam', { port });
  const measureHeap = await page.heapMeter();
  table('The page over time', ['minute', 'JavaScript heap after collection, MB', 'media held, s', 'latency p50, ms', 'stalls']);
  const points = [];
  const heaps = [];
  await page.settle(SETTLE);
  for (let minute = 0; minute <= minutes; minute++) {
    const looks = await page.watchFor(minute === 0 ? 5 : 60, undefined, 1);
    if (minute > 0) points.push(...looks.map(({ at, latency }) => ({ x: at / 60_000, y: latency * 1000 })));
    const heap = (await measureHeap()) / 1e6;
    // What was never collected before isn't what grows.
    if (minute > 0) heaps.push({ x: minute, y: heap });
    const held = await page.held();
    const { stalls } = await page.look();
    row(String(minute), heap.toFixed(1), held.toFixed(0), ms(quantile(looks.map(({ latency }) => latency * 1000), 0.5)), String(stalls));
  }
  await tellStalls(page);
  await page.close();
  const [drift, growth] = [slopeOf(points) * 10, slopeOf(heaps) * 10];
  console.log();
  verdict(`Drift over 10 minutes < ${DRIFT} ms`, Math.abs(drift) < DRIFT, `${ms(drift)} ms`);
  if (minutes > 2) verdict(`Heap over 10 minutes, growth < ${GROWTH} MB`, growth < GROWTH, `${growth.toFixed(2)} MB`);
}

/**
 * @param {string} what
 * @param {number} found ms.
 * @param {number} most ms.
 */
function atMost(what, found, most) {
  verdict(`${what} ≤ ${ms(most)} ms`, found <= most, `${ms(found)} ms`);
}

/**
 * @param {string} what
 * @param {readonly number[]} stalls Of each round.
 */
function noStall(what, stalls) {
  console.log();
  verdict(`${what}, no stall`, quantile(stalls, 0.5) === 0, `median ${quantile(stalls, 0.5)}, in all ${stalls.reduce((sum, count) => sum + count, 0)} of ${stalls.length} rounds`);
}

/**
 * Prints what the player had each time it stood still.
 * @param {PlayerPage} page
 */
async function tellStalls(page) {
  const stalls = await page.waits();
  if (stalls.length === 0) return;
  console.log('\nStood still at:');
  for (const { at, rate, buffer, held, target, quiet } of stalls) {
    console.log(`- ${(at / 1000).toFixed(1)} s: ${ms(buffer * 1000)} ms ahead of the picture, ${ms(held * 1000)} ms by the browser, target ${ms(target * 1000)} ms, at ×${rate.toFixed(2)}, ${ms(quiet)} ms after frames came last`);
  }
}

/** @param {number} time */
function seconds(time) {
  return wait(time * 1000);
}
