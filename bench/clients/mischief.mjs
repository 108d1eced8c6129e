import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { endlessPieces, initOf, inTime } from '../media/live-media.mjs';
import { publishOverSocket, pushOverHttp } from './publishers.mjs';
import { Viewer } from './viewer.mjs';

/** @typedef {import('../media/live-media.mjs').Workload} Workload */
/** @typedef {import('../../fuzz/random.mjs').Random} Random */

/** Names of streams that come and go. */
const NAMES = ['a', 'b', 'c', 'd'];
const MOST_LIFE = 6_000;
const FRAME_HALF = Buffer.from([0x82, 0xfe, 0xff, 0xff, 1, 2, 3]);

/** Viewers and publishers that come and go at random, and do wrong. */
export class Mischief {
  #port;
  #random;
  #workload;
  #init;
  /** @type {Set<Promise<void>>} */
  #busy = new Set();
  #over = false;

  /**
   * How often each thing was done.
   * @type {Record<string, number>}
   */
  done = {};

  /** @param {{ port: number, random: Random, workload: Workload }} options */
  constructor({ port, random, workload }) {
    this.#port = port;
    this.#random = random;
    this.#workload = workload;
    this.#init = initOf(workload);
  }

  /** Begins one thing more. */
  begin() {
    const acts = {
      'viewer that leaves': () => this.#watch((viewer) => viewer.destroy()),
      'viewer that is reset': () => this.#watch((viewer) => viewer.reset()),
      'viewer that stops reading': () => this.#watch((viewer) => this.#stall(viewer)),
      'viewer that breaks off in a message': () => this.#watch((viewer) => this.#half(viewer)),
      'viewer that sends nonsense': () => this.#watch((viewer) => this.#nonsense(viewer)),
      'viewer of plain bytes': () => this.#watch((viewer) => viewer.destroy(), 'plain'),
      'viewer over HTTP': () => this.#progressive(),
      'handshake that breaks off': () => this.#halfHandshake(),
      'push that ends': () => this.#push('end'),
      'push that breaks off in a fragment': () => this.#push('half'),
      'push that turns into noise': () => this.#push('noise'),
      'publishing socket that ends': () => this.#publish(true),
      'publishing socket that breaks off': () => this.#publish(false),
    };
    const name = this.#random.pick(Object.keys(acts));
    this.done[name] = (this.done[name] ?? 0) + 1;
    const run = acts[/** @type {keyof typeof acts} */ (name)]().catch(() => undefined);
    this.#busy.add(run);
    void run.then(() => this.#busy.delete(run));
  }

  /** Waits until everything that was begun is over. */
  async end() {
    this.#over = true;
    await Promise.all(this.#busy);
  }

  get #name() {
    return this.#random.pick(NAMES);
  }

  #life() {
    return wait(this.#over ? 0 : this.#random.small(MOST_LIFE));
  }

  /**
   * @param {(viewer: Viewer) => void | Promise<void>} leave
   * @param {import('./viewer.mjs').Dialect} [dialect]
   */
  async #watch(leave, dialect = 'sluice') {
    const viewer = new Viewer({ port: this.#port, path: `/watch/${this.#name}`, dialect, onMedia: () => undefined });
    await viewer.ready;
    await this.#life();
    await leave(viewer);
  }

  /** @param {Viewer} viewer */
  async #stall(viewer) {
    viewer.reading = false;
    await this.#life();
    viewer.reset();
  }

  /** @param {Viewer} viewer */
  async #half(viewer) {
    viewer.sendRaw(FRAME_HALF);
    await wait(20);
    viewer.destroy();
  }

  /** @param {Viewer} viewer */
  async #nonsense(viewer) {
    viewer.tell({ type: 'received', epoch: 'none', position: -1 });
    viewer.tell({ type: 'unheard of' });
    viewer.sendRaw(Buffer.from([0xff, 0xff, 0xff]));
    await wait(20);
    viewer.destroy();
  }

  async #progressive() {
    const get = request({ host: '127.0.0.1', port: this.#port, path: `/watch/${this.#name}.mp4`, agent: false });
    get.on('error', () => undefined);
    get.on('response', (response) => response.resume());
    get.end();
    await this.#life();
    get.destroy();
  }

  async #halfHandshake() {
    const socket = connect(this.#port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(`GET /watch/${this.#name} HTTP/1.1\r\nHost: 127.0.0.1:${this.#port}\r\nUpgrade: web`);
    await wait(20);
    socket.resetAndDestroy();
  }

  /** @param {'end' | 'half' | 'noise'} way */
  async #push(way) {
    const link = await pushOverHttp(this.#port, `/publish/${this.#name}`);
    await this.#send(link);
    if (way === 'end') return link.end();
    const [piece] = endlessPieces(this.#workload);
    link.send(way === 'half' && piece ? piece.bytes.subarray(0, piece.bytes.length >> 1) : Buffer.from(this.#random.bytes(1000)));
    await wait(20);
    link.destroy();
  }

  /** @param {boolean} cleanly */
  async #publish(cleanly) {
    const link = await publishOverSocket(this.#port, `/publish/${this.#name}`);
    await this.#send(link);
    if (cleanly) return link.end();
    link.destroy();
  }

  /**
   * A stream of a random length, in time.
   * @param {import('./publishers.mjs').PublisherLink} link
   */
  async #send(link) {
    link.send(this.#init);
    const end = this.#random.small(MOST_LIFE);
    for await (const { at, bytes } of inTime(endlessPieces(this.#workload))) {
      if (at >= end || this.#over || link.closed) return;
      link.send(bytes);
    }
  }
}
