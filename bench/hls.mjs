#!/usr/bin/env node
// Compares what a viewer costs over HLS and over a WebSocket: npm run bench:hls -- --help
import { setTimeout as wait } from 'node:timers/promises';
import { commandLine, numberFrom, wholeFrom } from '../scripts/command-line.mjs';
import { HlsClient } from './clients/hls-client.mjs';
import { Viewer } from './clients/viewer.mjs';
import { RELAY, setUp } from './machine/set-up.mjs';
import { endlessPieces, initOf, inTime, videoOf } from './media/live-media.mjs';
import { loads, spread } from './report/format.mjs';
import { spreadOf } from './report/statistics.mjs';
import { row, table } from './report/table.mjs';
import { inTurns } from './report/turns.mjs';
import { sluice } from './servers/contestants.mjs';

/**
 * Who watches.
 * @typedef {{ name: string, sockets: number, clients: number }} Gathering
 */

/**
 * What such an audience costs.
 * @typedef {object} Cost
 * @property {number} cpu Of the relay, for each viewer and second, ms.
 * @property {number} serverLoad Share of a core.
 * @property {number} clientLoad
 * @property {number} memory Bytes.
 * @property {number} rate Mbit/s that came to each viewer.
 */

/** How long a step runs before it is measured, ms. */
const WARM = 4_000;
/** How many connect at once. */
const CONNECTING = 50;

/** @type {{ bitrate: number, viewers: number, seconds: number, rounds: number, relay?: string }} */
const options = commandLine('bench:hls', 'Compares what a viewer costs over HLS and over a WebSocket.')
  .option('--bitrate <n>', 'Mbit/s of the stream, of 30 frames a second', numberFrom(0.1), 1)
  .option('--viewers <n>', 'of each kind', wholeFrom(1), 500)
  .option('--seconds <n>', 'how long each step is measured', numberFrom(0.1), 10)
  .option('--rounds <n>', 'how often the steps are gone through', wholeFrom(1), 3)
  .addOption(RELAY)
  .parse()
  .opts();
const { viewers: count, rounds } = options;
const { root, core, folder } = await setUp(options);
const workload = videoOf(options.bitrate * 1e6);
const contestant = sluice({ root });
const server = await contestant.start({ core, folder });
const link = await contestant.publish(server.port, 'cam');
let publishing = true;
/** @type {string[]} */
const problems = [];
const published = publish();
/** @type {readonly Gathering[]} */
const gatherings = [
  { name: 'none', sockets: 0, clients: 0 },
  { name: 'WebSocket', sockets: count, clients: 0 },
  { name: 'HLS', sockets: 0, clients: count },
  { name: 'both', sockets: count, clients: count },
];
/** @type {Map<string, Cost[]>} */
const costs = new Map(gatherings.map(({ name }) => [name, []]));
await wait(5_000);
await inTurns(gatherings, rounds, async (gathering, round) => {
  const cost = await watch(gathering);
  costs.get(gathering.name)?.push(cost);
  const { cpu, serverLoad, clientLoad } = cost;
  console.error(`round ${round + 1} ${gathering.name}: ${Number.isFinite(cpu) ? `${cpu.toFixed(3)} ms a viewer and second, ` : ''}load ${loads(serverLoad, clientLoad)}`);
});
publishing = false;
await published;
link.destroy();
await server.stop();
report();

/** Sends the stream at its pace. */
async function publish() {
  link.send(initOf(workload));
  for await (const { bytes } of inTime(endlessPieces(workload))) {
    if (!publishing) return;
    link.send(bytes);
  }
}

/**
 * @param {Gathering} gathering
 * @returns {Promise<Cost>}
 */
async function watch({ sockets, clients }) {
  const viewers = await gather(sockets, () => new Viewer({ port: server.port, path: contestant.watch('cam'), dialect: contestant.dialect, onMedia: () => undefined }));
  await Promise.all(viewers.map(({ ready }) => ready));
  const players = await gather(clients, () => new HlsClient({ port: server.port, stream: 'cam' }));
  for (const player of players) void player.play();
  await wait(WARM);
  const had = received(viewers, players);
  const cpu = server.cpuTime();
  const own = process.cpuUsage();
  const begun = performance.now();
  await wait(options.seconds * 1000);
  const time = performance.now() - begun;
  const used = server.cpuTime() - cpu;
  const { user, system } = process.cpuUsage(own);
  const bytes = received(viewers, players) - had;
  for (const { closed } of viewers) if (closed) problems.push('a socket was closed');
  for (const player of players) {
    problems.push(...player.problems);
    player.stop();
  }
  for (const viewer of viewers) viewer.destroy();
  const memory = server.memory();
  await wait(1_000);
  const all = sockets + clients;
  return { cpu: used / (all * (time / 1000)), serverLoad: used / time, clientLoad: (user + system) / 1000 / time, memory, rate: (bytes * 8) / all / time / 1000 };
}

function report() {
  table(`${workload.text}, ${count} viewers of each kind: the middle of ${rounds} rounds`, ['viewers', 'CPU a viewer and second, ms', 'load of server / client', 'memory, MB', 'delivered of a viewer, Mbit/s']);
  for (const [name, all] of costs) {
    const pick = (/** @type {keyof Cost} */ of) => spreadOf(all.map((cost) => cost[of]));
    const isEmpty = name === 'none';
    row(
      name,
      isEmpty ? '–' : spread(pick('cpu'), 3),
      loads(pick('serverLoad').median, pick('clientLoad').median),
      (pick('memory').median / 1e6).toFixed(0),
      isEmpty ? '–' : pick('rate').median.toFixed(2),
    );
  }
  console.log(problems.length === 0 ? '\nEvery part was whole, and every playlist had what was asked for' : `\n${problems.length} problems: ${[...new Set(problems)].slice(0, 8).join('; ')}`);
}

/**
 * @template Client
 * @param {number} wanted
 * @param {(index: number) => Client} make
 */
async function gather(wanted, make) {
  /** @type {Client[]} */
  const made = [];
  while (made.length < wanted) {
    for (let i = 0; i < CONNECTING && made.length < wanted; i++) made.push(make(made.length));
    await wait(50);
  }
  return made;
}

/**
 * @param {readonly { bytes: number }[]} viewers
 * @param {readonly { bytes: number }[]} players
 */
function received(viewers, players) {
  return [...viewers, ...players].reduce((sum, { bytes }) => sum + bytes, 0);
}
