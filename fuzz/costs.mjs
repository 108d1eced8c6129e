import { BrokenPromise, parse } from './check.mjs';

/** @typedef {import('./check.mjs').Media} Media */
/** @typedef {import('../src/media/container-parser.js').MediaLimits} MediaLimits */

/** What a parse may take, ms: so much at once, and so much a KiB. Ten times what it takes on a busy machine. */
const TIME = { least: 25, perKiB: 1 };
/** What a parse may allocate, bytes: so much at once, so much for each byte given (a chunk for a frame of one byte in a lace costs 700), and what the limits let it hold, a few times over. */
const MEMORY = { least: 1 << 20, perByte: 1000, limits: 4 };
/** What a parser may hold between two pushes besides an init segment and a chunk, bytes: the tables of its tracks, and what the garbage collector leaves. */
const HELD_BESIDES = 256 * 1024;
/** A suspicion is checked as often, and the least counts: other programs take time, too. */
const TRIES = 4;

/**
 * Holds a parse to time and memory that are linear in the bytes given. Needs `node --expose-gc`.
 * @param {Media} media
 * @param {Uint8Array} bytes
 * @param {MediaLimits} limits
 * @throws {BrokenPromise}
 */
export function checkCosts(media, bytes, limits) {
  const most = {
    time: TIME.least + (TIME.perKiB * bytes.length) / 1024,
    memory: MEMORY.least + MEMORY.perByte * bytes.length + MEMORY.limits * (limits.maxInit + limits.maxChunk),
  };
  let costs = measure(media, bytes, limits);
  for (let i = 1; i < TRIES && (costs.time > most.time || costs.memory > most.memory); i++) {
    collectGarbage();
    const again = measure(media, bytes, limits);
    costs = { time: Math.min(costs.time, again.time), memory: Math.min(costs.memory, again.memory) };
  }
  if (costs.time > most.time) throw new BrokenPromise(`${bytes.length} bytes take ${costs.time.toFixed(0)} ms`);
  if (costs.memory > most.memory) throw new BrokenPromise(`${bytes.length} bytes allocate ${(costs.memory / 1024).toFixed(0)} KiB`);
}

/**
 * Holds a parser to its limits in memory, at some places of the input. Needs `node --expose-gc`.
 * @param {Media} media
 * @param {Uint8Array} bytes
 * @param {MediaLimits} limits
 * @throws {BrokenPromise}
 */
export function checkHeld(media, bytes, limits) {
  const most = limits.maxInit + limits.maxChunk + HELD_BESIDES;
  let held = Infinity;
  for (let i = 0; i < TRIES && held > most; i++) held = Math.min(held, measureHeld(media, bytes, limits));
  if (held > most) throw new BrokenPromise(`A parser given ${bytes.length} bytes holds ${(held / 1024).toFixed(0)} KiB`);
}

/**
 * @param {Media} media
 * @param {Uint8Array} bytes
 * @param {MediaLimits} limits
 */
function measureHeld({ MediaParser }, bytes, limits) {
  collectGarbage();
  const before = process.memoryUsage();
  const parser = new MediaParser({ init: () => undefined, chunk: () => undefined }, limits);
  const step = Math.max(1, Math.ceil(bytes.length / 8));
  let held = 0;
  for (let at = 0; at < bytes.length; at += step) {
    try {
      parser.push(bytes.subarray(at, at + step));
    } catch {
      return held;
    }
    collectGarbage();
    const { arrayBuffers, heapUsed } = process.memoryUsage();
    held = Math.max(held, arrayBuffers - before.arrayBuffers + heapUsed - before.heapUsed);
  }
  return held;
}

/**
 * @param {Media} media
 * @param {Uint8Array} bytes
 * @param {MediaLimits} limits
 */
function measure(media, bytes, limits) {
  const before = process.memoryUsage();
  const begun = performance.now();
  parse(media, [bytes], limits);
  const time = performance.now() - begun;
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return { time, memory: arrayBuffers - before.arrayBuffers + heapUsed - before.heapUsed };
}

function collectGarbage() {
  globalThis.gc?.();
}
