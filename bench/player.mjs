#!/usr/bin/env node
// Measures how the player begins, comes back and bears what it is put through: npm run bench:player -- --help
/* global document, Event, MutationObserver -- of the pages that it opens */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { endWithThis, ServerProcess } from './servers/server-process.mjs';
import { quantile, slopeOf } from './report/statistics.mjs';
import { row, table, verdict } from './report/table.mjs';
import { UnsteadyLink } from './links/unsteady-link.mjs';
import { build } from '../scripts/parts.mjs';
import { findChromium, findFfmpeg, ROOT } from '../scripts/programs.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {{ at: number, buffer: number, target: number, latency: number, stalls: number, seeks: number, skips: number, frames: number }} Look */

const PARTS = ['start', 'hidden', 'blocked', 'throttle', 'jitter', 'memory'];
const HELP = `npm run bench:player -- [options]

  --only a,b     of ${PARTS.join(', ')} (all)
  --rounds N     how often a start and a block are measured (5); the rest, up to 3 times
  --hidden N     seconds in a hidden tab (30)
  --minutes N    how long memory and drift are watched (10)
`;
const GOPS = /** @type {const} */ ([1, 4, 10]);
const FRAME_RATE = 30;
/** First frame after opening the socket by GOP, and the live edge after that, ms. */
const FIRST_FRAME = { 1: 250, 4: 250, 10: 600 };
const EDGE_AFTER = 500;
/** Back from a hidden tab, ms. */
const BACK = 300;
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
/** So near to what it wants to hold, a player is at the live edge, s. */
const LIVE = 0.15;
/** How much latency and memory may grow over 10 minutes, ms and MB. */
const DRIFT = 20;
const GROWTH = 1;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: PARTS.join(',') },
    rounds: { type: 'string', default: '5' },
    hidden: { type: 'string', default: '30' },
    minutes: { type: 'string', default: '10' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  console.log(HELP);
  process.exit(0);
}
const parts = new Set(options.only.split(','));
const rounds = Number(options.rounds);
/** Of what takes long. */
const fewRounds = Math.min(rounds, 3);

await build(console.log);
const server = await ServerProcess.start([process.execPath, join(ROOT, 'bin', 'sluice.js'), 'serve', '--no-supervise', '--port', '0', '--no-demo'], { core: undefined });
const { path, env } = await findChromium();
const browser = await chromium.launch({
  executablePath: path,
  args: ['--disable-gpu', '--autoplay-policy=no-user-gesture-required', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  env: { ...process.env, ...env },
});
try {
  console.log(`Node ${process.version}, Chromium ${browser.version()}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, load ${loadavg()[0]?.toFixed(1)}`);
  if (parts.has('start')) await starts();
  publish('cam', GOP);
  await isLive('cam');
  if (parts.has('hidden')) await hidden();
  if (parts.has('blocked')) await blocked();
  if (parts.has('throttle')) await throttled();
  if (parts.has('jitter')) await jittery();
  if (parts.has('memory')) await remembered();
} finally {
  await browser.close();
  await server.stop();
}
process.exit();

async function starts() {
  table(`From opening the socket to the first frame, ms: ${rounds} starts each`, ['GOP', 'p50', 'most', 'to the live edge, p50', 'decoded up to it, frames a second']);
  /** @type {(() => void)[]} */
  const verdicts = [];
  for (const gop of GOPS) {
    const name = `gop${gop}`;
    const publisher = publish(name, gop);
    await isLive(name);
    await seconds(gop + 1);
    /** @type {number[]} */
    const firsts = [];
    const lives = [];
    const rates = [];
    for (let round = 0; round < rounds; round++) {
      // Anywhere in a GOP.
      await seconds((gop * round) / rounds);
      const page = await open(`/watch/${name}`);
      const { opened, first, time, live } = await page.evaluate(
        (near) =>
          /** @type {Promise<{ opened: number, first: number, time: number, live: number }>} */ (
            new Promise((resolve) => {
              const state = /** @type {any} */ (globalThis).bench;
              const looking = setInterval(() => {
                const { first, live } = state;
                if (first === undefined) return;
                const { buffer, target } = state.video.stats;
                if (live === undefined && buffer - target < near) state.live = performance.now();
                if (state.live === undefined && performance.now() < first + 20_000) return;
                clearInterval(looking);
                resolve({ opened: state.opened, first, time: state.time, live: state.live ?? NaN });
              }, 10);
            })
          ),
        LIVE,
      );
      firsts.push(first - opened);
      lives.push(live - opened);
      // The stream begins at 0, with a keyframe.
      rates.push((((time % gop) * FRAME_RATE) / (first - opened)) * 1000);
      await page.context().close();
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
  const page = await open('/watch/cam', { muted: true });
  const times = [];
  for (let round = 0; round < fewRounds; round++) {
    await settle(page, 3);
    await hide(page);
    await seconds(Number(options.hidden));
    times.push(
      await page.evaluate(() => {
        const { cover } = /** @type {any} */ (globalThis).bench;
        const begun = performance.now();
        return /** @type {Promise<number>} */ (
          new Promise((resolve) => {
            new MutationObserver(() => resolve(performance.now() - begun)).observe(cover(), { attributes: true });
            Object.defineProperty(document, 'hidden', { configurable: true, value: false });
            document.dispatchEvent(new Event('visibilitychange'));
          })
        );
      }),
    );
  }
  await page.context().close();
  table(`Back from ${options.hidden} s in a hidden tab`, ['until the picture is fresh and shown, ms, p50', 'most']);
  row(ms(quantile(times, 0.5)), ms(Math.max(...times)));
  console.log();
  atMost('Back from a hidden tab', quantile(times, 0.5), BACK);
}

async function blocked() {
  const page = await open('/watch/cam');
  await settle(page, SETTLE);
  table(`The page's main thread blocked for 2 s, ${rounds} times`, ['stalls', 'frames a second', 'seeks']);
  const stalls = [];
  for (let round = 0; round < rounds; round++) {
    const before = await look(page);
    await page.evaluate(() => {
      for (const end = performance.now() + 2_000; performance.now() < end; );
    });
    await seconds(2);
    const after = await look(page);
    stalls.push(after.stalls - before.stalls);
    row(String(after.stalls - before.stalls), (((after.frames - before.frames) / (after.at - before.at)) * 1000).toFixed(1), String(after.seeks - before.seeks));
  }
  await tellStalls(page);
  await page.context().close();
  noStall('Blocked for 2 s', stalls);
}

async function throttled() {
  table(`Throttled to ${SHARE * 100} % of the bitrate for ${THROTTLED} s, GOP ${GOP} s`, ['latency before, s', 'most, s', 'skips', 'live again after, s']);
  const mosts = [];
  const backs = [];
  for (let round = 0; round < fewRounds; round++) {
    const link = await UnsteadyLink.open(server.port);
    const page = await open('/watch/cam', { port: link.port });
    await settle(page, SETTLE);
    const { latency: usual, bitrate } = await look(page);
    link.rate = (bitrate / 8) * SHARE;
    const slow = await watchFor(page, THROTTLED);
    link.rate = 1e9;
    const freed = performance.now();
    let back = NaN;
    const after = await watchFor(page, 15, ({ latency, buffer, target }) => {
      if (Number.isNaN(back) && buffer - target < LIVE && latency < usual + 0.5) back = performance.now() - freed;
    });
    await page.context().close();
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
    const link = await UnsteadyLink.open(server.port);
    link.jitter = JITTER;
    const page = await open('/watch/cam', { port: link.port });
    await settle(page, SETTLE);
    const looks = await watchFor(page, STEADY);
    const [first, last] = [looks[0], looks.at(-1)];
    const latencies = looks.map(({ latency }) => latency * 1000);
    stalls.push((last?.stalls ?? 0) - (first?.stalls ?? 0));
    row(String(stalls.at(-1)), String((last?.seeks ?? 0) - (first?.seeks ?? 0)), ms(quantile(latencies, 0.5)), ms(quantile(latencies, 0.95)));
    await tellStalls(page);
    await page.context().close();
    await link.close();
  }
  noStall('Jitter, once settled', stalls);
}

async function remembered() {
  const minutes = Number(options.minutes);
  const page = await open('/watch/cam');
  const devtools = await page.context().newCDPSession(page);
  table('The page over time', ['minute', 'JavaScript heap after collection, MB', 'media held, s', 'latency p50, ms', 'stalls']);
  const points = [];
  const heaps = [];
  await settle(page, SETTLE);
  for (let minute = 0; minute <= minutes; minute++) {
    const looks = await watchFor(page, minute === 0 ? 5 : 60, undefined, 1);
    if (minute > 0) points.push(...looks.map(({ at, latency }) => ({ x: at / 60_000, y: latency * 1000 })));
    await devtools.send('HeapProfiler.collectGarbage');
    const { usedSize } = /** @type {{ usedSize: number }} */ (await devtools.send('Runtime.getHeapUsage'));
    // What was never collected before isn't what grows.
    if (minute > 0) heaps.push({ x: minute, y: usedSize / 1e6 });
    const held = await page.evaluate(() => {
      const { buffered } = /** @type {any} */ (globalThis).bench.video;
      return buffered.end(buffered.length - 1) - buffered.start(0);
    });
    const { stalls } = await look(page);
    row(String(minute), (usedSize / 1e6).toFixed(1), held.toFixed(0), ms(quantile(looks.map(({ latency }) => latency * 1000), 0.5)), String(stalls));
  }
  await tellStalls(page);
  await page.context().close();
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
 * @param {Page} page
 */
async function tellStalls(page) {
  const stalls = await page.evaluate(() => /** @type {any} */ (globalThis).bench.waits);
  if (stalls.length === 0) return;
  console.log('\nStood still at:');
  for (const { at, rate, buffer, held, target, quiet } of stalls) {
    console.log(`- ${(at / 1000).toFixed(1)} s: ${ms(buffer * 1000)} ms ahead of the picture, ${ms(held * 1000)} ms by the browser, target ${ms(target * 1000)} ms, at ×${rate.toFixed(2)}, ${ms(quiet)} ms after frames came last`);
  }
}

/**
 * Opens a page that plays, and notes what happens.
 * @param {string} src
 * @param {{ port?: number, muted?: boolean }} [how]
 */
async function open(src, { port = server.port, muted = false } = {}) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.addScriptTag({ type: 'module', url: '/player/sluice-video.js' });
  await page.evaluate(
    ([address, silent]) => {
      const video = /** @type {any} */ (document.createElement('sluice-video'));
      const bench = /** @type {any} */ ({ video, opened: performance.now(), cover: () => video.shadowRoot.querySelector('[part="cover"]') });
      Object.assign(globalThis, { bench });
      video.muted = silent;
      video.setAttribute('autoplay', '');
      video.setAttribute('src', address);
      document.body.append(video);
      bench.waits = [];
      video.nativeEl.addEventListener('waiting', () => {
        const { buffered, currentTime } = video;
        if (video.stats === undefined || buffered.length === 0 || video.nativeEl.seeking) return;
        const at = performance.now();
        bench.waits.push({ at, rate: video.playbackRate, buffer: video.stats.buffer, target: video.stats.target, held: buffered.end(buffered.length - 1) - currentTime, quiet: at - (bench.shown ?? NaN) });
      });
      const note = () => {
        bench.shown = performance.now();
        video.nativeEl.requestVideoFrameCallback(note);
      };
      note();
      video.nativeEl.requestVideoFrameCallback((/** @type {number} */ _, /** @type {{ mediaTime: number }} */ { mediaTime }) => {
        bench.first = performance.now();
        bench.time = mediaTime;
      });
    },
    /** @type {const} */ ([src, muted]),
  );
  return page;
}

/**
 * @param {Page} page
 * @returns {Promise<Look & { bitrate: number }>}
 */
function look(page) {
  return page.evaluate(() => ({ ...(/** @type {any} */ (globalThis).bench.video.stats), at: performance.now() }));
}

/**
 * Waits until it plays, and so many seconds more.
 * @param {Page} page
 * @param {number} time
 */
async function settle(page, time) {
  await page.waitForFunction(() => /** @type {any} */ (globalThis).bench.video.state === 'live');
  await seconds(time);
}

/**
 * Looks again and again, ten times a second.
 * @param {Page} page
 * @param {number} time s.
 * @param {(look: Look) => void} [each]
 * @param {number} [pause] Between two looks, s.
 */
async function watchFor(page, time, each, pause = 0.1) {
  const looks = [];
  for (const end = performance.now() + time * 1000; performance.now() < end; await seconds(pause)) {
    const now = await look(page);
    looks.push(now);
    each?.(now);
  }
  return looks;
}

/**
 * Tells the page that nobody sees it: headless Chromium hides no tab by itself.
 * @param {Page} page
 */
function hide(page) {
  return page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { configurable: true, value: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
}

/**
 * Publishes a test picture with sound, a fragment a frame.
 * @param {string} name
 * @param {number} gop s.
 */
function publish(name, gop) {
  const program = findFfmpeg();
  if (program === undefined) throw new Error('Cannot find ffmpeg: install it, or name it in FFMPEG_PATH');
  const inputs = ['-re', '-f', 'lavfi', '-i', `testsrc2=size=640x360:rate=${FRAME_RATE}`, '-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'];
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', String(gop * FRAME_RATE), '-b:v', '1M', '-c:a', 'aac'];
  const output = ['-movflags', '+frag_every_frame+empty_moov+default_base_moof', '-f', 'mp4', '-flush_packets', '1', `http://127.0.0.1:${server.port}/publish/${name}`];
  const child = spawn(program.path, ['-hide_banner', '-nostdin', '-loglevel', 'error', ...inputs, ...codecs, ...output], { stdio: ['ignore', 'ignore', 'inherit'] });
  endWithThis(child);
  return child;
}

/** @param {string} name */
async function isLive(name) {
  for (;;) {
    const { streams } = /** @type {{ streams: { name: string, state: string }[] }} */ (await (await fetch(`http://127.0.0.1:${server.port}/api/streams`)).json());
    if (streams.some((stream) => stream.name === name && stream.state === 'live')) return;
    await seconds(0.1);
  }
}

/** @param {number} time */
function seconds(time) {
  return new Promise((resolve) => setTimeout(resolve, time * 1000));
}

/** @param {number} value */
function ms(value) {
  return value.toFixed(0);
}
