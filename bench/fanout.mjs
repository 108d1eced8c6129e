#!/usr/bin/env node
// Measures what it costs to send one stream to many viewers, beside other servers: npm run bench:fanout -- --help
import { Option } from 'commander';
import { commandLine, namesOf, numberFrom, wholeFrom } from '../scripts/command-line.mjs';
import { freePort } from '../scripts/free-port.mjs';
import { measure } from './clients/broadcast.mjs';
import { RELAY, setUp } from './machine/set-up.mjs';
import { initOf, piecesOf, WORKLOADS } from './media/live-media.mjs';
import { delivered, loads, spread } from './report/format.mjs';
import { printProfile } from './report/profile.mjs';
import { compare, noiseOf, ratioOf, spreadOf } from './report/statistics.mjs';
import { row, table } from './report/table.mjs';
import { inTurns } from './report/turns.mjs';
import { guardedSluice, PEER_NAMES, peersOf, sluice } from './servers/contestants.mjs';
import { Inspector } from './servers/inspector.mjs';

/** @typedef {import('./servers/contestants.mjs').Contestant} Contestant */
/** @typedef {import('./clients/broadcast.mjs').Measured} Measured */
/** @typedef {import('./media/live-media.mjs').Workload} Workload */

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

const NAMES = WORKLOADS.map(({ name }) => name);

/** @type {{ rounds: number, seconds: number, viewers?: number, only: string[], peers: string[], relay?: string, against?: string, access?: true, profile?: true }} */
const options = commandLine('bench:fanout', 'Measures what it costs to send one stream to many viewers, beside other servers.')
  .option('--rounds <n>', 'how often everybody has a turn', wholeFrom(1), 5)
  .option('--seconds <n>', 'how long a turn is measured', numberFrom(0.1), 5)
  .option('--viewers <n>', 'viewers, instead of what the workload has', wholeFrom(1))
  .addOption(new Option('--only <a,b>', `workloads of ${NAMES.join(', ')}`).argParser(namesOf(NAMES)).default(NAMES, 'all'))
  .addOption(new Option('--peers <a,b>', `beside ${PEER_NAMES.join(', ')}, or none`).argParser(namesOf(PEER_NAMES)).default(PEER_NAMES, 'all'))
  .addOption(RELAY)
  .option('--against <folder>', 'another one beside it')
  .option('--access', 'beside it one with keys, private, whose metrics are read every second')
  .option('--profile', "only says where Sluice's time goes")
  .parse()
  .opts();
const { rounds, seconds } = options;
const { root, core, folder } = await setUp(options);
const peers = options.profile ? [] : await peersOf(options.peers, console.log);
if (!options.profile) console.log(`${rounds} rounds of ${seconds} s each, in turns; the middle of all, and where the middle half lies`);
for (const workload of WORKLOADS.filter(({ name }) => options.only.includes(name))) await (options.profile ? profile(workload) : race(workload));

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
  const viewers = options.viewers ?? workload.viewers;
  const init = initOf(workload);
  const pieces = piecesOf(workload, WARM / 1000 + seconds);
  /** @type {Map<string, Measured[]>} */
  const results = new Map(all.map(({ name }) => [name, []]));
  const servers = new Map();
  for (const contestant of all) servers.set(contestant.name, await contestant.start({ core, folder }));
  await inTurns(all, rounds, async (contestant, round) => {
    const { name } = contestant;
    const measured = await measure({ contestant, server: servers.get(name), stream: `round${round}`, init, pieces, viewers, warm: WARM });
    results.get(name)?.push(measured);
    const { cpu, p50, p99, delivered: share, skips, closed } = measured;
    console.error(`${workload.name} round ${round + 1} ${name}: ${cpu.toFixed(2)} µs, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms${share === 1 ? '' : `, ${delivered(share)} delivered, ${skips} skips, ${closed} closed`}`);
  });
  for (const server of servers.values()) await server.stop();
  report(workload, { viewers, results });
}

/**
 * Says where the time of one long turn goes.
 * @param {Workload} workload
 */
async function profile(workload) {
  const port = await freePort();
  const viewers = options.viewers ?? workload.viewers;
  const contestant = sluice({ root, interval: 0, nodeFlags: [`--inspect=127.0.0.1:${port}`] });
  const server = await contestant.start({ core, folder });
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
    const least = Math.min(...all.map(({ delivered: share }) => share));
    const most = (/** @type {(measured: Measured) => number} */ of) => Math.max(...all.map(of));
    row(
      who,
      spread(pick(({ cpu }) => cpu)),
      who === 'Sluice' ? '' : spread(ratioOf(cpuOf('Sluice'), cpuOf(who))),
      pick(({ p50 }) => p50).median.toFixed(1),
      pick(({ p99 }) => p99).median.toFixed(1),
      (most(({ memory }) => memory) / 1e6).toFixed(0),
      delivered(least),
      loads(most(({ serverLoad }) => serverLoad), most(({ clientLoad }) => clientLoad)),
    );
  }
  console.log(`\nThe load is the highest of server and client. Two of the same lie ${(noise * 100).toFixed(1)} % apart.`);
  for (const { who, peer, most } of GOALS) {
    const goal = /** @type {Record<string, number>} */ (most)[name];
    if (goal === undefined || !results.has(who) || !results.has(peer)) continue;
    const ratio = ratioOf(cpuOf(who), cpuOf(peer));
    console.log(`- ${who} ≤ ${goal} × ${peer}: ${ratio.median <= goal ? 'met' : 'missed'} (${spread(ratio)}; ${compare(ratio, noise)})`);
  }
}
