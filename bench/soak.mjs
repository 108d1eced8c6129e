#!/usr/bin/env node
// Lets publishers and viewers come and go at random, with faults, and looks for what is left of them: npm run bench:soak -- --help
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Random } from '../fuzz/random.mjs';
import { commandLine, numberFrom, wholeFrom } from '../scripts/command-line.mjs';
import { freePort } from '../scripts/free-port.mjs';
import { ROOT } from '../scripts/programs.mjs';
import { Mischief } from './clients/mischief.mjs';
import { pushOverHttp } from './clients/publishers.mjs';
import { Viewer } from './clients/viewer.mjs';
import { childrenOf } from './machine/process-stats.mjs';
import { RELAY, setUp } from './machine/set-up.mjs';
import { endlessPieces, initOf, inTime, WORKLOADS } from './media/live-media.mjs';
import { row, table } from './report/table.mjs';
import { sluice } from './servers/contestants.mjs';
import { Inspector } from './servers/inspector.mjs';

/** @typedef {import('./servers/inspector.mjs').Holdings} Holdings */

/** Once everything has happened, so that what is kept for good is there before the first look. */
const WARM = 20_000;
/** Between two things that happen, ms. */
const PACE = 60;
/** Every so many of them ffmpeg is killed. */
const KILL = 150;
/** Seconds for which the relay holds a stream that broke off, and after which nothing of it may be left, ms. */
const HOLD = 2;
const SETTLE = 8_000;
const STEADY = 20;
/** How much more of the heap may be in use: what was compiled, and the log's buffer. */
const MORE_HEAP = 3 << 20;
const MORE_BUFFERS = 3 << 20;

/** @type {{ minutes: number, seed: number, relay?: string }} */
const options = commandLine('bench:soak', 'Lets publishers and viewers come and go at random, with faults, and looks for what is left of them.')
  .option('--minutes <n>', 'how long', numberFrom(0), 10)
  .option('--seed <n>', 'of what happens', wholeFrom(0), 1)
  .addOption(RELAY)
  .parse()
  .opts();
const { root, core, folder } = await setUp(options);
const random = new Random(options.seed);
const workload = /** @type {import('./media/live-media.mjs').Workload} */ (WORKLOADS.find(({ name }) => name === 'W2'));
const inspected = await freePort();
const relay = sluice({
  root,
  nodeFlags: [`--inspect=127.0.0.1:${inspected}`],
  flags: ['--hold', String(HOLD), '--loop-source', `file=${join(ROOT, 'samples', 'demo.mp4')}`],
});
const server = await relay.start({ core, folder });
const inspector = await Inspector.open(inspected);
const well = await soak();
inspector.close();
await server.stop();
process.exit(well ? 0 : 1);

/** Whether all is well. */
async function soak() {
  const link = await pushOverHttp(server.port, '/publish/steady');
  link.send(initOf(workload));
  let sent = 0;
  let over = false;
  const publishing = (async () => {
    for await (const { bytes } of inTime(endlessPieces(workload))) {
      if (over) return;
      link.send(bytes);
      sent += bytes.length;
    }
  })();
  const viewers = Array.from({ length: STEADY }, () => new Viewer({ port: server.port, path: '/watch/steady', dialect: 'sluice', onMedia: () => undefined }));
  await Promise.all(viewers.map(({ ready }) => ready));

  await misbehave(WARM);
  await settle();
  const before = await inspector.holdings();
  const memoryBefore = server.memory();
  const { acts, kills } = await misbehave(options.minutes * 60_000);
  await settle();
  const after = await inspector.holdings();
  const memoryAfter = server.memory();
  over = true;
  await publishing;
  await wait(1_000);

  table(`${options.minutes} minutes, seed ${options.seed}`, ['what came and went', 'times']);
  for (const [name, times] of Object.entries(acts).sort()) row(name, String(times));
  row('ffmpeg that was killed', String(kills));
  table('What is left', ['', 'before', 'after', '']);
  const missing = viewers.map(({ from, bytes }) => sent - from - bytes);
  const skips = viewers.reduce((sum, viewer) => sum + viewer.skips, 0);
  const results = [
    { name: 'heap, MB', values: [before.heap, after.heap].map(megabytes), well: after.heap - before.heap <= MORE_HEAP },
    { name: 'buffers, MB', values: [before.buffers, after.buffers].map(megabytes), well: after.buffers - before.buffers <= MORE_BUFFERS },
    { name: 'resident, MB', values: [memoryBefore, memoryAfter].map(megabytes), well: true },
    { name: 'handles', values: [before, after].map(handles), well: handles(before) === handles(after) },
    { name: `bytes that ${STEADY} steady viewers are missing`, values: ['', `${Math.max(...missing)} (${skips} skips)`], well: missing.every((bytes) => bytes === 0) },
  ];
  for (const { name, values, well } of results) row(name, ...values, well ? 'well' : 'NOT WELL');
  for (const viewer of viewers) viewer.destroy();
  await link.end();
  return results.every(({ well }) => well);
}

/**
 * Lets things happen for so long.
 * @param {number} time ms.
 */
async function misbehave(time) {
  const mischief = new Mischief({ port: server.port, random, workload });
  const end = performance.now() + time;
  let kills = 0;
  for (let count = 1; performance.now() < end; count++) {
    mischief.begin();
    if (count % KILL === 0) {
      const [ffmpeg] = childrenOf(server.pid);
      if (ffmpeg !== undefined) {
        process.kill(ffmpeg, 'SIGKILL');
        kills++;
      }
    }
    await wait(random.small(PACE * 4));
  }
  await mischief.end();
  return { acts: mischief.done, kills };
}

/** Waits until nothing of what came is held any more, and ffmpeg runs again. */
async function settle() {
  await wait(SETTLE);
  for (;;) {
    const { streams } = await (await fetch(`http://127.0.0.1:${server.port}/api/streams`, { headers: { Connection: 'close' } })).json();
    const names = streams.map((/** @type {{ name: string, state: string }} */ { name, state }) => `${name} ${state}`);
    if (names.join() === 'file live,steady live') break;
    await wait(500);
  }
  await wait(1_000);
}

/** @param {number} bytes */
function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}

/** @param {Holdings} holdings */
function handles({ handles: kinds }) {
  return Object.entries(kinds)
    .filter(([kind]) => kind !== 'Timeout' && kind !== 'Immediate')
    .sort()
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}
