import { Backoff } from '../../src/protocol/backoff';
import type { ErrorEvent } from '../../src/protocol/watch-message';
import { PublishConnection } from './publish-connection';
import type { Recording, RecordingListener } from './recording';
import { UploadMeter } from './upload-meter';

/** How far the relay may be behind and the upload still count as having room, ms. */
const ROOMY = 1_000;
/** How far the relay may be behind before all that waits is given up, ms. */
const TOO_SLOW = 6_000;
/** How long a connection may stand still and still count as slow, not as lost, ms. */
const STANDSTILL = 3_000;
/** How long the upload must have had room before the bitrate goes up again, ms: twice that after each time that it was too much. */
const ROOM = 10_000;
const LONGEST_ROOM = 160_000;
/** How many recorders may stop by themselves in one broadcast. */
const RECORDER_FAILURES = 3;

/**
 * Where a broadcast is. `connecting`: on its way to its first second, or to another connection as planned; `live`: the relay passes it on;
 * `retrying`: the connection is lost, or couldn't be made, and is made again; `stopping`: the end is on its way.
 */
type BroadcastPhase = 'off' | 'connecting' | 'live' | 'retrying' | 'stopping';

/** What came of a broadcast that wasn't stopped. */
type BroadcastFailure = { readonly kind: 'refused'; readonly error: ErrorEvent } | { readonly kind: 'recorder'; readonly error: unknown };

interface BroadcastOptions {
  /** Address of the publish socket. */
  readonly url: string;
  /** Starts a recording of what is to be seen now; throws when the browser can't. `lowered`: how many times its bitrate is to be halved. */
  readonly record: (listener: RecordingListener, lowered: number) => Recording;
  /** The phase, or something else to be shown, has changed. */
  readonly changed: () => void;
  /** Makes the socket; replaced in tests. */
  readonly connect?: (url: string) => WebSocket;
  readonly backoff?: Backoff;
}

/**
 * A broadcast from going live to its end. Whenever the connection is lost it is made again, with a recording of
 * its own, since one can't be cut in the middle: the relay makes it the next epoch, and viewers stay.
 */
export class Broadcast {
  readonly #options: BroadcastOptions;
  readonly #backoff: Backoff;
  #phase: BroadcastPhase = 'off';
  #connection: PublishConnection | undefined;
  #recording: Recording | undefined;
  #meter = new UploadMeter();
  #retry: ReturnType<typeof setTimeout> | undefined;
  #ready = false;
  #since: number | undefined;
  #viewers = 0;
  #latency: number | undefined;
  #codec = '';
  #lowered = 0;
  /** How long there must be room, and since when there is. */
  #room = ROOM;
  #roomSince: number | undefined;
  #recorderFailures = 0;
  #failure: BroadcastFailure | undefined;
  #hindrance: ErrorEvent | undefined;

  constructor(options: BroadcastOptions) {
    this.#options = options;
    this.#backoff = options.backoff ?? new Backoff();
  }

  get phase(): BroadcastPhase {
    return this.#phase;
  }

  /** Why it is off, if it wasn't stopped. */
  get failure(): BroadcastFailure | undefined {
    return this.#failure;
  }

  /** What the relay said when it closed the connection that is made again, if it did. */
  get hindrance(): ErrorEvent | undefined {
    return this.#phase === 'retrying' ? this.#hindrance : undefined;
  }

  /** When it went live, by `performance.now()`. */
  get since(): number | undefined {
    return this.#since;
  }

  get viewers(): number {
    return this.#viewers;
  }

  /** Middle latency that viewers tell of, ms, if they do. */
  get latency(): number | undefined {
    return this.#latency;
  }

  /** As the relay has understood it; empty before that. */
  get codec(): string {
    return this.#codec;
  }

  /** Age of the oldest media that the relay doesn't have, ms. */
  get behind(): number {
    return this.#meter.behind(performance.now());
  }

  /** How many times the bitrate is halved because the upload was too slow. */
  get lowered(): number {
    return this.#lowered;
  }

  /** Bits a second that the relay receives. */
  get bitrate(): number {
    return this.#meter.bitrate(performance.now());
  }

  /** Goes live. */
  start(): void {
    if (this.#phase !== 'off') return;
    this.#failure = undefined;
    this.#since = undefined;
    this.#viewers = 0;
    this.#lowered = 0;
    this.#room = ROOM;
    this.#recorderFailures = 0;
    this.#backoff.reset();
    this.#enter('connecting');
    this.#open();
  }

  /** Ends the broadcast; resolves when its last piece is on its way and the relay was told. */
  async stop(): Promise<void> {
    if (this.#phase === 'off' || this.#phase === 'stopping') return;
    clearTimeout(this.#retry);
    this.#enter('stopping');
    await this.#recording?.stop();
    this.#recording = undefined;
    if (this.#connection === undefined) this.#end();
    else this.#connection.end();
  }

  /** Records anew, on the same connection: what is to be seen comes from elsewhere now. */
  async renew(): Promise<void> {
    if (await this.#endRecording()) this.#record();
  }

  /** Records anew, on a connection of its own: the relay takes one container a connection. */
  async reconnect(): Promise<void> {
    if (await this.#endRecording()) this.#reopen('connecting', 0);
  }

  /** Lets the recording end well; tells whether another one may take its place. */
  async #endRecording(): Promise<boolean> {
    const old = this.#recording;
    await old?.stop();
    return old !== undefined && this.#recording === old && this.#phase !== 'stopping';
  }

  #open(): void {
    this.#meter = new UploadMeter();
    this.#ready = false;
    this.#connection = new PublishConnection(
      this.#options.url,
      {
        ready: () => {
          this.#ready = true;
          this.#record();
        },
        live: (codec) => this.#live(codec),
        received: (bytes, viewers, latency) => {
          this.#viewers = viewers;
          this.#latency = latency === undefined ? undefined : latency * 1000;
          this.#meter.receive(bytes, performance.now());
          this.#options.changed();
        },
        closed: (end) => {
          if (end.kind === 'refused' && this.#phase !== 'stopping') this.#fail({ kind: 'refused', error: end.error });
          else if (end.kind === 'lost' && this.#phase !== 'stopping') this.#lost(end.error);
          else this.#end();
        },
      },
      this.#options.connect,
    );
  }

  #record(): void {
    if (!this.#ready || this.#phase === 'stopping') return;
    try {
      this.#recording = this.#options.record(
        {
          data: (piece) => this.#send(piece),
          failed: (error) => this.#recorderFailed(error),
        },
        this.#lowered,
      );
    } catch (error) {
      this.#fail({ kind: 'recorder', error });
    }
  }

  #live(codec: string): void {
    this.#codec = codec;
    this.#since ??= performance.now();
    this.#backoff.reset();
    if (this.#phase === 'connecting' || this.#phase === 'retrying') this.#enter('live');
  }

  #send(piece: Blob): void {
    const now = performance.now();
    this.#connection?.send(piece);
    this.#meter.send(piece.size, now);
    // Looked at here, and not by a timer, because a hidden tab's timers stand still.
    if (this.#meter.behind(now) > TOO_SLOW && this.#phase !== 'stopping') this.#giveUpWaiting(now);
    else this.#raise(now);
  }

  /** Back up, step by step, once there has been room for a while. */
  #raise(now: number): void {
    if (this.#lowered === 0 || this.#phase !== 'live' || this.#meter.behind(now) > ROOMY) {
      this.#roomSince = undefined;
      return;
    }
    this.#roomSince ??= now;
    if (now - this.#roomSince < this.#room) return;
    this.#roomSince = undefined;
    this.#lowered--;
    void this.renew();
  }

  /** Media that old would only make viewers late: begin anew, smaller if it was the upload's fault. */
  #giveUpWaiting(now: number): void {
    const slow = this.#meter.moves(now, STANDSTILL);
    if (slow) {
      if (this.#lowered > 0) this.#room = Math.min(LONGEST_ROOM, this.#room * 2);
      this.#lowered++;
    }
    if (slow) this.#reopen('connecting', 0);
    else this.#lost(undefined);
  }

  #recorderFailed(error: unknown): void {
    this.#recording = undefined;
    if (++this.#recorderFailures < RECORDER_FAILURES) {
      this.#record();
      return;
    }
    this.#fail({ kind: 'recorder', error });
  }

  #lost(error: ErrorEvent | undefined): void {
    this.#hindrance = error;
    this.#reopen('retrying', (error?.retryAfter ?? 0) * 1000 + this.#backoff.next());
  }

  #reopen(phase: 'connecting' | 'retrying', wait: number): void {
    this.#drop();
    this.#enter(phase);
    this.#retry = setTimeout(() => this.#open(), wait);
  }

  #fail(failure: BroadcastFailure): void {
    this.#failure = failure;
    this.#end();
  }

  #end(): void {
    this.#drop();
    this.#enter('off');
  }

  #drop(): void {
    this.#recording?.discard();
    this.#recording = undefined;
    this.#connection?.discard();
    this.#connection = undefined;
    this.#ready = false;
  }

  #enter(phase: BroadcastPhase): void {
    this.#phase = phase;
    this.#options.changed();
  }
}
