#!/usr/bin/env node
// Finds how many viewers one core serves in time: npm run bench:capacity -- --help
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure } from './clients/broadcast.mjs';
import { sluice } from './servers/contestants.mjs';
import { takeCores } from './machine/cores.mjs';
import { initOf, piecesOf, videoOf } from './media/live-media.mjs';
import { checkStats } from './machine/process-stats.mjs';
import { row, table } from './report/table.mjs';
import { build } from '../scripts/parts.mjs';
import { ROOT } from '../scripts/programs.mjs';

const HELP = `npm run bench:capacity -- [options]

  --bitrate N      Mbit/s of the stream, of 30 frames a second (2)
  --interval N     delivery interval of viewers, ms, instead of what the relay chooses
  --viewers N      to begin with (500)
  --seconds N      how long each step is measured (5)
  --relay FOLDER   the built checkout of Sluice that is measured, instead of this one
`;
const WARM = 3_000;
/** Later than this for one of a hundred, in the middle of all seconds, is too late, ms. */
const TOO_LATE = 100;
/** From here on a core is full. */
const FULL = 0.95;
const STEP = 1.25;
/** How often a step is tried: what else the machine does isn't the relay's limit. */
const TRIES = 3;

const { values: options } = parseArgs({
  options: {
    bitrate: { type: 'string', default: '2' },
    interval: { type: 'string' },
    viewers: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '5' },
    relay: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  console.log(HELP);
  process.exit(0);
}
checkStats();
if (options.relay === undefined) await build(console.log);
const workload = videoOf(Number(options.bitrate) * 1e6);
const init = initOf(workload);
const pieces = piecesOf(workload, WARM / 1000 + Number(options.seconds));
const cores = takeCores();
console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}; ${cores.text}`);
const interval = options.interval === undefined ? undefined : Number(options.interval);
const contestant = sluice({ root: options.relay ?? ROOT, interval });
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const server = await contestant.start({ core: cores.server, folder });
table(`${workload.text}, interval ${interval === undefined ? 'of the relay' : `${interval} ms`}`, ['viewers', 'p50, ms', 'p99, ms', 'CPU a delivery, µs', 'load of server / client', 'delivered', '']);
let best = 0;
let why = '';
let tries = 0;
try {
  for (let viewers = Number(options.viewers); tries < TRIES; ) {
    const measured = await measure({ contestant, server, stream: `v${viewers}-${tries}`, init, pieces, viewers, warm: WARM, bySecond: true });
    const { p50, p99, cpu, serverLoad, clientLoad, delivered } = measured;
    why = limitOf(measured);
    const load = `${(serverLoad * 100).toFixed(0)} % / ${(clientLoad * 100).toFixed(0)} %`;
    row(String(viewers), p50.toFixed(1), p99.toFixed(1), cpu.toFixed(2), load, delivered === 1 ? 'all' : `${(delivered * 100).toFixed(2)} %`, why);
    if (why === '') {
      best = viewers;
      viewers = Math.ceil((viewers * STEP) / 50) * 50;
      tries = 0;
    } else {
      tries++;
    }
  }
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`\n${best} viewers, ${((best * Number(options.bitrate)) / 1000).toFixed(2)} Gbit/s a core; then ${why}`);

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
