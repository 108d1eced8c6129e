#!/usr/bin/env node
// Measures the parsers of src/media against others, in one run: npm run bench:media
// Only the ratios mean anything: docs/benchmarks.md says what was measured, and where.
import { built } from '../scripts/built.mjs';
import { commandLine } from '../scripts/command-line.mjs';
import { installWorkspace } from '../scripts/install.mjs';
import { build } from '../scripts/parts.mjs';
import { printFacts } from './machine/set-up.mjs';
import { blocks, endlessBlocks, endlessFragments, frameFragments, largeFragments, PIECES_A_SECOND } from './media/media-streams.mjs';
import { median } from './report/statistics.mjs';
import { row, table } from './report/table.mjs';
import { inTurns } from './report/turns.mjs';

/** @typedef {import('./media/media-streams.mjs').Stream} Stream */
/** @typedef {import('./media/media-parsers.mjs').Contestant} Contestant */

/** How much of a stream of frames mp4box gets, which takes its time. */
const MP4BOX_CHUNKS = 1000;
const ROUNDS = 9;
/** How long each runs before it is measured, ms. */
const WARM_UP = 300;
const HOURS = 24;

commandLine('bench:media', 'Measures the parsers of src/media against others.').parse();
await installWorkspace('bench', console.log);
await build(console.log);
const { copyLoop, ebmlStream, mediabunny, mp4boxKeeping, mp4boxTrimmed, mp4frag, mp4fragCopying, sluice } = await import('./media/media-parsers.mjs');
printFacts(`medians of ${ROUNDS} rounds`);
await large(largeFragments());
await small('fMP4, a fragment a frame of 350 B to 8 KB', frameFragments(), [['Sluice', sluice], ['copy loop', copyLoop], ['mp4frag', mp4frag], ['mp4frag, and a copy', mp4fragCopying]]);
await small(`The same, ${MP4BOX_CHUNKS} fragments`, frameFragments(MP4BOX_CHUNKS), [['Sluice', sluice], ['mp4box, all kept', mp4boxKeeping], ['mp4box, samples released', mp4boxTrimmed]]);
await small('WebM, blocks of 350 B to 8 KB', blocks(), [['Sluice', sluice], ['copy loop', copyLoop], ['ebml-stream', ebmlStream], ['mediabunny', mediabunny]]);
table(`${HOURS} simulated hours`, ['stream', 'chunks', 'time', 'memory after garbage collection, MiB, every 3 hours']);
endless('fMP4, 30 fragments of a frame a second', endlessFragments(), PIECES_A_SECOND.mp4);
endless('WebM, 30 blocks of VP9 and 50 of Opus a second', endlessBlocks(), PIECES_A_SECOND.webm);

/** @param {Stream} stream */
async function large(stream) {
  const times = await race(stream, [['Sluice', sluice], ['copy loop', copyLoop], ['mp4frag', mp4frag], ['mp4frag, and a copy', mp4fragCopying], ['mp4box, all kept', mp4boxKeeping], ['mp4box, samples released', mp4boxTrimmed]]);
  table('fMP4, chunks of 50 KB in reads of 64 KiB', ['parser', 'MB/s', 'time against Sluice']);
  for (const [name, time] of times) row(name, (stream.bytes / 1e3 / time).toFixed(0), ratio(time, times.get('Sluice')));
}

/**
 * @param {string} title
 * @param {Stream} stream
 * @param {readonly (readonly [name: string, contestant: Contestant])[]} contestants
 */
async function small(title, stream, contestants) {
  const times = await race(stream, contestants);
  table(title, ['parser', 'µs a chunk', 'time against Sluice']);
  for (const [name, time] of times) row(name, ((time * 1000) / stream.chunks).toFixed(2), ratio(time, times.get('Sluice')));
}

/**
 * The median time of each, ms.
 * @param {Stream} stream
 * @param {readonly (readonly [name: string, contestant: Contestant])[]} contestants
 */
async function race(stream, contestants) {
  /** @type {Map<string, number[]>} */
  const times = new Map(contestants.map(([name]) => [name, []]));
  await inTurns(contestants, ROUNDS, async ([name, contestant]) => {
    globalThis.gc?.();
    await warmUp(contestant, stream);
    const begun = performance.now();
    const count = await contestant(stream);
    const time = performance.now() - begun;
    if (count < stream.chunks * 0.99) throw new Error(`${name} found ${count} of ${stream.chunks} chunks`);
    times.get(name)?.push(time);
  });
  return new Map([...times].map(([name, all]) => [name, median(all)]));
}

/**
 * Collecting garbage makes the heap small, whose growth who comes next would pay for, and throws away compiled code that refers to
 * what was collected: without this, a stream that takes a few milliseconds would measure the compiler.
 * @param {Contestant} contestant
 * @param {Stream} stream
 */
async function warmUp(contestant, stream) {
  const end = performance.now() + WARM_UP;
  do await contestant(stream);
  while (performance.now() < end);
}

/**
 * @param {string} name
 * @param {Iterable<Uint8Array>} pieces
 * @param {number} piecesASecond
 */
function endless(name, pieces, piecesASecond) {
  /** @type {{ MediaParser: typeof import('../src/media/media-parser.js').MediaParser }} */
  const { MediaParser } = built('media/media-parser');
  let chunks = 0;
  const parser = new MediaParser({ init: () => undefined, chunk: () => chunks++ });
  const sample = 3 * 3600 * piecesASecond;
  const memory = [];
  const begun = performance.now();
  let taken = 0;
  for (const piece of pieces) {
    parser.push(piece);
    if (taken++ % sample !== 0) continue;
    globalThis.gc?.();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    memory.push(((heapUsed + arrayBuffers) / 2 ** 20).toFixed(1));
    if (taken > HOURS * 3600 * piecesASecond) break;
  }
  row(name, String(chunks), `${((performance.now() - begun) / 1000).toFixed(0)} s`, memory.join(', '));
}

/**
 * @param {number} time
 * @param {number | undefined} ours
 */
function ratio(time, ours) {
  return `${(time / (ours ?? NaN)).toFixed(2)}×`;
}
