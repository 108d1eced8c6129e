#!/usr/bin/env node
// Compares what a viewer costs over HLS and over a WebSocket: npm run bench:hls -- --help
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { sluice } from './servers/contestants.mjs';
import { takeCores } from './machine/cores.mjs';
import { HlsClient } from './clients/hls-client.mjs';
import { endlessPieces, initOf, videoOf } from './media/live-media.mjs';
import { checkStats } from './machine/process-stats.mjs';
import { row, table } from './report/table.mjs';
import { Viewer } from './clients/viewer.mjs';
import { build } from '../scripts/parts.mjs';

const HELP = `npm run bench:hls -- [options]

  --bitrate N   Mbit/s of the stream, of 30 frames a second (1)
  --viewers N   of each kind (500)
  --seconds N   how long each step is measured (10)
  --rounds N    how often the steps are gone through (3)
`;
/** How long a step runs before it is measured, ms. */
const WARM = 4_000;
/** How many connect at once. */
const CONNECTING = 50;

const { values: options } = parseArgs({
  options: {
    bitrate: { type: 'string', default: '1' },
    viewers: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  console.log(HELP);
  process.exit(0);
}
checkStats();
await build(console.log);
const count = Number(options.viewers);
const workload = videoOf(Number(options.bitrate) * 1e6);
const cores = takeCores();
const contestant = sluice();
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}; ${cores.text}`);
const server = await contestant.start({ core: cores.server, folder });
const link = await contestant.publish(server.port, 'cam');
let publishing = true;
/** @type {string[]} */
const problems = [];
const published = publish();
table(`${workload.text}, ${count} viewers of each kind`, ['viewers', 'CPU a viewer and second, ms', 'load of server / client', 'memory, MB', 'delivered of a viewer, Mbit/s']);
try {
  await wait(5_000);
  for (let round = 0; round < Number(options.rounds); round++) {
    await step('none', { sockets: 0, clients: 0 });
    await step('WebSocket', { sockets: count, clients: 0 });
    await step('HLS', { sockets: 0, clients: count });
    await step('both', { sockets: count, clients: count });
  }
} finally {
  publishing = false;
  await published;
  link.destroy();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
console.log(problems.length === 0 ? '\nEvery part was whole, and every playlist had what was asked for' : `\n${problems.length} problems: ${[...new Set(problems)].slice(0, 8).join('; ')}`);

/** Sends the stream at its pace. */
async function publish() {
  link.send(initOf(workload));
  const begun = performance.now();
  for (const { at, bytes } of endlessPieces(workload)) {
    const early = begun + at - performance.now();
    if (early > 0) await wait(early);
    if (!publishing) return;
    link.send(bytes);
  }
}

/**
 * @param {string} name
 * @param {{ sockets: number, clients: number }} audience
 */
async function step(name, { sockets, clients }) {
  const viewers = await gather(sockets, () => new Viewer({ port: server.port, path: contestant.watch('cam'), dialect: contestant.dialect, onMedia: () => undefined }));
  await Promise.all(viewers.map(({ ready }) => ready));
  const players = await gather(clients, () => new HlsClient({ port: server.port, stream: 'cam' }));
  for (const player of players) void player.play();
  await wait(WARM);
  const had = received(viewers, players);
  const cpu = server.cpuTime();
  const own = process.cpuUsage();
  const begun = performance.now();
  await wait(Number(options.seconds) * 1000);
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
  const all = sockets + clients;
  const load = `${((used / time) * 100).toFixed(0)} % / ${(((user + system) / 1000 / time) * 100).toFixed(0)} %`;
  row(name, all === 0 ? '–' : (used / (all * (time / 1000))).toFixed(3), load, String(Math.round(server.memory() / 1e6)), all === 0 ? '–' : ((bytes * 8) / all / time / 1000).toFixed(2));
  await wait(1_000);
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
