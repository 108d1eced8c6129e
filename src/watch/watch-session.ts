import type { Grant } from '../access/grant';
import { LiveGrant } from '../access/live-grant';
import { guard } from '../base/guard';
import { codedError } from '../http/refuse';
import { decodeWatchRequest } from '../protocol/decode-message';
import { SluiceError } from '../protocol/error-code';
import type { WatchRequest } from '../protocol/watch-message';
import type { Clock } from '../relay/clock';
import type { StreamRegistry } from '../relay/stream-registry';
import type { Viewer } from '../relay/viewer';
import type { ReportSink } from '../relay/viewer-reports';
import { errorEvent } from '../socket/error-event';
import type { Peer } from '../socket/peer';
import { MessageOutlet } from './message-outlet';
import { PlainOutlet } from './plain-outlet';
import { readReceiptPong } from './receipt-ping';
import { readContinuous, readInterval, readResume } from './watch-query';

type PlayRequest = Extract<WatchRequest, { type: 'play' }>;

interface WatchSessionOptions {
  readonly peer: Peer;
  readonly name: string;
  readonly query: URLSearchParams;
  /** Of whoever watches. */
  readonly address: string;
  /** The leave to watch, and how to ask for another by a new key or token. */
  readonly grant: Grant;
  readonly ask: (credential: string) => Promise<Grant>;
  /** Takes what it experiences. */
  readonly reports: ReportSink;
  readonly registry: StreamRegistry;
  readonly clock: Clock;
}

/** One viewer on a WebSocket: what it asks for, from its first message to its last. */
export class WatchSession {
  readonly #peer: Peer;
  readonly #clock: Clock;
  readonly #viewer: Viewer;
  readonly #grant: LiveGrant;
  readonly #ask: (credential: string) => Promise<Grant>;
  readonly #reports: ReportSink;
  /** A `play` that waits until what was sent before the pause has left. */
  #delayedPlay: PlayRequest | undefined;

  /** @throws SluiceError `bad-name`, or `bad-request` for its query. */
  constructor({ peer, name, query, address, grant, ask, reports, registry, clock }: WatchSessionOptions) {
    this.#peer = peer;
    this.#clock = clock;
    this.#ask = ask;
    this.#reports = reports;
    this.#viewer = registry.watch(name, peer.speaks ? new MessageOutlet(peer) : new PlainOutlet(peer, { continuous: readContinuous(query) }), {
      resume: readResume(query),
      interval: readInterval(query),
      address,
    });
    this.#grant = new LiveGrant({ grant, clock, ended: (error) => this.#viewer.fail(error) });
    peer.listen({
      text: (text) => {
        if (peer.speaks) this.#take(text);
      },
      binary: () => {
        if (peer.speaks) this.#complain(new SluiceError('bad-message', 'Cannot take a binary message from a viewer'));
      },
      pong: (payload) => {
        const place = peer.speaks ? undefined : readReceiptPong(payload);
        if (place !== undefined) this.#viewer.received(place);
      },
      drained: () => this.#drained(),
      refused: () => undefined,
      closed: () => {
        this.#grant.release();
        this.#viewer.close();
      },
    });
  }

  #take(text: string): void {
    try {
      this.#handle(decodeWatchRequest(text));
    } catch (thrown) {
      if (!(thrown instanceof SluiceError) || thrown.code !== 'bad-message') throw thrown;
      this.#complain(thrown, requestId(text));
    }
  }

  #handle(request: WatchRequest): void {
    switch (request.type) {
      case 'ping':
        this.#peer.answer({ type: 'pong', id: request.id, wall: this.#clock.wall() });
        return;
      case 'pause':
        this.#acknowledge(request.id);
        this.#delayedPlay = undefined;
        this.#viewer.pause();
        return;
      case 'play':
        this.#checkPlay(request);
        this.#acknowledge(request.id);
        if (this.#peer.full) this.#delayedPlay = request;
        else this.#play(request);
        return;
      case 'token':
        guard('a token', () => this.#renew(request.token, request.id));
        return;
      case 'report':
        this.#acknowledge(request.id);
        this.#reports(request);
        this.#viewer.report(request);
        return;
      case 'received':
        this.#viewer.received(request);
        return;
      case 'ok':
        this.#viewer.synced(request.id);
        return;
      default:
        request satisfies never;
    }
  }

  async #renew(token: string, id: number | undefined): Promise<void> {
    try {
      this.#grant.renew(await this.#ask(token));
      this.#acknowledge(id);
    } catch (thrown) {
      this.#complain(codedError(thrown), id);
    }
  }

  #drained(): void {
    const delayed = this.#delayedPlay;
    this.#delayedPlay = undefined;
    if (delayed !== undefined) this.#play(delayed);
    // A `play` without a pause before it has done nothing: the flow goes on as if it hadn't come.
    this.#viewer.drained();
  }

  #checkPlay({ epoch, position }: PlayRequest): void {
    if ((epoch === undefined) !== (position === undefined)) {
      throw new SluiceError('bad-message', 'Cannot play from there: "epoch" and "position" go together');
    }
  }

  #play({ epoch, position }: PlayRequest): void {
    this.#viewer.play(epoch === undefined || position === undefined ? undefined : { epoch, position });
  }

  #acknowledge(id: number | undefined): void {
    if (id !== undefined) this.#peer.answer({ type: 'ok', id });
  }

  #complain(error: SluiceError, id?: number): void {
    this.#peer.answer(errorEvent(error, id));
  }
}

/** The `id` of a message that couldn't be read otherwise, so that its error says what it answers. */
function requestId(text: string): number | undefined {
  try {
    const { id } = JSON.parse(text) as { id?: unknown };
    return typeof id === 'number' && Number.isFinite(id) ? id : undefined;
  } catch {
    // No JSON, or null: it had no id.
    return undefined;
  }
}
