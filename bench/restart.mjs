#!/usr/bin/env node
// Measures how soon viewers play again after the relay was killed or stopped, and how long it takes to stop: npm run bench:restart -- --help
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Option } from 'commander';
import { commandLine, wholeFrom } from '../scripts/command-line.mjs';
import { freePort } from '../scripts/free-port.mjs';
import { Audience } from './clients/player-audience.mjs';
import { playerConnection } from './clients/player-connection.mjs';
import { pushOverHttp } from './clients/publishers.mjs';
import { RELAY, setUp, URGENT } from './machine/set-up.mjs';
import { endlessPieces, initOf } from './media/live-media.mjs';
import { median, quantile } from './report/statistics.mjs';
import { row, table } from './report/table.mjs';
import { ServerProcess } from './servers/server-process.mjs';

/** A stream of 1 Mbit/s, a chunk in 100 ms, a keyframe a second. @type {import('./media/live-media.mjs').Workload} */
const STREAM = { name: 'cam', text: '1 Mbit/s, 10 chunks a second', viewers: 0, head: 'all-sync.mp4', tracks: [{ track: 1, video: true, timescale: 15_360, rate: 10, size: 12_500, samples: 3 }] };
const CHUNK_INTERVAL = 100;
/** How long everybody plays before anything happens, ms. */
const CALM = 2_000;
/** All viewers come from one address here, and at once. */
const FLAGS = ['--no-demo', '--max-viewers-per-address', '0'];
/** After the relay listens again, ms; how long it may take to stop. */
const GOALS = new Map([[200, 1_500], [2000, 6_000]]);
const STOP_GOAL = 4_000;
/** Whatever takes so long to stop is killed, ms. */
const STOP_LIMIT = 60_000;
const COUNTS = [200, 2000];

/** @type {{ viewers: number[], rounds: number, away: number, urgent?: boolean, relay?: string }} */
const options = commandLine('bench:restart', 'Measures how soon viewers play again after the relay was killed or stopped, and how long it takes to stop.')
  .addOption(new Option('--viewers <a,b>', 'how many there are').argParser((text) => text.split(',').map(wholeFrom(1))).default(COUNTS, COUNTS.join(',')))
  .option('--rounds <n>', 'times that each is measured; the median counts', wholeFrom(1), 3)
  .option('--away <n>', 'how long no relay runs before it is started again, ms', wholeFrom(0), 500)
  .addOption(URGENT)
  .addOption(RELAY)
  .parse()
  .opts();
const { root, core, folder } = await setUp(options);
const WatchConnection = await playerConnection(root, folder);
const port = await freePort();
console.log(`Viewers with the player's own connection, of ${STREAM.text}; no relay for ${options.away} ms and until it has started; ${options.rounds} rounds`);

/** The relay, as it was started last. */
let relay = await startRelay();
const publisher = publish();
table('After a restart', ['what', 'viewers', 'stopped after, s', 'half play, s after it listens', 'all play', 'tries of a viewer', 'goal', '']);
for (const count of options.viewers) await examine(count);
publisher.stop();
await relay.stop();

/** @typedef {{ stopped: number, half: number, all: number, tries: number }} Restart */

/** @param {number} count */
async function examine(count) {
  const audience = new Audience(count, { url: new URL(`ws://127.0.0.1:${port}/watch/cam`), WatchConnection });
  await audience.allPlay();
  for (const signal of /** @type {const} */ (['SIGKILL', 'SIGTERM'])) {
    /** @type {Restart[]} */
    const rounds = [];
    for (let round = 0; round < options.rounds; round++) {
      await wait(CALM);
      rounds.push(await restart(audience, signal));
    }
    report(count, signal, rounds);
  }
  audience.close();
}

/**
 * @param {Audience} audience
 * @param {'SIGKILL' | 'SIGTERM'} signal
 * @returns {Promise<Restart>}
 */
async function restart(audience, signal) {
  const since = performance.now();
  await relay.stop(signal, STOP_LIMIT);
  const stopped = performance.now() - since;
  audience.begin();
  await wait(options.away);
  relay = await startRelay();
  const listens = performance.now();
  const times = (await audience.allPlay()).map((at) => at - listens);
  return { stopped, half: median(times), all: quantile(times, 1), tries: audience.tries / times.length };
}

/**
 * @param {number} count
 * @param {'SIGKILL' | 'SIGTERM'} signal
 * @param {readonly Restart[]} rounds
 */
function report(count, signal, rounds) {
  const of = (/** @type {keyof Restart} */ field) => median(rounds.map((round) => round[field]));
  const seconds = (/** @type {number} */ ms) => (ms / 1000).toFixed(1);
  const all = rounds.map((round) => seconds(round.all)).join(', ');
  const [goal, found] = signal === 'SIGTERM' ? [STOP_GOAL, of('stopped')] : [GOALS.get(count), of('all')];
  const verdict = goal === undefined ? '' : found <= goal ? 'met' : 'missed';
  row(signal === 'SIGKILL' ? 'kill -9' : 'SIGTERM', String(count), seconds(of('stopped')), seconds(of('half')), `${seconds(of('all'))} (${all})`, of('tries').toFixed(1), goal === undefined ? '' : `${signal === 'SIGTERM' ? 'stopped' : 'all play'} after ${seconds(goal)} s`, verdict);
}

function startRelay() {
  return ServerProcess.start([process.execPath, join(root, 'bin', 'sluice.js'), 'serve', '--port', String(port), ...FLAGS], { core, cwd: folder });
}

/** Publishes the stream; comes back as soon as it can, for it isn't what is measured. */
function publish() {
  let over = false;
  const run = async () => {
    while (!over) {
      const link = await pushOverHttp(port, '/publish/cam');
      link.send(initOf(STREAM));
      for (const { bytes } of endlessPieces(STREAM)) {
        if (over || link.closed) break;
        link.send(bytes);
        await wait(CHUNK_INTERVAL);
      }
      link.destroy();
    }
  };
  void run();
  return { stop: () => void (over = true) };
}
