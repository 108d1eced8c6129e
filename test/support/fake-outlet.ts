import type { MediaPieces } from '../../src/media/patched-media';
import type { SluiceError } from '../../src/protocol/error-code';
import type { WatchEvent } from '../../src/protocol/watch-message';
import type { MediaMessage } from '../../src/relay/media-message';
import type { EpochStart, MediaPlace, OwnTimes, ViewerOutlet } from '../../src/relay/viewer-outlet';

/** A door out that notes what it is given, and takes or doesn't take as the test likes. */
export class FakeOutlet implements ViewerOutlet {
  readonly transport = 'sluice.v1';
  /** What it was given since the test last looked, a line each: `init 0`, `0..10`, `waiting keyframe`, `end ended`. */
  #lines: string[] = [];
  readonly begun: EpochStart[] = [];
  readonly sent: MediaMessage[] = [];
  readonly ownTimes: OwnTimes | undefined;
  /** What was sent with its times moved. */
  readonly moved: MediaPieces[] = [];
  /** The newest `sync` that it was asked for. */
  syncId = 0;
  readonly told: WatchEvent[] = [];
  failure: SluiceError | undefined;
  /** Bytes that it says are queued. */
  queue = 0;
  /** What happens beside in `begin`. */
  onBegin: () => void = () => undefined;
  /** What happens beside in `send`. */
  onSend: () => void = () => undefined;

  /** A door that learns what arrives, or one that only knows its queue. */
  constructor(
    readonly receipts = false,
    ownTimes?: OwnTimes,
  ) {
    this.ownTimes = ownTimes;
  }

  /** The lines since the last call. */
  news(): string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  begin(start: EpochStart): void {
    this.begun.push(start);
    this.#lines.push(`${start.continues ?? (start.resumed ? 'resume' : 'init')} ${start.position}`);
    this.onBegin();
  }

  send(message: MediaMessage): void {
    this.sendAll([message]);
  }

  sendAll(messages: readonly MediaMessage[]): void {
    this.sent.push(...messages);
    this.#lines.push(...messages.map(({ from, position }) => `${from}..${position}`));
    this.onSend();
  }

  sendMoved(messages: readonly MediaPieces[]): void {
    this.moved.push(...messages);
    this.#lines.push(...messages.map((pieces) => `moved ${pieces.reduce((size, { length }) => size + length, 0)}`));
    this.onSend();
  }

  mark({ position }: MediaPlace): void {
    if (this.receipts) this.#lines.push(`mark ${position}`);
  }

  sync(id: number, { position }: MediaPlace): void {
    this.syncId = id;
    if (this.receipts) this.#lines.push(`sync ${position}`);
  }

  tell(event: WatchEvent): void {
    this.told.push(event);
    this.#lines.push(line(event));
  }

  end(reason: 'ended' | 'restart'): void {
    this.#lines.push(`end ${reason}`);
  }

  fail(error: SluiceError): void {
    this.failure = error;
    this.#lines.push(`error ${error.code}`);
  }

  queued(): number {
    return this.queue;
  }
}

function line(event: WatchEvent): string {
  switch (event.type) {
    case 'waiting':
      return `waiting ${event.reason}`;
    case 'skip':
      return `skip to ${event.position}`;
    default:
      return event.type;
  }
}
