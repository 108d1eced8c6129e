#!/usr/bin/env node
// Measures from the camera to the picture in the browser, beside other players: npm run bench:glass -- --help
import { loadavg } from 'node:os';
import { Option } from 'commander';
import { workFolder } from '../scripts/at-end.mjs';
import { commandLine, namesOf, numberFrom, wholeFrom } from '../scripts/command-line.mjs';
import { launchChromium } from './clients/chromium.mjs';
import { again, CASES, GLASS_PEERS, glassPeers, sluices } from './glass/contestants.mjs';
import { takeTurn } from './glass/turn.mjs';
import { takeUplink } from './glass/uplink.mjs';
import { childrenOf } from './machine/process-stats.mjs';
import { printFacts, RELAY, relayFolder, URGENT } from './machine/set-up.mjs';
import { makeUrgent } from './machine/urgent.mjs';
import { ms, percent, spread } from './report/format.mjs';
import { compare, noiseOf, ratioOf, spreadOf } from './report/statistics.mjs';
import { row, table, verdict } from './report/table.mjs';
import { inTurns } from './report/turns.mjs';

/** @typedef {import('./glass/contestants.mjs').GlassContestant} GlassContestant */
/** @typedef {import('./glass/turn.mjs').GlassTurn} GlassTurn */

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

const NAMES = Object.keys(CASES);
const FAKE_DEVICES = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

const line = commandLine('bench:glass', 'Measures from the camera to the picture in the browser, beside other players.')
  .option('--rounds <n>', 'how often everybody has a turn (default: 3)', wholeFrom(1))
  .option('--seconds <n>', 'how long a turn is measured (default: 60)', numberFrom(1))
  .option('--warm <n>', 'seconds that a player has to settle before', numberFrom(0), 5)
  .addOption(new Option('--only <a,b>', `Sluice's cases: ${NAMES.join(', ')}, or none`).argParser(namesOf(NAMES)).default(['aac', 'silent'], 'aac,silent'))
  .addOption(new Option('--peers <a,b>', `beside ${GLASS_PEERS.join(', ')}, or none`).argParser(namesOf(GLASS_PEERS)).default(GLASS_PEERS, 'all'))
  .option('--target <seconds>', "target-buffer of Sluice's player, instead of its own choice")
  .addOption(new Option('--publisher <name>', "who encodes and sends: ffmpeg, or Sluice's publisher in a page by its encoder").choices(['ffmpeg', 'webcodecs', 'mediarecorder']).default('ffmpeg'))
  .option('--uplink <part>', "only with Sluice's publisher: its upload carries that part of what it needs for the seconds, then all of it again", numberFrom(0))
  .addOption(URGENT)
  .option('--drift', 'only Sluice, once, for 10 minutes')
  .addOption(RELAY)
  .parse();
/** @type {{ rounds?: number, seconds?: number, warm: number, only: string[], peers: string[], target?: string, publisher: string, uplink?: number, urgent?: true, drift?: true, relay?: string }} */
const options = line.opts();
const inPage = options.publisher !== 'ffmpeg';
if (options.uplink !== undefined && !inPage) line.error('error: ffmpeg has no upload that is slow: give --publisher webcodecs or mediarecorder');
const { rounds, seconds } = options.drift ? { rounds: 1, seconds: LONG, ...options } : { rounds: 3, seconds: 60, ...options };

const root = await relayFolder(options.relay);
const ours = sluices(options.only, { root, twice: !options.drift, target: options.target });
const peers = options.drift || inPage ? [] : await glassPeers(options.peers, { root, say: console.log });
const contestants = [...ours, ...peers];
const folder = workFolder('glass');
/** @type {Map<string, import('./servers/server-process.mjs').ServerProcess>} */
const servers = new Map();
/** @type {Map<string, GlassTurn[]>} */
const results = new Map(contestants.map(({ name }) => [name, []]));
const browser = await launchChromium(FAKE_DEVICES);
// The browser is alone in its session; whatever else is started later has what this process has.
if (options.urgent) for (const pid of [process.pid, ...childrenOf(process.pid)]) makeUrgent(pid);
printFacts(`Chromium ${browser.version()}; ${rounds} rounds of ${seconds} s each, in turns`);
for (const { server, start } of contestants) if (!servers.has(server)) servers.set(server, await start(folder));
const { uplink: part } = options;
await inTurns(contestants, rounds, (contestant, round) => (part === undefined ? turn(contestant, round) : uplink(contestant, round, part)));
await browser.close();
for (const server of servers.values()) await server.stop();
report();

/**
 * @param {GlassContestant} contestant
 * @param {number} round
 */
async function turn(contestant, round) {
  const { name, server } = contestant;
  const running = /** @type {import('./servers/server-process.mjs').ServerProcess} */ (servers.get(server));
  const stream = `glass${round}-${contestants.indexOf(contestant)}`;
  const taken = await takeTurn({ contestant, server: running, browser, folder, stream, warm: options.warm * 1000, seconds, publisher: options.publisher }).catch((error) => {
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
    row(
      name,
      spread(spreadOf(turns.map(({ p50 }) => p50)), 0),
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
  console.log(`- ${who} ÷ ${peer}: ${spread(ratio)}, ${compare(ratio, noise)}; two of the same lie ${percent(noise)} apart`);
}
