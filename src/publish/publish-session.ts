import type { IncomingMessage } from 'node:http';
import type { Grant } from '../access/grant';
import { LiveGrant } from '../access/live-grant';
import { guard } from '../base/guard';
import type { Log } from '../base/log';
import { addressOf } from '../http/address';
import { codedError } from '../http/refuse';
import { type Who, whoOf } from '../http/who-of';
import type { InitSegment } from '../media/chunk';
import { decodePublishRequest } from '../protocol/decode-message';
import { CloseCode, SluiceError } from '../protocol/error-code';
import type { PublishEvent, PublishRequest } from '../protocol/publish-message';
import { droppedInfo, trackInfo } from '../relay/track-info';
import { errorEvent } from '../socket/error-event';
import { FrameCount } from '../socket/frame-count';
import type { Peer } from '../socket/peer';
import { logRefusal } from './http-push';
import { NO_KEYFRAME, Publisher, type PublisherDoor, type PublisherOptions } from './publisher';

/** Time between two `received`, ms. */
const RECEIPT_INTERVAL = 250;
/** A close frame without a code: what a browser's `close()` sends. */
const NO_CODE = 1005;

interface PublishSessionOptions extends Omit<PublisherOptions, 'door' | 'origin'> {
  readonly request: IncomingMessage;
  readonly peer: Peer;
  readonly log: Log;
  /** The leave to publish, and how to ask for another by a new key or token. */
  readonly grant: Grant;
  readonly ask: (credential: string) => Promise<Grant>;
}

/** One publisher on a WebSocket. */
export class PublishSession implements PublisherDoor {
  readonly #options: PublishSessionOptions;
  readonly #peer: Peer;
  readonly #publisher: Publisher;
  readonly #frames: FrameCount;
  readonly #stopReceipts: () => void;
  readonly #grant: LiveGrant;
  /** The fields of its log lines. */
  readonly #who: Who & { readonly name: string };
  #toldBytes = 0;
  /** Whether how it went has been logged. */
  #over = false;

  /** @throws SluiceError `bad-name`, `name-in-use`. */
  constructor(options: PublishSessionOptions) {
    this.#options = options;
    this.#who = { ...whoOf(options.request), name: options.name };
    this.#peer = options.peer;
    this.#frames = new FrameCount(options.request.socket);
    this.#publisher = new Publisher({ ...options, origin: { transport: 'websocket', address: addressOf(options.request) }, door: this });
    const { grant, clock } = options;
    this.#grant = new LiveGrant({ grant, clock, ended: (error) => this.#publisher.fail(error) });
    this.#stopReceipts = options.clock.every(RECEIPT_INTERVAL, () => this.#tellReceived());
    options.peer.listen({
      text: (text) => {
        this.#frames.next(Buffer.byteLength(text));
        this.#take(text);
      },
      binary: (bytes) => this.#publisher.push(bytes, this.#frames.next(bytes.length)),
      drained: () => undefined,
      refused: (error) => this.failed(error),
      closed: (code) => this.#closed(code),
    });
    this.#tell({ type: 'ready' });
  }

  live({ container, mime, tracks, dropped }: InitSegment): void {
    this.#options.log.info({ ...this.#who, container, mime }, 'Publisher is live');
    this.#tell({ type: 'live', mime, tracks: tracks.map(trackInfo), ...droppedInfo(dropped) });
  }

  jumped(seconds: number): void {
    this.#options.log.warn({ ...this.#who, seconds }, 'Timestamps jumped: a new epoch begins');
  }

  keyframeMissing(seconds: number): void {
    this.#options.log.warn({ ...this.#who, seconds: Math.round(seconds) }, NO_KEYFRAME);
  }

  keyframe(): void {
    this.#tell({ type: 'keyframe' });
  }

  hold(held: boolean): void {
    this.#peer.hold(held);
  }

  failed(error: SluiceError): void {
    this.#over = true;
    const { log, request, name } = this.#options;
    logRefusal(log, request, { name, error });
    this.#peer.fail(error);
  }

  #take(text: string): void {
    if (!this.#peer.speaks) {
      this.#peer.fail(new SluiceError('bad-message', 'Cannot take text: a publisher without "sluice.v1" sends binary messages only'));
      return;
    }
    this.#publisher.after(() => this.#peer.attempt(() => this.#decode(text)));
  }

  #decode(text: string): void {
    try {
      this.#handle(decodePublishRequest(text));
    } catch (thrown) {
      if (!(thrown instanceof SluiceError) || thrown.code !== 'bad-message') throw thrown;
      this.#peer.answer(errorEvent(thrown));
    }
  }

  #handle(request: PublishRequest): void {
    switch (request.type) {
      case 'clock':
        this.#publisher.clock(request.media, request.wall);
        return;
      case 'ping':
        this.#peer.answer({ type: 'pong', id: request.id, wall: this.#options.clock.wall() });
        return;
      case 'token':
        guard('a token', () => this.#renew(request.token, request.id));
        return;
      case 'end':
        this.#tellReceived();
        this.#end();
        this.#peer.close(CloseCode.end, 'ended');
        return;
      default:
        request satisfies never;
    }
  }

  async #renew(token: string, id: number | undefined): Promise<void> {
    try {
      this.#grant.renew(await this.#options.ask(token));
      if (id !== undefined) this.#peer.answer({ type: 'ok', id });
    } catch (thrown) {
      this.#peer.answer(errorEvent(codedError(thrown), id));
    }
  }

  /** A client that has no `end` to send ends its stream by closing cleanly. */
  #closed(code: number): void {
    this.#stopReceipts();
    this.#grant.release();
    // Whoever breaks off loses what is pending; whoever closes cleanly may have sent an "end" that is pending, too.
    if (code !== CloseCode.end && code !== NO_CODE) this.#lost(code);
    else this.#publisher.after(() => (this.#peer.speaks ? this.#lost(code) : this.#end()));
  }

  #end(): void {
    this.#publisher.end();
    if (this.#over) return;
    this.#over = true;
    this.#options.log.info({ ...this.#who, bytes: this.#publisher.bytes }, 'Publisher has ended');
  }

  #lost(code: number): void {
    this.#publisher.lost();
    if (this.#over) return;
    this.#over = true;
    this.#options.log.warn({ ...this.#who, bytes: this.#publisher.bytes, close: code }, 'Publisher broke off');
  }

  #tellReceived(): void {
    const { bytes, viewers, latency } = this.#publisher;
    if (bytes === this.#toldBytes) return;
    this.#toldBytes = bytes;
    this.#tell({ type: 'received', bytes, viewers, ...(latency !== undefined && { latency: Math.round(latency * 1000) / 1000 }) });
  }

  #tell(event: PublishEvent): void {
    if (this.#peer.speaks) this.#peer.tell(event);
  }
}
