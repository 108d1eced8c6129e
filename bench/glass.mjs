#!/usr/bin/env node
// Measures from the camera to the picture in the browser, beside other players: npm run bench:glass -- --help
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { again, CASES, GLASS_PEERS, glassPeers, sluices } from './glass/contestants.mjs';
import { takeTurn } from './glass/turn.mjs';
import { takeUplink } from './glass/uplink.mjs';
import { childrenOf } from './machine/process-stats.mjs';
import { compare, noiseOf, ratioOf, spreadOf } from './report/statistics.mjs';
import { row, table, verdict } from './report/table.mjs';
import { makeUrgent } from './machine/urgent.mjs';
import { build } from '../scripts/parts.mjs';
import { findChromium, ROOT } from '../scripts/programs.mjs';

/** @typedef {import('./glass/contestants.mjs').GlassContestant} GlassContestant */
/** @typedef {import('./glass/turn.mjs').GlassTurn} GlassTurn */

const HELP = `npm run bench:glass -- [options]

  --rounds N          how often everybody has a turn (3)
  --seconds N         how long a turn is measured (60)
  --warm N            seconds that a player has to settle before (5)
  --only aac,silent   Sluice's cases: ${Object.keys(CASES).join(', ')}, or none (aac,silent)
  --peers a,b         beside ${GLASS_PEERS.join(', ')}; "none" for none (all)
  --target SECONDS    target-buffer of Sluice's player, instead of its own choice
  --publisher NAME    who encodes and sends: ffmpeg, or Sluice's publisher in a page by its encoder, webcodecs or mediarecorder (ffmpeg)
  --uplink 0.6        only with Sluice's publisher: its upload carries that part of what it needs for the seconds, then all of it again
  --urgent            before other programs of this machine, where that may be asked for
  --drift             only Sluice, once, for 10 minutes
  --relay FOLDER      the built checkout of Sluice that is measured, instead of this one
`;
/** Seconds of --drift. */
const LONG = 600;
const WITH_SOUND = CASES['aac']?.name ?? '';
const VIDEO_ONLY = CASES['silent']?.name ?? '';
/** What the latency may be at most, ms, of whom. */
const GOALS = [
  { who: WITH_SOUND, p50: 145, p95: 170 },
  { who: CASES['opus']?.name ?? '', p50: 145, p95: 170 },
  { who: VIDEO_ONLY, p50: 60, p95: 95 },
];
/** The same with Sluice's own publisher: by its encoder. */
const PUBLISHER_GOALS = {
  webcodecs: [
    { who: WITH_SOUND, p50: 160, p95: 200 },
    { who: CASES['opus']?.name ?? '', p50: 160, p95: 200 },
    { who: VIDEO_ONLY, p50: 60, p95: Infinity },
  ],
  mediarecorder: [WITH_SOUND, CASES['opus']?.name ?? '', VIDEO_ONLY].map((who) => ({ who, p50: 300, p95: Infinity })),
};
/** How far behind a slow upload may leave it, and how long it may take to be what it was, ms. */
const BEHIND = 2_000;
const RECOVERED = 15_000;
/** How much the latency may grow in 10 minutes, ms. */
const DRIFT = 20;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    warm: { type: 'string', default: '5' },
    only: { type: 'string', default: 'aac,silent' },
    peers: { type: 'string', default: GLASS_PEERS.join(',') },
    target: { type: 'string' },
    publisher: { type: 'string', default: 'ffmpeg' },
    uplink: { type: 'string' },
    drift: { type: 'boolean', default: false },
    urgent: { type: 'boolean', default: false },
    relay: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  console.log(HELP);
  process.exit(0);
}
if (!['ffmpeg', 'webcodecs', 'mediarecorder'].includes(options.publisher)) throw new Error(`Unknown publisher "${options.publisher}": it must be ffmpeg, webcodecs or mediarecorder`);
const inPage = options.publisher !== 'ffmpeg';
if (options.uplink !== undefined && !inPage) throw new Error('Cannot slow the upload of ffmpeg: give --publisher webcodecs or mediarecorder');
const rounds = Number(options.rounds ?? (options.drift ? 1 : 3));
const seconds = Number(options.seconds ?? (options.drift ? LONG : 60));

if (options.relay === undefined) await build(console.log);
const root = options.relay ?? ROOT;
const ours = sluices(options.only.split(',').filter((name) => name !== 'none'), { root, twice: !options.drift, target: options.target });
const peers = options.drift || inPage || options.peers === 'none' ? [] : await glassPeers(options.peers.split(','), { root, say: console.log });
const contestants = [...ours, ...peers];

const folder = mkdtempSync(join(tmpdir(), 'sluice-glass-'));
/** @type {Map<string, import('./servers/server-process.mjs').ServerProcess>} */
const servers = new Map();
/** @type {Map<string, GlassTurn[]>} */
const results = new Map(contestants.map(({ name }) => [name, []]));
const { path, env } = await findChromium();
const browser = await chromium.launch({
  executablePath: path,
  args: ['--disable-gpu', '--autoplay-policy=no-user-gesture-required', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  env: { ...process.env, ...env },
});
// The browser is alone in its session; whatever else is started later has what this process has.
if (options.urgent) for (const pid of [process.pid, ...childrenOf(process.pid)]) makeUrgent(pid);
try {
  console.log(`Node ${process.version}, Chromium ${browser.version()}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}; ${rounds} rounds of ${seconds} s each, in turns`);
  for (const { server, start } of contestants) if (!servers.has(server)) servers.set(server, await start(folder));
  for (let round = 0; round < rounds; round++) {
    // Another begins each time, and who is alike is apart.
    const order = contestants.map((_, index) => /** @type {GlassContestant} */ (contestants[(index + round) % contestants.length]));
    for (const contestant of order) await (options.uplink === undefined ? turn(contestant, round) : uplink(contestant, round, Number(options.uplink)));
  }
} finally {
  await browser.close();
  for (const server of servers.values()) await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
report();

/**
 * @param {GlassContestant} contestant
 * @param {number} round
 */
async function turn(contestant, round) {
  const { name, server } = contestant;
  const running = /** @type {import('./servers/server-process.mjs').ServerProcess} */ (servers.get(server));
  const stream = `glass${round}-${contestants.indexOf(contestant)}`;
  const taken = await takeTurn({ contestant, server: running, browser, folder, stream, warm: Number(options.warm) * 1000, seconds, publisher: options.publisher }).catch((error) => {
    // The others' measurements stand.
    console.error(`round ${round + 1} ${name} failed: ${error.message}`);
    process.exitCode = 1;
  });
  if (taken === undefined) return;
  results.get(name)?.push(taken);
  const { p50, p95, p99, stalls, freeze, dropped, drift, load } = taken;
  console.error(`round ${round + 1} ${name}: p50 ${ms(p50)}, p95 ${ms(p95)}, p99 ${ms(p99)}, ${stalls} stalls, longest freeze ${ms(freeze)}, ${dropped} frames not seen, drift ${ms(drift)} ms, processors ${percent(load)} busy, load ${loadavg()[0]?.toFixed(1)}`);
}

/**
 * @param {GlassContestant} contestant
 * @param {number} round
 * @param {number} part
 */
async function uplink({ name, server, sound }, round, part) {
  const { port } = /** @type {import('./servers/server-process.mjs').ServerProcess} */ (servers.get(server));
  const stream = `uplink${round}-${contestants.findIndex((each) => each.name === name)}`;
  const { p50, p95, worst, lowest, dropped, recovered } = await takeUplink({ browser, port, stream, encoder: options.publisher, sound, part, seconds });
  console.log(`round ${round + 1} ${name}, ${seconds} s at ${percent(part)} of the need: p50 ${ms(p50)}, p95 ${ms(p95)}, worst ${ms(worst)}, down to ${(lowest / 1000).toFixed(0)} kbit/s, ${dropped} frames left out`);
  verdict(`within ${BEHIND} ms of live`, worst <= BEHIND, ms(worst));
  verdict(`its bitrate back within ${RECOVERED} ms`, recovered !== undefined && recovered <= RECOVERED, recovered === undefined ? 'not at all' : ms(recovered));
}

function report() {
  if (options.uplink !== undefined) return;
  table(`From camera to display, ms: the middle of ${rounds} rounds`, ['player', 'p50', 'p95', 'stalls', 'longest freeze', 'frames not seen', 'drift', 'processors busy']);
  for (const [name, turns] of results) {
    if (turns.length === 0) row(name, 'failed');
    if (turns.length === 0) continue;
    const middle = (/** @type {(turn: GlassTurn) => number} */ of) => spreadOf(turns.map(of)).median;
    const sum = (/** @type {(turn: GlassTurn) => number} */ of) => turns.reduce((total, turn) => total + of(turn), 0);
    const { median, low, high } = spreadOf(turns.map(({ p50 }) => p50));
    row(
      name,
      `${ms(median)} (${ms(low)}–${ms(high)})`,
      ms(middle(({ p95 }) => p95)),
      String(sum(({ stalls }) => stalls)),
      ms(Math.max(...turns.map(({ freeze }) => freeze))),
      `${((sum(({ dropped }) => dropped) / sum(({ frames }) => frames)) * 100).toFixed(1)} %`,
      ms(middle(({ drift }) => drift)),
      percent(middle(({ load }) => load)),
    );
  }
  console.log();
  if (options.drift) reportDrift();
  else reportGoals();
}

function reportDrift() {
  for (const [name, turns] of results) {
    const most = Math.max(...turns.map(({ drift }) => Math.abs(drift)));
    verdict(`${name}: drift over ${seconds} s under ${DRIFT} ms`, most < DRIFT, `${ms(most)} ms`);
  }
}

function reportGoals() {
  const goals = options.publisher === 'webcodecs' || options.publisher === 'mediarecorder' ? PUBLISHER_GOALS[options.publisher] : GOALS;
  for (const { who, p50, p95 } of goals) {
    const turns = results.get(who) ?? [];
    if (turns.length === 0) continue;
    const middle = { p50: spreadOf(turns.map((turn) => turn.p50)).median, p95: spreadOf(turns.map((turn) => turn.p95)).median };
    const stalls = turns.reduce((sum, turn) => sum + turn.stalls, 0);
    verdict(`${who}: p50 ≤ ${p50} ms`, middle.p50 <= p50, ms(middle.p50));
    if (p95 < Infinity) verdict(`${who}: p95 ≤ ${p95} ms`, middle.p95 <= p95, ms(middle.p95));
    verdict(`${who}: no stall`, stalls === 0, String(stalls));
  }
  for (const { name, sound } of peers) comparePeer(name, sound ? WITH_SOUND : VIDEO_ONLY);
}

/**
 * @param {string} peer
 * @param {string} who Of Sluice's cases, the one that carries the same.
 */
function comparePeer(peer, who) {
  const p50Of = (/** @type {string} */ name) => (results.get(name) ?? []).map(({ p50 }) => p50);
  if ([who, again(who), peer].some((name) => p50Of(name).length !== rounds)) return;
  const noise = noiseOf(ratioOf(p50Of(who), p50Of(again(who))));
  const ratio = ratioOf(p50Of(who), p50Of(peer));
  console.log(`- ${who} ÷ ${peer}: ${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)}–${ratio.high.toFixed(2)}), ${compare(ratio, noise)}; two of the same lie ${percent(noise)} apart`);
}

/** @param {number} time */
function ms(time) {
  return time.toFixed(0);
}

/** @param {number} share */
function percent(share) {
  return `${(share * 100).toFixed(0)} %`;
}
