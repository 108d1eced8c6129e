import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { endlessPieces, initOf, type Workload } from '../../scripts/bench/live-media.mjs';
import { SUBPROTOCOL } from '../../src/protocol/subprotocol';
import type { WatchEvent } from '../../src/protocol/watch-message';
import { eventually } from './eventually';
import { TestSocket } from './test-socket';

const VIEWERS = 50;
/** 25 chunks of 4 KB a second, a keyframe each second. */
const STREAM: Workload = {
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

/** A viewer that looks whether every chunk comes, whole and in order. */
class SteadyViewer {
  readonly client: TestSocket;
  /** The number of the last chunk. */
  last: number | undefined;
  /** What was not as it should be. */
  readonly faults: string[] = [];
  #epoch: string | undefined;
  #position = 0;
  #acknowledgedAt = 0;
  #initIsNext = false;
  #ended = false;

  constructor(client: TestSocket) {
    this.client = client;
    client.socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.#takeMedia(data);
      else this.#takeEvent(JSON.parse(data.toString()) as WatchEvent);
      // What was looked at is kept no longer.
      client.received.length = 0;
    });
    client.socket.on('close', (code) => {
      if (!this.#ended) this.faults.push(`closed with ${code}`);
    });
  }

  leave(): void {
    this.#ended = true;
    this.client.socket.terminate();
  }

  #takeEvent(event: WatchEvent): void {
    switch (event.type) {
      case 'init':
        if (this.#epoch !== undefined) this.faults.push('a second init segment');
        this.#epoch = event.epoch;
        this.#position = event.position;
        this.#initIsNext = true;
        return;
      case 'waiting':
        if (this.last !== undefined) this.faults.push(`waiting for ${event.reason}`);
        return;
      case 'skip':
      case 'error':
      case 'end':
        this.faults.push(JSON.stringify(event));
        return;
      default:
    }
  }

  #takeMedia(message: Buffer): void {
    if (this.#initIsNext) {
      this.#initIsNext = false;
      return;
    }
    for (let at = 0; at < message.length; ) {
      const head = message.readUInt32BE(at);
      const number = message.readUInt32BE(at + NUMBER_AT);
      if (this.last !== undefined && number !== this.last + 1) this.faults.push(`chunk ${number} behind chunk ${this.last}`);
      this.last = number;
      at += head + message.readUInt32BE(at + head);
      if (at > message.length) this.faults.push(`chunk ${number} was cut off`);
    }
    this.#position += message.length;
    const now = performance.now();
    if (now - this.#acknowledgedAt < RECEIPTS) return;
    this.#acknowledgedAt = now;
    this.client.tell({ type: 'received', epoch: this.#epoch, position: this.#position });
  }
}

/** A publisher of numbered chunks in real time, and 50 viewers, who notice whatever is done to the relay that they share with an attacker. */
export class SteadyAudience {
  readonly #publisher: TestSocket;
  readonly #viewers: SteadyViewer[] = [];
  #sent = 0;
  #running = true;
  #sending: Promise<void> | undefined;

  private constructor(publisher: TestSocket) {
    this.#publisher = publisher;
  }

  /** Publishes the stream `steady`, and resolves when everybody sees it. @param token Lets publish and watch it. */
  static async gather(wsUrl: string, token?: string): Promise<SteadyAudience> {
    const query = token === undefined ? '' : `?token=${token}`;
    const publisher = await TestSocket.speaking(`${wsUrl}/publish/steady${query}`);
    await publisher.next('ready');
    const audience = new SteadyAudience(publisher);
    publisher.send(initOf(STREAM));
    audience.#sending = audience.#send();
    for (let count = 0; count < VIEWERS; count++) {
      const address = `${wsUrl}/watch/steady${query === '' ? '?' : `${query}&`}interval=0`;
      const socket = new WebSocket(address, [SUBPROTOCOL]);
      audience.#viewers.push(new SteadyViewer(new TestSocket(socket)));
      await once(socket, 'open');
    }
    await audience.expectAll();
    return audience;
  }

  /** Waits until everybody has all that was sent up to now, and holds that nothing was lost on the way. */
  async expectAll(): Promise<void> {
    const sent = this.#sent;
    const faults = (): string[] => [...new Set(this.#viewers.flatMap((viewer) => viewer.faults))];
    await eventually(
      `all ${VIEWERS} viewers have chunk ${sent}`,
      () => faults().length > 0 || this.#viewers.every(({ last = 0 }) => last > sent),
    );
    expect(faults()).toEqual([]);
    expect(this.#publisher.socket.readyState).toBe(this.#publisher.socket.OPEN);
  }

  async leave(): Promise<void> {
    this.#running = false;
    await this.#sending;
    for (const viewer of this.#viewers) viewer.leave();
    this.#publisher.socket.terminate();
  }

  async #send(): Promise<void> {
    const begun = performance.now();
    for (const { at, bytes } of endlessPieces(STREAM)) {
      const early = begun + at - performance.now();
      if (early > 0) await wait(early);
      if (!this.#running) return;
      this.#publisher.received.length = 0;
      this.#publisher.send(bytes);
      this.#sent = bytes.readUInt32BE(NUMBER_AT);
    }
  }
}
