import { row, table } from './table.mjs';

/** How many functions are named. */
const MOST = 16;

/**
 * What V8's profiler gives.
 * @typedef {object} CpuProfile
 * @property {{ id: number, callFrame: { functionName: string, url: string, lineNumber: number } }[]} nodes
 * @property {number[]} samples The node of each.
 * @property {number[]} timeDeltas µs before each.
 */

/**
 * The time that each function took itself, as a share of all that wasn't idle, the most first.
 * @param {CpuProfile} profile
 * @returns {{ name: string, share: number }[]}
 */
export function selfTimes({ nodes, samples, timeDeltas }) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  /** @type {Map<string, number>} */
  const times = new Map();
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? '';
    if (name !== '(idle)') times.set(name, (times.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  }
  const all = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times].map(([name, time]) => ({ name, share: time / all })).sort((a, b) => b.share - a.share);
}

/**
 * Prints the functions that took the most time.
 * @param {string} title
 * @param {CpuProfile} profile
 */
export function printProfile(title, profile) {
  table(title, ['function', 'share of its own']);
  for (const { name, share } of selfTimes(profile).slice(0, MOST)) row(`\`${name}\``, `${(share * 100).toFixed(1)} %`);
}

/** @param {{ functionName: string, url: string, lineNumber: number }} frame */
function nameOf({ functionName, url, lineNumber }) {
  const name = functionName === '' ? '(anonymous)' : functionName;
  const file = /([^/]+\/)?[^/]+$/.exec(url)?.[0];
  return file === undefined ? name : `${name} ${file}:${lineNumber + 1}`;
}
