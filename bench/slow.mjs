#!/usr/bin/env node
// Measures what viewers see that stop reading or read slowly, and what the others notice of it: npm run bench:slow -- --help
import { Option } from 'commander';
import { commandLine, namesOf } from '../scripts/command-line.mjs';
import { CALM, runSlow } from './clients/slow-run.mjs';
import { RELAY, setUp } from './machine/set-up.mjs';
import { initOf, piecesOf, videoOf } from './media/live-media.mjs';
import { spread } from './report/format.mjs';
import { spreadOf } from './report/statistics.mjs';
import { row, table } from './report/table.mjs';
import { naiveWs, nchanPeer, sluice } from './servers/contestants.mjs';

/** @typedef {import('./servers/contestants.mjs').Contestant} Contestant */
/** @typedef {import('./clients/slow-run.mjs').Fate} Fate */
/** @typedef {import('./clients/slow-run.mjs').Group} Group */

const PEERS = ['ws', 'nchan'];
const BITRATE = 4e6;
const GOP = 1_000;
/** Behind what a viewer is held back, ms, and what is allowed on top. */
const LIMIT = 2_000;
const MARGIN = 1_000;
/** What comes to some, as a share of the bitrate. */
const SHARE = 0.5;
/** The same of those who stop: on the loopback alone, whoever reads again would have any backlog at once. */
const LINK = 2;
const MOST_MEMORY = 32 << 20;
const MOST_P99 = 1.2;

const workload = videoOf(BITRATE);
const [{ rate, size } = { rate: 0, size: 0 }] = workload.tracks;
const bytesPerSecond = rate * size;
/** @type {readonly Group[]} */
const GROUPS = [
  { name: 'stopped for 10 s', viewers: 10, stop: 10_000, rate: bytesPerSecond * LINK },
  { name: 'stopped for 30 s', viewers: 10, stop: 30_000, rate: bytesPerSecond * LINK },
  { name: 'at half the rate', viewers: 20, rate: bytesPerSecond * SHARE },
  { name: 'the others', viewers: 160 },
];
const HEALTHY = GROUPS.map(({ name, viewers }) => ({ name, viewers, ...(name !== 'the others' && { stop: 0 }) }));
const SLOW_SECONDS = 30 + 9;
const HEALTHY_SECONDS = 10;

/** @type {{ peers: string[], relay?: string }} */
const options = commandLine('bench:slow', 'Measures what viewers see that stop reading or read slowly, and what the others notice of it.')
  .addOption(new Option('--peers <a,b>', `beside ${PEERS.join(', ')}, or none`).argParser(namesOf(PEERS)).default(PEERS, 'all'))
  .addOption(RELAY)
  .parse()
  .opts();
const { root, core, folder } = await setUp(options);
const contestants = [
  sluice({ root }),
  ...(options.peers.includes('ws') ? [naiveWs] : []),
  ...(options.peers.includes('nchan') ? [nchanPeer(console.log) ?? []].flat() : []),
];
console.log(`200 viewers of ${workload.text}, GOP of ${GOP / 1000} s: 10 stop reading for 10 s, 10 for 30 s, over links of ${LINK} times the bitrate; 20 have links of ${SHARE} of the bitrate`);
const init = initOf(workload);
for (const contestant of contestants) await examine(contestant);

/** @param {Contestant} contestant */
async function examine(contestant) {
  const server = await contestant.start({ core, folder });
  /**
   * @param {string} stream
   * @param {number} seconds
   * @param {readonly Group[]} groups
   */
  const turn = (stream, seconds, groups) =>
    runSlow({ contestant, server, stream, init, pieces: piecesOf(workload, CALM / 1000 + seconds), bytesPerSecond, gop: GOP, groups });
  const before = await turn('before', HEALTHY_SECONDS, HEALTHY);
  const slow = await turn('slow', SLOW_SECONDS, GROUPS);
  const after = await turn('after', HEALTHY_SECONDS, HEALTHY);
  await server.stop();
  report(contestant, { slow, healthy: [before.p99, after.p99] });
}

/**
 * @param {Contestant} contestant
 * @param {{ slow: import('./clients/slow-run.mjs').SlowRun, healthy: readonly number[] }} runs
 */
function report({ name }, { slow, healthy }) {
  const soon = GOP + 2_000;
  const lagGoal = LIMIT / SHARE + GOP + MARGIN;
  const healthyP99 = spreadOf(healthy);
  const ratio = slow.p99 / healthyP99.median;
  const [short = [], long = [], half = [], others = []] = [...slow.fates.values()];
  const isRelay = name === 'Sluice';
  const judged = (/** @type {boolean} */ met) => (isRelay ? (met ? 'met' : 'missed') : '');
  table(name, ['viewers', 'what became of them', 'goal', '']);
  row('10 that stopped for 10 s', `${back(short)}; ${closes(short)}`, `live within ${soon / 1000} s, same socket`, judged(allBack(short, soon) && short.every(({ closeCode }) => closeCode === undefined)));
  row('10 that stopped for 30 s', `${back(long)}; ${closes(long)}`, `closed with 4008, live within ${soon / 1000} s`, judged(allBack(long, soon) && long.every(({ closeCode }) => closeCode === 4008)));
  const worst = spreadOf(half.map(({ worstLag }) => worstLag / 1000));
  row('20 at half the rate', `at most ${spread(worst, 1)} s behind; ${closes(half)}`, `${lagGoal / 1000} s`, judged(worst.high * 1000 <= lagGoal));
  const skips = others.reduce((sum, fate) => sum + fate.skips, 0);
  row('the 160 others', `p99 ${slow.p99.toFixed(1)} ms; with nobody slow ${healthy.map((p99) => p99.toFixed(1)).join(' and ')} ms: ${ratio.toFixed(2)} ×; ${closes(others)}, ${skips} skips`, `≤ ${MOST_P99} ×`, judged(ratio <= MOST_P99));
  row('the server', `grew by ${(slow.growth / 2 ** 20).toFixed(0)} MiB`, `< ${MOST_MEMORY / 2 ** 20} MiB`, judged(slow.growth < MOST_MEMORY));
}

/** @param {readonly Fate[]} fates */
function back(fates) {
  const times = fates.flatMap(({ backAfter }) => backAfter ?? []);
  if (times.length === 0) return 'none was live again before the end';
  const after = spreadOf(times.map((time) => time / 1000));
  const stale = spreadOf(fates.map(({ stale: seconds }) => seconds));
  return `${times.length} live again after ${spread(after, 1)} s, having been sent ${spread(stale, 1)} s of media`;
}

/** @param {readonly Fate[]} fates */
function closes(fates) {
  const codes = fates.flatMap(({ closeCode }) => (closeCode === undefined ? [] : [closeCode === 0 ? 'cut off' : `closed with ${closeCode}`]));
  const kinds = [...new Set(codes)].map((code) => `${codes.filter((other) => other === code).length} ${code}`);
  return kinds.length === 0 ? 'none closed' : kinds.join(', ');
}

/**
 * @param {readonly Fate[]} fates
 * @param {number} limit
 */
function allBack(fates, limit) {
  return fates.every(({ backAfter }) => backAfter !== undefined && backAfter <= limit);
}
