#!/usr/bin/env node
// Measures what it costs to send one stream to many viewers, beside other servers: npm run bench:fanout -- --help
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure } from './clients/broadcast.mjs';
import { guardedSluice, PEER_NAMES, peersOf, sluice } from './servers/contestants.mjs';
import { takeCores } from './machine/cores.mjs';
import { freePort } from '../scripts/free-port.mjs';
import { Inspector } from './servers/inspector.mjs';
import { initOf, piecesOf, WORKLOADS } from './media/live-media.mjs';
import { checkStats } from './machine/process-stats.mjs';
import { printProfile } from './report/profile.mjs';
import { compare, noiseOf, ratioOf, spreadOf } from './report/statistics.mjs';
import { row, table } from './report/table.mjs';
import { build } from '../scripts/parts.mjs';
import { ROOT } from '../scripts/programs.mjs';

/** @typedef {import('./servers/contestants.mjs').Contestant} Contestant */
/** @typedef {import('./clients/broadcast.mjs').Measured} Measured */
/** @typedef {import('./media/live-media.mjs').Workload} Workload */

const HELP = `npm run bench:fanout -- [options]

  --rounds N       how often everybody has a turn (5)
  --seconds N      how long a turn is measured (5)
  --viewers N      viewers, instead of what the workload has
  --only W1,W2     workloads (W1,W2,W3)
  --peers a,b      beside ${PEER_NAMES.join(', ')}; "none" for none (all)
  --relay FOLDER   the built checkout of Sluice that is measured, instead of this one
  --against FOLDER another one beside it
  --access         beside it one with keys, private, whose metrics are read every second
  --profile        only says where Sluice's time goes
`;
/** A server that has just started compiles, and collects what its start has left: that is no part of a delivery. */
const WARM = 5_000;
/** How long a profile takes, seconds. */
const PROFILED = 10;
/** The name of the second Sluice, which shows how far equal things lie apart. */
const AGAIN = 'Sluice again';
const COALESCED = 'Sluice, 40 ms';
/** What access and metrics cost, and how far two that have both lie apart. */
const GUARDED = ['Sluice with keys and metrics', 'the same again'];

/** What the first of each pair may cost at most of the second. */
const GOALS = [
  { who: 'Sluice', peer: 'naive ws', most: { W1: 1.1, W2: 1, W3: 1 } },
  { who: 'Sluice', peer: 'Node-Media-Server', most: { W1: 0.9, W2: 0.9 } },
  { who: 'Sluice', peer: 'socket.io', most: { W1: 0.45, W2: 0.45, W3: 0.45 } },
  { who: COALESCED, peer: 'naive ws', most: { W2: 0.45, W3: 0.45 } },
];

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    viewers: { type: 'string' },
    only: { type: 'string', default: 'W1,W2,W3' },
    peers: { type: 'string', default: PEER_NAMES.join(',') },
    relay: { type: 'string' },
    against: { type: 'string' },
    access: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  console.log(HELP);
  process.exit(0);
}
const rounds = Number(options.rounds);
const seconds = Number(options.seconds);
const workloads = WORKLOADS.filter(({ name }) => options.only.split(',').includes(name));

checkStats();
if (options.relay === undefined) await build(console.log);
const root = options.relay ?? ROOT;
const peers = options.peers === 'none' || options.profile ? [] : await peersOf(options.peers.split(','), console.log);
const cores = takeCores();
console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}; ${cores.text}`);
if (!options.profile) console.log(`${rounds} rounds of ${seconds} s each, in turns; the middle of all, and where the middle half lies`);
for (const workload of workloads) await (options.profile ? profile(workload) : race(workload));

/** @param {Workload} workload */
async function race(workload) {
  /** @type {Contestant[]} */
  const all = [
    sluice({ root, interval: 0 }),
    sluice({ name: AGAIN, root, interval: 0 }),
    ...(options.access ? GUARDED.map((name) => guardedSluice({ name, root, interval: 0 })) : []),
    ...(workload.name === 'W1' || options.access ? [] : [sluice({ name: COALESCED, root, interval: 40 })]),
    ...(options.against === undefined ? [] : [sluice({ name: 'the other Sluice', root: options.against, interval: 0 })]),
    ...peers.filter(({ only }) => only === undefined || only.includes(workload.name)),
  ];
  const viewers = Number(options.viewers ?? workload.viewers);
  const init = initOf(workload);
  const pieces = piecesOf(workload, WARM / 1000 + seconds);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  /** @type {Map<string, Measured[]>} */
  const results = new Map(all.map(({ name }) => [name, []]));
  const servers = new Map();
  try {
    for (const contestant of all) servers.set(contestant.name, await contestant.start({ core: cores.server, folder }));
    for (let round = 0; round < rounds; round++) {
      // Another begins each time: whoever is behind a heavy one has a hot processor.
      const order = [...all.slice(round % all.length), ...all.slice(0, round % all.length)];
      for (const contestant of order) {
        const server = servers.get(contestant.name);
        const measured = await measure({ contestant, server, stream: `round${round}`, init, pieces, viewers, warm: WARM });
        results.get(contestant.name)?.push(measured);
        console.error(`${workload.name} round ${round + 1} ${contestant.name}: ${measured.cpu.toFixed(2)} µs, p50 ${measured.p50.toFixed(1)} ms, p99 ${measured.p99.toFixed(1)} ms${measured.delivered === 1 ? '' : `, ${(measured.delivered * 100).toFixed(2)} % delivered, ${measured.skips} skips, ${measured.closed} closed`}`);
      }
    }
  } finally {
    for (const server of servers.values()) await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  report(workload, { viewers, results });
}

/**
 * Says where the time of one long turn goes.
 * @param {Workload} workload
 */
async function profile(workload) {
  const port = await freePort();
  const viewers = Number(options.viewers ?? workload.viewers);
  const contestant = sluice({ root, interval: 0, nodeFlags: [`--inspect=127.0.0.1:${port}`] });
  const server = await contestant.start({ core: cores.server, folder: tmpdir() });
  const inspector = await Inspector.open(port);
  const pieces = piecesOf(workload, PROFILED);
  await measure({ contestant, server, stream: 'profile', init: initOf(workload), pieces, viewers, warm: WARM, onWarm: () => void inspector.startProfile() });
  printProfile(`${workload.name}: ${workload.text}, ${viewers} viewers`, await inspector.stopProfile());
  inspector.close();
  await server.stop();
}

/**
 * @param {Workload} workload
 * @param {{ viewers: number, results: Map<string, Measured[]> }} measured
 */
function report({ name, text }, { viewers, results }) {
  const cpuOf = (/** @type {string} */ who) => (results.get(who) ?? []).map(({ cpu }) => cpu);
  const noise = noiseOf(ratioOf(cpuOf('Sluice'), cpuOf(AGAIN)));
  table(`${name}: ${text}, ${viewers} viewers`, ['server', 'CPU a delivery, µs', 'Sluice ÷ it', 'p50, ms', 'p99, ms', 'peak memory, MB', 'delivered', 'load']);
  for (const [who, all] of results) {
    const pick = (/** @type {(measured: Measured) => number} */ of) => spreadOf(all.map(of));
    const delivered = Math.min(...all.map(({ delivered: share }) => share));
    const most = (/** @type {(measured: Measured) => number} */ of) => Math.max(...all.map(of));
    row(
      who,
      written(pick(({ cpu }) => cpu)),
      who === 'Sluice' ? '' : written(ratioOf(cpuOf('Sluice'), cpuOf(who))),
      pick(({ p50 }) => p50).median.toFixed(1),
      pick(({ p99 }) => p99).median.toFixed(1),
      (most(({ memory }) => memory) / 1e6).toFixed(0),
      delivered === 1 ? 'all' : `${(delivered * 100).toFixed(2)} %`,
      `${percent(most(({ serverLoad }) => serverLoad))} / ${percent(most(({ clientLoad }) => clientLoad))}`,
    );
  }
  console.log(`\nThe load is the highest of server and client. Two of the same lie ${(noise * 100).toFixed(1)} % apart.`);
  for (const { who, peer, most } of GOALS) {
    const goal = /** @type {Record<string, number>} */ (most)[name];
    if (goal === undefined || !results.has(who) || !results.has(peer)) continue;
    const ratio = ratioOf(cpuOf(who), cpuOf(peer));
    console.log(`- ${who} ≤ ${goal} × ${peer}: ${ratio.median <= goal ? 'met' : 'missed'} (${written(ratio)}; ${compare(ratio, noise)})`);
  }
}

/** @param {import('./report/statistics.mjs').Spread} spread */
function written({ median, low, high }) {
  return `${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}

/** @param {number} share */
function percent(share) {
  return `${(share * 100).toFixed(0)} %`;
}
