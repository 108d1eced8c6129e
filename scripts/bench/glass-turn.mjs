import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ROOT } from '../programs.mjs';
import { libraryFile } from './glass-contestants.mjs';
import { GlassCamera } from './glass-camera.mjs';
import { HEIGHT, WIDTH } from './glass-clock.mjs';
import { median, quantile, slopeOf } from './statistics.mjs';

/** @typedef {import('./glass-contestants.mjs').GlassContestant} GlassContestant */
/** @typedef {import('./glass-meter.mjs').Seen} Seen */

/**
 * What a turn has given, times in ms.
 * @typedef {object} GlassTurn
 * @property {number} p50
 * @property {number} p95
 * @property {number} stalls How often the player had nothing left to play.
 * @property {number} freeze The longest time between two frames that were presented.
 * @property {number} frames How many were captured.
 * @property {number} dropped Frames that were captured and not seen.
 * @property {number} drift How much the latency grew from the beginning to the end.
 * @property {number} load How much of all processors was in use, by whatever, 0 to 1.
 */

const SCRIPTS = join(ROOT, 'scripts', 'bench');
/** The folder of the page, which exists only in the browser: no server has to serve it. */
const FOLDER = '/glass/';
const LIBRARY = 'library.js';
/** How long a player may take for its first frames, ms, and how many they are. */
const START_LIMIT = 30_000;
const FIRST = 5;
/** The camera runs so long before somebody watches, ms. */
const LEAD = 1_000;

/**
 * Lets one player show the camera for a while.
 * @param {object} options
 * @param {GlassContestant} options.contestant
 * @param {import('./server-process.mjs').ServerProcess} options.server
 * @param {import('playwright-core').Browser} options.browser
 * @param {string} options.folder The server's.
 * @param {string} options.stream A name that is new.
 * @param {number} options.warm Until then nothing counts, ms.
 * @param {number} options.seconds
 * @returns {Promise<GlassTurn>}
 */
export async function takeTurn({ contestant, server, browser, folder, stream, warm, seconds }) {
  const { sound, player, target, watch, output } = contestant;
  const camera = new GlassCamera({ sound, output: output({ port: server.port, folder, stream }) });
  // Since no server gave the page, Chromium doesn't know that it is of this machine.
  const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT }, permissions: ['local-network-access'] });
  try {
    /** @type {string[]} */
    const problems = [];
    page.on('pageerror', ({ message }) => problems.push(message));
    await wait(LEAD);
    await openPage(page, `http://127.0.0.1:${server.port}`, libraryFile(contestant));
    await page.evaluate(`glass.start(${JSON.stringify({ player, url: watch(stream), sound, target })})`);
    await page.waitForFunction(`glass.meter.count >= ${FIRST}`, undefined, { timeout: START_LIMIT }).catch(() => {
      camera.check();
      throw new Error(`It shows nothing: ${problems.join('; ')}`);
    });
    await wait(warm);
    const before = { frames: camera.frames, processors: processorTime() };
    await page.evaluate('glass.meter.begin()');
    await wait(seconds * 1000);
    const seen = /** @type {Seen} */ (await page.evaluate('glass.meter.end()'));
    camera.check();
    return summary(seen, { frames: camera.frames - before.frames, load: loadSince(before.processors) });
  } finally {
    await page.close();
    await camera.stop();
  }
}

/**
 * Opens the page at a server's own origin, so that it may talk to it, though the server doesn't know it.
 * @param {import('playwright-core').Page} page
 * @param {string} origin
 * @param {string | undefined} library
 */
async function openPage(page, origin, library) {
  await page.route(`${origin}${FOLDER}*`, (route) => {
    const name = new URL(route.request().url()).pathname.slice(FOLDER.length);
    if (name === '') return route.fulfill({ contentType: 'text/html', body: pageWith(library !== undefined) });
    return route.fulfill({ contentType: 'text/javascript', path: name === LIBRARY && library !== undefined ? library : join(SCRIPTS, name) });
  });
  await page.goto(`${origin}${FOLDER}`);
  await page.waitForFunction('globalThis.glass');
  // What is intercepted comes later: the players' own requests are left alone.
  await page.unroute(`${origin}${FOLDER}*`);
}

/** @param {boolean} withLibrary */
function pageWith(withLibrary) {
  return `<!doctype html>
<meta charset="utf-8">
<title>Latency</title>
<link rel="icon" href="data:,">
<style>body { margin: 0 } body > * { display: block; width: ${WIDTH}px; height: ${HEIGHT}px }</style>
${withLibrary ? `<script src="${LIBRARY}"></script>` : ''}
<script type="module" src="glass-page.mjs"></script>
<body></body>`;
}

/**
 * @param {Seen} seen
 * @param {{ frames: number, load: number }} camera
 * @returns {GlassTurn}
 */
function summary({ sights, stalls, unreadable }, { frames, load }) {
  if (sights.length < FIRST) throw new Error(`It showed only ${sights.length} frames, and ${unreadable} that couldn't be read`);
  const ages = sights.map(({ age }) => age);
  const first = /** @type {import('./glass-meter.mjs').Sight} */ (sights[0]).at;
  const last = /** @type {import('./glass-meter.mjs').Sight} */ (sights.at(-1)).at;
  return {
    p50: median(ages),
    p95: quantile(ages, 0.95),
    stalls,
    freeze: Math.max(...sights.slice(1).map(({ at }, index) => at - (sights[index]?.at ?? at))),
    frames,
    dropped: Math.max(0, frames - sights.length),
    drift: slopeOf(secondsOf(sights, first)) * ((last - first) / 1000),
    load,
  };
}

/**
 * The middle latency of each second.
 * @param {readonly import('./glass-meter.mjs').Sight[]} sights
 * @param {number} first
 * @returns {{ x: number, y: number }[]}
 */
function secondsOf(sights, first) {
  /** @type {Map<number, number[]>} */
  const seconds = new Map();
  for (const { at, age } of sights) {
    const second = Math.floor((at - first) / 1000);
    const ages = seconds.get(second);
    if (ages === undefined) seconds.set(second, [age]);
    else ages.push(age);
  }
  return [...seconds].map(([x, ages]) => ({ x, y: median(ages) }));
}

/** What all processors did since they were started, ms. */
function processorTime() {
  const times = cpus().map(({ times }) => times);
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  return { all, idle: times.reduce((sum, { idle }) => sum + idle, 0) };
}

/** @param {{ all: number, idle: number }} before */
function loadSince(before) {
  const now = processorTime();
  return 1 - (now.idle - before.idle) / (now.all - before.all);
}
