#!/usr/bin/env node
// Finds how many viewers one core serves in time: npm run bench:capacity -- --help
import { commandLine, numberFrom, wholeFrom } from '../scripts/command-line.mjs';
import { measure } from './clients/broadcast.mjs';
import { RELAY, setUp } from './machine/set-up.mjs';
import { initOf, piecesOf, videoOf } from './media/live-media.mjs';
import { delivered as written, loads } from './report/format.mjs';
import { row, table } from './report/table.mjs';
import { sluice } from './servers/contestants.mjs';

const WARM = 3_000;
/** Later than this for one of a hundred, in the middle of all seconds, is too late, ms. */
const TOO_LATE = 100;
/** From here on a core is full. */
const FULL = 0.95;
const STEP = 1.25;
/** How often a step is tried: what else the machine does isn't the relay's limit. */
const TRIES = 3;

/** @type {{ bitrate: number, interval?: number, viewers: number, seconds: number, relay?: string }} */
const options = commandLine('bench:capacity', 'Finds how many viewers one core serves in time.')
  .option('--bitrate <n>', 'Mbit/s of the stream, of 30 frames a second', numberFrom(0.1), 2)
  .option('--interval <n>', 'delivery interval of viewers, ms, instead of what the relay chooses', wholeFrom(0))
  .option('--viewers <n>', 'to begin with', wholeFrom(1), 500)
  .option('--seconds <n>', 'how long each step is measured', numberFrom(1), 5)
  .addOption(RELAY)
  .parse()
  .opts();
const { bitrate, interval } = options;
const { root, core, folder } = await setUp(options);
const workload = videoOf(bitrate * 1e6);
const init = initOf(workload);
const pieces = piecesOf(workload, WARM / 1000 + options.seconds);
const contestant = sluice({ root, interval });
const server = await contestant.start({ core, folder });
table(`${workload.text}, interval ${interval === undefined ? 'of the relay' : `${interval} ms`}`, ['viewers', 'p50, ms', 'p99, ms', 'CPU a delivery, µs', 'load of server / client', 'delivered', '']);
let best = 0;
let why = '';
let tries = 0;
for (let { viewers } = options; tries < TRIES; ) {
  const measured = await measure({ contestant, server, stream: `v${viewers}-${tries}`, init, pieces, viewers, warm: WARM, bySecond: true });
  const { p50, p99, cpu, serverLoad, clientLoad, delivered } = measured;
  why = limitOf(measured);
  row(String(viewers), p50.toFixed(1), p99.toFixed(1), cpu.toFixed(2), loads(serverLoad, clientLoad), written(delivered), why);
  if (why === '') {
    best = viewers;
    viewers = Math.ceil((viewers * STEP) / 50) * 50;
    tries = 0;
  } else {
    tries++;
  }
}
await server.stop();
console.log(`\n${best} viewers, ${((best * bitrate) / 1000).toFixed(2)} Gbit/s a core; then ${why}`);

/**
 * Why it is too many, or nothing.
 * @param {import('./clients/broadcast.mjs').Measured} measured
 */
function limitOf({ p99, serverLoad, clientLoad, delivered }) {
  if (serverLoad >= FULL) return "the server's core is full";
  if (clientLoad >= FULL) return "the client's core is full: the relay could do more";
  if (delivered !== 1) return 'not all was delivered';
  return p99 > TOO_LATE ? `p99 passes ${TOO_LATE} ms` : '';
}
