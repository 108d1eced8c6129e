// A publisher of numbered chunks in real time, and 50 viewers who look whether every chunk comes, whole and in order.
// It runs in a process of its own, so that what a test does keeps it from nothing: `node steady-audience.mjs ws://HOST:PORT PID [TOKEN]`, with the process of the relay.
// It says { ready: true } once everybody sees the stream, and answers each message with { faults, latency } once everybody has what was sent up to then.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { endlessPieces, initOf } from '../../bench/media/live-media.mjs';

const VIEWERS = 50;
/** 25 chunks of 4 KB a second, a keyframe each second. @type {import('../../bench/media/live-media.mjs').Workload} */
const STREAM = {
  name: 'steady',
  text: '4 KB × 25 a second',
  viewers: VIEWERS,
  head: 'all-sync.mp4',
  tracks: [{ track: 1, video: true, timescale: 12_800, rate: 25, size: 4_000 }],
};
/** Where the number of a fragment stands in its `moof`. */
const NUMBER_AT = 20;
/** How often a viewer says what it has, ms. */
const RECEIPTS = 1_000;
/** How long everybody may take to get what was sent, ms: on a machine that has much else to do. */
const PATIENCE = 60_000;

/** Viewers may be behind for a while after the machine held up the relay or this process: kept them waiting for a processor for so much of the last two seconds, ms. */
const HELD_UP = 1_000;
const CATCHING_UP = 5_000;
const LOOK_INTERVAL = 50;
const LOOKS = 2_000 / LOOK_INTERVAL;

/** When each of the newest chunks was sent, and how long each took to each viewer since the last look, ms. @type {Map<number, number>} */
const sentAt = new Map();
/** @type {number[]} */
let latencies = [];
/** How many are kept: half a minute. */
const MAX_SENT = 750;

const [url = '', relay = '', token = ''] = process.argv.slice(2);

let heldUpUntil = 0;
let tick = performance.now();
/** How long both processes had waited for a processor at each of the last looks, ms. @type {number[]} */
const waits = [];
setInterval(() => {
  const now = performance.now();
  waits.push(waitedForProcessor('self') + waitedForProcessor(relay));
  if (waits.length > LOOKS) waits.shift();
  const waited = Math.max(now - tick, Number(waits.at(-1)) - Number(waits[0]));
  if (waited > HELD_UP) heldUpUntil = now + CATCHING_UP;
  tick = now;
}, LOOK_INTERVAL);

/**
 * How long a process was ready to run since it began while others had the processor, ms. Only Linux tells it (`/proc/PID/schedstat`); 0 elsewhere.
 * @param {string} pid
 */
function waitedForProcessor(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

/** One who looks at everything that comes. */
class SteadyViewer {
  /** The number of the last chunk. */
  last = 0;
  /** What was not as it should be. @type {string[]} */
  faults = [];
  #socket;
  #epoch = '';
  #position = 0;
  #acknowledgedAt = 0;
  #initIsNext = false;

  /** @param {string} address */
  constructor(address) {
    const socket = new WebSocket(address, ['sluice.v1']);
    this.#socket = socket;
    socket.on('message', (/** @type {Buffer} */ data, isBinary) => (isBinary ? this.#takeMedia(data) : this.#takeEvent(JSON.parse(String(data)))));
    socket.on('error', () => undefined);
    socket.on('close', (code) => this.faults.push(`closed with ${code}`));
    this.opened = once(socket, 'open');
  }

  /** @param {import('../../src/protocol/watch-message.js').WatchEvent} event */
  #takeEvent(event) {
    switch (event.type) {
      case 'init':
        if (this.#epoch !== '') this.faults.push('a second init segment');
        this.#epoch = event.epoch;
        this.#position = event.position;
        this.#initIsNext = true;
        return;
      case 'sync':
        this.#socket.send(JSON.stringify({ type: 'ok', id: event.id }));
        return;
      case 'skip':
        // Who got no turn on a busy machine was behind by no fault of the relay's.
        if (performance.now() < heldUpUntil) this.last = 0;
        else this.faults.push(JSON.stringify(event));
        return;
      case 'error':
      case 'end':
        this.faults.push(JSON.stringify(event));
        return;
      default:
    }
  }

  /** @param {Buffer} message */
  #takeMedia(message) {
    if (this.#initIsNext) {
      this.#initIsNext = false;
      return;
    }
    for (let at = 0; at < message.length; ) {
      const head = message.readUInt32BE(at);
      const number = message.readUInt32BE(at + NUMBER_AT);
      if (this.last !== 0 && number !== this.last + 1) this.faults.push(`chunk ${number} behind chunk ${this.last}`);
      this.last = number;
      latencies.push(performance.now() - (sentAt.get(number) ?? Infinity));
      at += head + message.readUInt32BE(at + head);
      if (at > message.length) this.faults.push(`chunk ${number} was cut off`);
    }
    this.#position += message.length;
    const now = performance.now();
    if (now - this.#acknowledgedAt < RECEIPTS) return;
    this.#acknowledgedAt = now;
    this.#socket.send(JSON.stringify({ type: 'received', epoch: this.#epoch, position: this.#position }));
  }
}

/** The number of the last chunk that was sent. */
let sent = 0;
const publisher = new WebSocket(`${url}/publish/steady?token=${token}`);
publisher.on('close', (code) => void report([`the publisher is closed with ${code}`]));
await once(publisher, 'open');
publisher.send(initOf(STREAM));
void publish();
/** @type {SteadyViewer[]} */
const viewers = [];
for (let count = 0; count < VIEWERS; count++) {
  const viewer = new SteadyViewer(`${url}/watch/steady?interval=0&token=${token}`);
  viewers.push(viewer);
  await viewer.opened;
}
await allHave(1);
process.send?.({ ready: true });
process.on('message', () => void allHave(sent + 1).then(report));
// The test has gone.
process.on('disconnect', () => process.exit());

async function publish() {
  const begun = performance.now();
  for (const { at, bytes } of endlessPieces(STREAM)) {
    const early = begun + at - performance.now();
    if (early > 0) await wait(early);
    const number = bytes.readUInt32BE(NUMBER_AT);
    sentAt.set(number, performance.now());
    sentAt.delete(number - MAX_SENT);
    publisher.send(bytes);
    sent = number;
  }
}

/**
 * What was not as it should be, once everybody has that chunk.
 * @param {number} number
 */
async function allHave(number) {
  const faults = () => [...new Set(viewers.flatMap((viewer) => viewer.faults))];
  /** Each is told once: what went wrong in one test is no failure of the next. */
  const told = () => [...new Set(viewers.flatMap((viewer) => viewer.faults.splice(0)))];
  for (const since = performance.now(); viewers.some(({ last }) => last < number); await wait(20)) {
    if (faults().length > 0) break;
    if (performance.now() - since > PATIENCE) return [`not everybody has chunk ${number} after ${PATIENCE} ms`];
  }
  return told();
}

/** @param {string[]} faults */
function report(faults) {
  const sorted = latencies.filter(Number.isFinite).sort((a, b) => a - b);
  latencies = [];
  const at = (/** @type {number} */ share) => Math.round((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) * 10) / 10;
  process.send?.({ faults, latency: { p50: at(0.5), p99: at(0.99), max: at(1) } });
}
