import { setTimeout as wait } from 'node:timers/promises';
import { inTime } from '../media/live-media.mjs';
import { Histogram, median, quantile } from '../report/statistics.mjs';
import { Viewer } from './viewer.mjs';

/** @typedef {import('../servers/contestants.mjs').Contestant} Contestant */

/** How many viewers connect at once: more would overflow the server's backlog. */
const CONNECTING = 50;
/** How long nothing may arrive before the rest counts as lost, ms. */
const PATIENCE = 5_000;

/**
 * What was measured of a server.
 * @typedef {object} Measured
 * @property {number} cpu Time of the server's process for each chunk that a viewer got, µs.
 * @property {number} p50 From the publisher's write to the viewer's last byte, ms.
 * @property {number} p99 ms.
 * @property {number} memory The most that the server has had, bytes.
 * @property {number} delivered Share of the bytes that viewers were due: everything behind where each joined.
 * @property {number} skips How often the server left something out.
 * @property {number} closed How many viewers it closed.
 * @property {number} clientLoad Share of a core that this process took.
 * @property {number} serverLoad The same of the server.
 */

/** A stream in the form that a server takes, with what is known of each piece. */
export class Broadcast {
  #pieces;
  #ends;
  #sentAt;
  #warm;
  #bySecond;

  /** Offset of the end of what was sent, in media bytes. */
  sent = 0;
  latency = new Histogram();
  /**
   * The same by the second of the stream.
   * @type {number[][]}
   */
  #latencyOfSecond = [];
  /** Whether what arrives is measured. */
  measuring = false;
  /** Pieces that arrived at viewers. */
  arrived = 0;

  /**
   * @param {readonly { at: number, bytes: Buffer }[]} pieces
   * @param {{ warm: number, bySecond?: boolean }} options `warm`: for how long nothing is measured, ms; `bySecond`: whether `usualP99` is asked for.
   */
  constructor(pieces, { warm, bySecond = false }) {
    this.#pieces = pieces;
    this.#warm = warm;
    this.#bySecond = bySecond;
    let end = 0;
    this.#ends = Float64Array.from(pieces, ({ bytes }) => (end += bytes.length));
    this.#sentAt = new Float64Array(pieces.length);
  }

  /** Bytes of all media. */
  get bytes() {
    return this.#ends[this.#ends.length - 1] ?? 0;
  }

  /** The p99 of half of all seconds is below, ms: what else the machine does now and then says nothing. */
  get usualP99() {
    return median(Object.values(this.#latencyOfSecond).map((times) => quantile(times, 0.99)));
  }

  /**
   * When the newest piece before a position was due, ms since the stream began.
   * @param {number} position
   */
  timeOf(position) {
    let low = 0;
    for (let high = this.#ends.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((this.#ends[middle] ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return this.#pieces[low - 1]?.at ?? 0;
  }

  /**
   * Sends everything at its time.
   * @param {import('./publishers.mjs').PublisherLink} link
   * @param {() => void} onWarm Called before the first piece that is measured.
   */
  async send(link, onWarm) {
    let index = 0;
    for await (const { at, bytes } of inTime(this.#pieces)) {
      if (!this.measuring && at >= this.#warm) {
        onWarm();
        this.measuring = true;
      }
      this.#sentAt[index] = performance.now();
      this.sent = this.#ends[index++] ?? 0;
      link.send(bytes);
    }
  }

  /**
   * Notes what a viewer has got.
   * @param {number} next The piece that it was waiting for.
   * @param {number} position Behind what it has.
   * @param {number} now
   * @returns {number} The piece that it waits for now.
   */
  note(next, position, now) {
    while (next < this.#ends.length && (this.#ends[next] ?? 0) <= position) {
      this.arrived++;
      const at = this.#sentAt[next] ?? 0;
      const due = this.#pieces[next]?.at ?? 0;
      if (this.measuring && due >= this.#warm) {
        this.latency.add(now - at);
        if (this.#bySecond) (this.#latencyOfSecond[Math.floor(due / 1000)] ??= []).push(now - at);
      }
      next++;
    }
    return next;
  }
}

/**
 * One stream to many viewers, measured once it has run warm.
 * @param {object} turn
 * @param {Contestant} turn.contestant
 * @param {import('../servers/server-process.mjs').ServerProcess} turn.server
 * @param {string} turn.stream A name that wasn't used before.
 * @param {Buffer} turn.init
 * @param {readonly import('../media/live-media.mjs').Piece[]} turn.pieces
 * @param {number} turn.viewers
 * @param {number} turn.warm ms.
 * @param {boolean} [turn.bySecond] Whether p99 is that of the middle of all seconds.
 * @param {() => void} [turn.onWarm] Called when the measurement begins.
 * @returns {Promise<Measured>}
 */
export async function measure({ contestant, server, stream, init, pieces, viewers, warm, bySecond = false, onWarm }) {
  const { form = { head: init, of: ({ bytes }) => bytes } } = contestant;
  const broadcast = new Broadcast(pieces.map((piece) => ({ at: piece.at, bytes: form.of(piece) })), { warm, bySecond });
  const audience = await gather({ contestant, server, stream, viewers, broadcast });
  const link = await contestant.publish(server.port, stream);
  link.send(form.head);
  let cpu = 0;
  let arrived = 0;
  let own = process.cpuUsage();
  let begun = 0;
  await broadcast.send(link, () => {
    cpu = server.cpuTime();
    arrived = broadcast.arrived;
    own = process.cpuUsage();
    begun = performance.now();
    onWarm?.();
  });
  await allArrived(broadcast, pieces.length * viewers);
  cpu = server.cpuTime() - cpu;
  arrived = broadcast.arrived - arrived;
  const { user, system } = process.cpuUsage(own);
  const time = performance.now() - begun;
  const got = audience.reduce((sum, { bytes }) => sum + bytes, 0);
  const due = audience.reduce((sum, { from }) => sum + broadcast.bytes - from, 0);
  const skips = audience.reduce((sum, viewer) => sum + viewer.skips, 0);
  const closed = audience.filter((viewer) => viewer.closed).length;
  await link.end();
  for (const viewer of audience) viewer.destroy();
  return {
    cpu: (cpu * 1000) / arrived,
    p50: broadcast.latency.quantile(0.5),
    p99: bySecond ? broadcast.usualP99 : broadcast.latency.quantile(0.99),
    memory: server.peakMemory(),
    delivered: got / due,
    skips,
    closed,
    clientLoad: (user + system) / 1000 / time,
    serverLoad: cpu / time,
  };
}

/**
 * @param {object} turn
 * @param {Contestant} turn.contestant
 * @param {import('../servers/server-process.mjs').ServerProcess} turn.server
 * @param {string} turn.stream
 * @param {number} turn.viewers
 * @param {Broadcast} turn.broadcast
 */
async function gather({ contestant, server, stream, viewers, broadcast }) {
  /** @type {Viewer[]} */
  const audience = [];
  while (audience.length < viewers) {
    const some = Array.from({ length: Math.min(CONNECTING, viewers - audience.length) }, () => {
      let next = 0;
      return new Viewer({
        port: server.port,
        path: contestant.watch(stream),
        dialect: contestant.dialect,
        onMedia: ({ position }, now) => {
          next = broadcast.note(next, position, now);
        },
      });
    });
    await Promise.all(some.map(({ ready }) => ready));
    audience.push(...some);
  }
  return audience;
}

/**
 * Waits for the last byte, or until nothing more comes.
 * @param {Broadcast} broadcast
 * @param {number} due
 */
async function allArrived(broadcast, due) {
  for (let since = performance.now(), last = -1; broadcast.arrived < due; ) {
    if (broadcast.arrived !== last) since = performance.now();
    else if (performance.now() - since > PATIENCE) return;
    last = broadcast.arrived;
    await wait(5);
  }
}
