import { setTimeout as wait } from 'node:timers/promises';
import { Broadcast } from './broadcast.mjs';
import { SlowProxy } from '../links/slow-proxy.mjs';
import { Viewer } from './viewer.mjs';

/** @typedef {import('../servers/contestants.mjs').Contestant} Contestant */

/** How often everybody's lag is looked at, ms. */
const LOOK = 50;
/** A viewer that is no further behind is live, ms: the keyframe of a GOP may be the newest for a while. */
const LIVE = 250;
/** How long a viewer that was closed waits, ms. */
const RECONNECT = 50;
/** When viewers begin to be slow, ms. */
export const CALM = 5_000;

/**
 * How viewers of a group behave.
 * @typedef {object} Group
 * @property {string} name
 * @property {number} viewers
 * @property {number} [stop] For how long they stop reading, ms.
 * @property {number} [rate] Bytes a second that come to them at most.
 */

/**
 * What became of a viewer.
 * @typedef {object} Fate
 * @property {number | undefined} backAfter How long after it read again it was live, ms.
 * @property {number} stale Seconds of media that it got in that time.
 * @property {number} worstLag While it read, ms.
 * @property {number | undefined} closeCode 0 if it was cut off without one.
 * @property {number} skips
 */

/** One viewer of a group, over all its connections. */
class Patient {
  #options;
  #next = 0;
  /** @type {Viewer} */
  #viewer;
  /** Bytes of the connections before. */
  #bytes = 0;
  #stopped = false;
  #over = false;
  #readAgainAt = Infinity;
  #bytesThen = 0;

  /** @type {Fate} */
  fate = { backAfter: undefined, stale: 0, worstLag: 0, closeCode: undefined, skips: 0 };

  /** @param {{ contestant: Contestant, port: number, stream: string, broadcast: Broadcast, counts: boolean }} options */
  constructor(options) {
    this.#options = options;
    this.#viewer = this.#connect();
  }

  get ready() {
    return this.#viewer.ready;
  }

  get bytes() {
    return this.#bytes + this.#viewer.bytes;
  }

  /** @param {number} time ms. */
  async stopFor(time) {
    this.#stopped = true;
    this.#viewer.reading = false;
    await wait(time);
    this.#stopped = false;
    this.#readAgainAt = performance.now();
    this.#bytesThen = this.bytes;
    this.#viewer.reading = true;
  }

  /** @param {number} bytesPerSecond */
  look(bytesPerSecond) {
    const { broadcast } = this.#options;
    const now = performance.now();
    const lag = broadcast.timeOf(broadcast.sent) - broadcast.timeOf(this.#viewer.position);
    if (this.#stopped) return;
    if (now < this.#readAgainAt) {
      this.fate.worstLag = Math.max(this.fate.worstLag, lag);
    } else if (this.fate.backAfter === undefined && lag <= LIVE) {
      this.fate.backAfter = now - this.#readAgainAt;
      this.fate.stale = (this.bytes - this.#bytesThen) / bytesPerSecond;
    }
  }

  end() {
    this.fate.skips += this.#viewer.skips;
    this.#over = true;
    this.#viewer.destroy();
  }

  /** @param {{ epoch: string, position: number }} [resume] */
  #connect(resume) {
    const { contestant, port, stream, broadcast, counts } = this.#options;
    return new Viewer({
      port,
      path: contestant.watch(stream, resume),
      dialect: contestant.dialect,
      onMedia: ({ position }, now) => {
        if (counts) this.#next = broadcast.note(this.#next, position, now);
      },
      onClose: (viewer) => this.#closed(viewer),
    });
  }

  /** @param {Viewer} viewer */
  #closed(viewer) {
    if (this.#over) return;
    this.fate.closeCode = viewer.closeCode ?? 0;
    this.fate.skips += viewer.skips;
    this.#bytes += viewer.bytes;
    const { epoch, position } = viewer;
    setTimeout(() => {
      if (this.#over) return;
      this.#viewer = this.#connect(epoch === '' ? undefined : { epoch, position });
      this.#viewer.ready.catch(() => undefined);
    }, RECONNECT);
  }
}

/**
 * What a run gave.
 * @typedef {object} SlowRun
 * @property {Map<string, Fate[]>} fates Of each group.
 * @property {number} p99 Of the viewers that were never slow, in the middle of all seconds, ms.
 * @property {number} growth How much memory the server took beyond what it had when viewers began to be slow, bytes.
 */

/**
 * One stream to groups of viewers, of which some become slow.
 * @param {object} run
 * @param {Contestant} run.contestant
 * @param {import('../servers/server-process.mjs').ServerProcess} run.server
 * @param {string} run.stream
 * @param {Buffer} run.init
 * @param {readonly import('../media/live-media.mjs').Piece[]} run.pieces
 * @param {number} run.bytesPerSecond
 * @param {number} run.gop ms.
 * @param {readonly Group[]} run.groups
 * @returns {Promise<SlowRun>}
 */
export async function runSlow({ contestant, server, stream, init, pieces, bytesPerSecond, gop, groups }) {
  const broadcast = new Broadcast(pieces, { warm: CALM, bySecond: true });
  const proxies = new Map();
  for (const { rate } of groups) if (rate !== undefined && !proxies.has(rate)) proxies.set(rate, await SlowProxy.open({ port: server.port, rate }));
  const members = new Map(
    groups.map(({ name, viewers, stop, rate }) => {
      const port = proxies.get(rate)?.port ?? server.port;
      const counts = stop === undefined && rate === undefined;
      return [name, Array.from({ length: viewers }, () => new Patient({ contestant, port, stream, broadcast, counts }))];
    }),
  );
  const all = [...members.values()].flat();
  await Promise.all(all.map(({ ready }) => ready));
  const link = await contestant.publish(server.port, stream);
  link.send(init);
  let before = 0;
  let most = 0;
  const looking = setInterval(() => {
    most = Math.max(most, server.memory());
    for (const patient of all) patient.look(bytesPerSecond);
  }, LOOK);
  await broadcast.send(link, () => {
    before = server.memory();
    most = before;
    for (const { name, stop } of groups) if (stop !== undefined) void stopAll(members.get(name) ?? [], { stop, within: gop });
  });
  clearInterval(looking);
  for (const patient of all) patient.end();
  await link.end();
  for (const proxy of proxies.values()) await proxy.close();
  return {
    fates: new Map([...members].map(([name, group]) => [name, group.map(({ fate }) => fate)])),
    p99: broadcast.usualP99,
    growth: most - before,
  };
}

/**
 * Stops viewers one after the other, so that they come back at all times of a GOP.
 * @param {readonly Patient[]} patients
 * @param {{ stop: number, within: number }} times ms.
 */
async function stopAll(patients, { stop, within }) {
  for (const patient of patients) {
    void patient.stopFor(stop);
    await wait(within / patients.length);
  }
}
