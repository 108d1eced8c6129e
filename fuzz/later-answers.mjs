import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { HostileMedia } from './hostile-media.mjs';

/** @typedef {import('./random.mjs').Random} Random */
/** @typedef {import('./fuzzed-relay.mjs').FuzzedRelay} FuzzedRelay */
/** @typedef {{ socket: WebSocket, media: HostileMedia }} Publisher */

const NAMES = ['one', 'two'];
/** Whoever brings the same takes over. */
const SESSION = 'fuzzed-session-0123456789';
/** How many requests may be under way. */
const MOST_REQUESTS = 60;
/** Numbers that a message may state. */
const NUMBERS = [0, 1, -1, 0.5, 1e9, 1e11, 1e11 + 1, 8.64e15, 8.65e15, 1e300, -1e300, 2 ** 53, Number.MAX_VALUE, null, 'x'];
/** Any other status is wrong: 500 is a fault of the relay. */
const ANSWERS = new Set([200, 204, 206, 304, 400, 403, 404, 406, 416, 429, 503]);
/** The longest playlist of a window of 12 s, characters. */
const LONGEST_PLAYLIST = 60_000;
/** How long a request may take to be answered once its stream has ended, ms: only a fault reaches it. */
const PATIENCE = 60_000;

/**
 * Attacks what is answered later: requests for playlists and parts wait while publishers send media, state clocks, end, break off and
 * take over, in a random order. Every request must be answered, by what it asked for or a coded error, and the relay goes on.
 */
export class LaterAnswers {
  #relay;
  #random;
  /** @type {Map<string, Publisher>} */
  #publishers = new Map();
  /** @type {Set<WebSocket>} */
  #sockets = new Set();
  /** @type {Set<Promise<unknown>>} */
  #opening = new Set();
  /** @type {Set<Promise<void>>} */
  #requests = new Set();
  /** @type {Set<AbortController>} */
  #aborts = new Set();
  /** The newest playlist of each stream. @type {Map<string, string>} */
  #playlists = new Map();
  /** The highest MEDIA-SEQUENCE of each stream that was seen. @type {Map<string, number>} */
  #numbers = new Map();

  /**
   * @param {FuzzedRelay} relay
   * @param {Random} random
   */
  constructor(relay, random) {
    this.#relay = relay;
    this.#random = random;
    /** What went wrong, each once. @type {Set<string>} */
    this.findings = new Set();
    /** How many steps there were, and answers by their status. */
    this.counts = { steps: 0, answers: /** @type {Record<string, number>} */ ({}) };
  }

  /** Takes one random step. Throws if the relay has ended. */
  async step() {
    this.counts.steps++;
    const random = this.#random;
    const name = random.pick(NAMES);
    const publisher = this.#publishers.get(name);
    if (publisher === undefined) await this.#publish(name);
    else this.#act(name, publisher);
    if (random.oneIn(2)) this.#ask(name);
    if (random.oneIn(40)) random.pick([...this.#aborts, undefined])?.abort();
    if (random.oneIn(25)) await sleep(random.small(60));
    if (random.oneIn(8)) await this.#request(`/hls/${name}/media.m3u8?session=steady`, (text) => this.#check(name, text), 80);
    this.#checkAlive();
  }

  /** Ends all streams: whatever waits must be answered then. */
  async finish() {
    await Promise.all(this.#opening);
    for (const socket of this.#sockets) {
      if (this.#random.oneIn(2)) socket.terminate();
      else socket.send('{"type":"end"}', () => undefined);
    }
    const answered = Promise.all(this.#requests);
    const late = await Promise.race([answered.then(() => false), this.#relay.ended.then(() => false), sleep(PATIENCE, true, { ref: false })]);
    if (late) this.findings.add(`${this.#requests.size} requests are still not answered ${PATIENCE} ms after their streams have ended`);
    for (const abort of this.#aborts) abort.abort();
    for (const socket of this.#sockets) socket.terminate();
    await answered;
    if (this.#relay.death !== undefined) this.findings.add(this.#relay.death);
  }

  #checkAlive() {
    if (this.#relay.death !== undefined) throw new Error(this.#relay.death);
  }

  /** @param {string} name */
  async #publish(name) {
    const session = this.#random.oneIn(3) ? '' : `?session=${SESSION}`;
    const socket = await this.#open(`/publish/${name}${session}`, 'ready');
    if (socket === undefined) return;
    const publisher = { socket, media: new HostileMedia(this.#random) };
    this.#publishers.set(name, publisher);
    socket.once('close', () => {
      if (this.#publishers.get(name) === publisher) this.#publishers.delete(name);
    });
    socket.send(publisher.media.init(), () => undefined);
  }

  /**
   * What a publisher does next, or somebody to it.
   * @param {string} name
   * @param {Publisher} publisher
   */
  #act(name, { socket, media }) {
    const random = this.#random;
    const ignore = () => undefined;
    const [number, other] = [random.pick(NUMBERS), random.pick(NUMBERS)];
    switch (random.below(30)) {
      case 0:
        return socket.send('{"type":"end"}', ignore);
      case 1:
        return socket.terminate();
      case 2:
        return void this.#publish(name);
      case 3:
      case 4:
        return socket.send(JSON.stringify({ type: 'clock', media: random.oneIn(2) ? 0 : number, wall: other }), ignore);
      case 5:
        return socket.send(media.init(), ignore);
      case 6:
        return void this.#watch(name);
      case 7:
        return void (random.oneIn(4) && this.#request(`/api/streams/${name}`, undefined, undefined, 'DELETE'));
      default:
        for (let count = random.below(6); count >= 0; count--) socket.send(media.next(), ignore);
    }
  }

  /**
   * A viewer that reports what it likes, and goes.
   * @param {string} name
   */
  async #watch(name) {
    const socket = await this.#open(`/watch/${name}`);
    const random = this.#random;
    socket?.send(JSON.stringify({ type: 'report', id: 1, latency: random.pick(NUMBERS), buffer: random.pick(NUMBERS), stalls: random.pick(NUMBERS) }), () => socket.terminate());
  }

  /**
   * Asks for what may come later.
   * @param {string} name
   */
  #ask(name) {
    if (this.#requests.size >= MOST_REQUESTS) return;
    const random = this.#random;
    const text = this.#playlists.get(name) ?? '';
    const [part] = /[^"]+\/p\d+\.m4s(?="\n$)/.exec(text) ?? [];
    const kind = random.below(8);
    if (kind === 0) void this.#request(`/hls/${name}/index.m3u8`);
    else if (kind === 1 && part !== undefined) void this.#request(`/hls/${name}/${part}`);
    else if (kind === 2) void this.#request(`/hls/${name}/media.m3u8?session=${random.below(5)}`);
    else void this.#request(`/hls/${name}/media.m3u8?session=${random.below(5)}${this.#directives(text)}`, (answer) => void this.#playlists.set(name, answer));
  }

  /**
   * Directives near the end of a playlist, or far away.
   * @param {string} text
   */
  #directives(text) {
    const random = this.#random;
    const edge = Number(/MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1] ?? 0) + (text.match(/#EXTINF/g)?.length ?? 0);
    const sequence = random.oneIn(10) ? random.bits() : edge + random.below(4) - 1;
    const part = random.oneIn(3) ? '' : `&_HLS_part=${random.small(30)}`;
    return `&_HLS_msn=${Math.max(0, sequence)}${part}${random.oneIn(4) ? '&_HLS_skip=YES' : ''}`;
  }

  /**
   * A playlist that was asked for while no other was under way here.
   * @param {string} name
   * @param {string} text
   */
  #check(name, text) {
    this.#playlists.set(name, text);
    const sequence = Number(/MEDIA-SEQUENCE:(.*)/.exec(text)?.[1]);
    const known = this.#numbers.get(name) ?? 0;
    const isEmpty = !text.includes('#EXTINF');
    if (!Number.isSafeInteger(sequence) || sequence < 0) this.findings.add(`A playlist has the MEDIA-SEQUENCE ${sequence}`);
    else if (sequence < known && !isEmpty) this.findings.add(`MEDIA-SEQUENCE has gone back from ${known} to ${sequence}`);
    else if (!isEmpty) this.#numbers.set(name, sequence);
    if (text.length > LONGEST_PLAYLIST) this.findings.add(`A playlist has ${text.length} characters`);
    const [line] = /^#EXT.*(?:NaN|Infinity|undefined|e\+\d).*$/m.exec(text) ?? [];
    if (line !== undefined) this.findings.add(`A playlist has the line ${line}`);
  }

  /**
   * Resolves once it is answered, whatever becomes of it; `take` is given the text of an answer of 200.
   * @param {string} path
   * @param {((text: string) => void)} [take]
   * @param {number} [limit] After so many ms it is given up.
   * @param {string} [method]
   */
  #request(path, take, limit, method = 'GET') {
    const abort = new AbortController();
    const signal = limit === undefined ? abort.signal : AbortSignal.any([abort.signal, AbortSignal.timeout(limit)]);
    this.#aborts.add(abort);
    const request = this.#fetch(path, { method, signal }, take).finally(() => {
      this.#aborts.delete(abort);
      this.#requests.delete(request);
    });
    this.#requests.add(request);
    return request;
  }

  /**
   * @param {string} path
   * @param {RequestInit} options
   * @param {((text: string) => void)} [take]
   */
  async #fetch(path, options, take) {
    try {
      const response = await fetch(this.#relay.url + path, options);
      const { status } = response;
      this.counts.answers[status] = (this.counts.answers[status] ?? 0) + 1;
      if (!ANSWERS.has(status)) this.findings.add(`${path.split('?')[0]} is answered with ${status}`);
      const text = await response.text();
      if (status >= 400 && !text.includes('"code":')) this.findings.add(`${status} without a code: ${text.slice(0, 200)}`);
      if (status === 200) take?.(text);
    } catch {
      // Given up, or cut off: a part that doesn't come any more ends so. Whether the relay has ended shows elsewhere.
    }
  }

  /**
   * A socket that is open, or nothing if it is refused.
   * @param {string} path
   * @param {string} [ready] What the relay says once it is let in, if it says anything.
   */
  async #open(path, ready) {
    const socket = new WebSocket(this.#relay.url.replace('http', 'ws') + path, 'sluice.v1');
    this.#sockets.add(socket);
    const opening = new Promise((/** @type {(value?: undefined) => void} */ resolve) => {
      socket.once('close', () => {
        this.#sockets.delete(socket);
        resolve();
      });
      socket.once('open', () => void (ready === undefined && resolve()));
      socket.on('message', (data) => void (ready !== undefined && String(data).includes(`"${ready}"`) && resolve()));
      socket.on('error', () => undefined);
    });
    this.#opening.add(opening);
    await opening;
    this.#opening.delete(opening);
    return socket.readyState === WebSocket.OPEN ? socket : undefined;
  }
}
