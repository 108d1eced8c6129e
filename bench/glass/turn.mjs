import { cpus } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { libraryFile } from './contestants.mjs';
import { GlassCamera } from './camera.mjs';
import { newGlassPage, openGlassPage } from './open-page.mjs';
import { GlassPageCamera } from './page-camera.mjs';
import { median, quantile, slopeOf } from '../report/statistics.mjs';

/** @typedef {import('./contestants.mjs').GlassContestant} GlassContestant */
/** @typedef {import('./meter.mjs').Seen} Seen */

/**
 * What a turn has given, times in ms.
 * @typedef {object} GlassTurn
 * @property {number} p50
 * @property {number} p95
 * @property {number} p99
 * @property {number} stalls How often the player had nothing left to play.
 * @property {number} freeze The longest time between two frames that were presented.
 * @property {number} frames How many were captured.
 * @property {number} dropped Frames that were captured and not seen.
 * @property {number} drift How much the latency grew from the beginning to the end.
 * @property {number} load How much of all processors was in use, by whatever, 0 to 1.
 */

/** How long a player may take for its first frames, ms, and how many they are. */
const START_LIMIT = 30_000;
const FIRST = 5;
/** The camera runs so long before somebody watches, ms. */
const LEAD = 1_000;

/**
 * Lets one player show the camera for a while.
 * @param {object} options
 * @param {GlassContestant} options.contestant
 * @param {import('../servers/server-process.mjs').ServerProcess} options.server
 * @param {import('playwright-core').Browser} options.browser
 * @param {string} options.folder The server's.
 * @param {string} options.stream A name that is new.
 * @param {number} options.warm Until then nothing counts, ms.
 * @param {number} options.seconds
 * @param {string} options.publisher Who encodes and sends: `ffmpeg`, or an encoder of Sluice's own publisher.
 * @returns {Promise<GlassTurn>}
 */
export async function takeTurn({ contestant, server, browser, folder, stream, warm, seconds, publisher }) {
  const { sound, player, target, watch, output } = contestant;
  const origin = `http://127.0.0.1:${server.port}`;
  const camera =
    publisher === 'ffmpeg'
      ? new GlassCamera({ sound, output: output({ port: server.port, folder, stream }) })
      : await GlassPageCamera.open({ browser, origin, stream, encoder: publisher, sound });
  const page = await newGlassPage(browser);
  try {
    /** @type {string[]} */
    const problems = [];
    page.on('pageerror', ({ message }) => problems.push(message));
    await wait(LEAD);
    await openGlassPage(page, origin, libraryFile(contestant));
    await page.evaluate(`glass.start(${JSON.stringify({ player, url: watch(stream), sound, target })})`);
    await page.waitForFunction(`glass.meter.count >= ${FIRST}`, undefined, { timeout: START_LIMIT }).catch(async () => {
      await camera.check();
      throw new Error(`It shows nothing: ${problems.join('; ')}`);
    });
    await wait(warm);
    const before = { frames: await camera.frames, processors: processorTime() };
    await page.evaluate('glass.meter.begin()');
    await wait(seconds * 1000);
    const seen = /** @type {Seen} */ (await page.evaluate('glass.meter.end()'));
    await camera.check();
    return summary(seen, { frames: (await camera.frames) - before.frames, load: loadSince(before.processors) });
  } finally {
    await page.close();
    await camera.stop();
  }
}

/**
 * @param {Seen} seen
 * @param {{ frames: number, load: number }} camera
 * @returns {GlassTurn}
 */
function summary({ sights, stalls, unreadable }, { frames, load }) {
  if (sights.length < FIRST) throw new Error(`It showed only ${sights.length} frames, and ${unreadable} that couldn't be read`);
  const ages = sights.map(({ age }) => age);
  const first = /** @type {import('./meter.mjs').Sight} */ (sights[0]).at;
  const last = /** @type {import('./meter.mjs').Sight} */ (sights.at(-1)).at;
  return {
    p50: median(ages),
    p95: quantile(ages, 0.95),
    p99: quantile(ages, 0.99),
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
 * @param {readonly import('./meter.mjs').Sight[]} sights
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
