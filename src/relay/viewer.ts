import { SluiceError } from '../protocol/error-code';
import type { WaitingReason } from '../protocol/watch-message';
import type { HeldChunk } from './chunk-window';
import type { Epoch } from './epoch';
import type { RelayLimits } from './relay-limits';
import type { ViewerOutlet } from './viewer-outlet';

/** What a viewer asks of its stream. */
export interface ViewerHost {
  readonly name: string;
  readonly epoch: Epoch | undefined;
  /** Why the publisher sends nothing just now, if so: it is away, or silent. */
  readonly silence: 'publisher' | 'idle' | undefined;
  readonly limits: RelayLimits;
  now(): number;
  requestKeyframe(): void;
  sendClock(viewer: Viewer): void;
  remove(viewer: Viewer): void;
}

/** Where a viewer was, so that it can go on there. */
export interface ResumePoint {
  readonly epoch: string;
  readonly position: number;
}

/**
 * - `waiting`: nothing can be sent before the next join point or epoch.
 * - `open`: every chunk is passed on as it comes.
 * - `shut`: too much is queued; nothing is passed on until the queue is empty.
 * - `paused`: the viewer asked for nothing.
 * - `closed`: it is gone.
 */
export type ViewerState = 'waiting' | 'open' | 'shut' | 'paused' | 'closed';

/** One viewer of a stream: decides which chunks it is sent, so that it stays live and its queue stays bounded. */
export class Viewer {
  readonly #host: ViewerHost;
  readonly #outlet: ViewerOutlet;
  #state: ViewerState = 'waiting';
  /** The epoch it was begun with. */
  #epoch: Epoch | undefined;
  /** End of what was sent, or where the flow was said to go on. */
  #position = 0;
  /** Media time of that end, seconds; undefined before the first chunk. */
  #sentUntil: number | undefined;
  #shutAt = 0;
  #skippedBytes = 0;
  #skips = 0;

  constructor(host: ViewerHost, outlet: ViewerOutlet) {
    this.#host = host;
    this.#outlet = outlet;
  }

  get state(): ViewerState {
    return this.#state;
  }

  /** Media bytes that were not sent because this viewer was too slow. */
  get skippedBytes(): number {
    return this.#skippedBytes;
  }

  /** How often media was skipped. */
  get skips(): number {
    return this.#skips;
  }

  /** Begins or goes on: at `resume` if that is still held, else at the newest join point. */
  start(resume?: ResumePoint): void {
    if (this.#state === 'closed') return;
    const epoch = this.#host.epoch;
    if (epoch === undefined) {
      this.#state = 'waiting';
      this.tellWaiting('publisher');
      return;
    }
    const missed = resume?.epoch === epoch.id ? epoch.window.after(resume.position) : undefined;
    if (missed !== undefined && resume !== undefined) {
      this.#begin(epoch, resume.position, true);
      this.#open(missed);
    } else {
      this.#startAtLiveEdge(epoch);
    }
    this.#tellSilence();
  }

  /** Takes the newest chunk of the stream's epoch. */
  deliver(held: HeldChunk): void {
    switch (this.#state) {
      case 'open':
        if (this.#full) this.#shut();
        else this.#send([held]);
        return;
      case 'waiting':
        if (held.chunk.joinable) this.#join();
        // Asked again with every chunk: the publisher may have missed it, and the stream sees to it that it is not too often.
        else if (held.chunk.hasVideo) this.#host.requestKeyframe();
        return;
      case 'shut':
      case 'paused':
      case 'closed':
        return;
      default:
        this.#state satisfies never;
    }
  }

  /** The door has nothing queued any more. */
  drained(): void {
    if (this.#state !== 'shut') return;
    const epoch = this.#epoch;
    if (epoch === undefined || epoch !== this.#host.epoch) {
      this.start();
      return;
    }
    const missed = epoch.window.after(this.#position);
    const next = missed?.[0];
    if (missed !== undefined && (next === undefined || this.#host.now() - next.at <= this.#host.limits.viewerLag)) {
      this.#open(missed);
      return;
    }
    if (this.#join()) return;
    this.#waitForJoin();
    this.#tellSilence();
  }

  /** Stops the flow at the viewer's wish. */
  pause(): void {
    if (this.#state !== 'closed') this.#state = 'paused';
  }

  /** Goes on after a pause, at `resume` if that is still held. */
  play(resume?: ResumePoint): void {
    if (this.#state === 'paused') this.start(resume);
  }

  /** A new epoch began on the stream. A viewer that is paused or still full learns of it when it goes on. */
  epochBegan(): void {
    if (this.#state !== 'open' && this.#state !== 'waiting') return;
    // Init segments fill a queue as chunks do.
    if (this.#full) this.#shut();
    else this.start();
  }

  /** Tells why nothing comes. */
  tellWaiting(reason: WaitingReason): void {
    if (this.#state !== 'paused' && this.#state !== 'closed') this.#outlet.tell({ type: 'waiting', reason });
  }

  /** Tells the media time of the stream against the relay's clock. */
  tellClock(media: number, wall: number): void {
    if (this.#state === 'open' && this.#epoch !== undefined) {
      this.#outlet.tell({ type: 'clock', epoch: this.#epoch.id, media, wall });
    }
  }

  /** Once a second: closes a viewer whose queue has stayed full for too long. */
  checkStall(): void {
    if (this.#state !== 'shut' || this.#host.now() - this.#shutAt < this.#host.limits.viewerStall) return;
    this.fail(new SluiceError('too-slow', `Cannot keep up with "${this.#host.name}": nothing was taken for too long`));
  }

  /** Tells the error, and lets the viewer go. */
  fail(error: SluiceError): void {
    if (this.#state === 'closed') return;
    this.close();
    this.#outlet.fail(error);
  }

  /** Tells that the stream is over, and lets the viewer go. */
  end(reason: 'ended' | 'restart'): void {
    if (this.#state === 'closed') return;
    this.close();
    this.#outlet.end(reason);
  }

  /** The viewer is gone. May be called twice. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#host.remove(this);
  }

  #startAtLiveEdge(epoch: Epoch): void {
    const cached = epoch.window.fromJoinPoint();
    this.#begin(epoch, cached[0]?.from ?? epoch.position, false);
    if (cached.length > 0) this.#open(cached);
    else this.#waitForJoin();
  }

  /** A door may close itself here, on the second epoch. */
  #begin(epoch: Epoch, position: number, resumed: boolean): void {
    this.#epoch = epoch;
    this.#position = position;
    if (!resumed) this.#sentUntil = undefined;
    this.#outlet.begin({ epoch, position, resumed });
  }

  #open(chunks: readonly HeldChunk[]): void {
    if (this.#state === 'closed') return;
    this.#state = 'open';
    this.#host.sendClock(this);
    if (chunks.length > 0) this.#send(chunks);
  }

  #send(chunks: readonly HeldChunk[]): void {
    const last = chunks[chunks.length - 1];
    if (last === undefined) return;
    this.#position = last.position;
    this.#sentUntil = last.chunk.end;
    this.#outlet.send(chunks);
  }

  #shut(): void {
    this.#state = 'shut';
    this.#shutAt = this.#host.now();
  }

  get #full(): boolean {
    return this.#outlet.queued() > this.#host.limits.viewerQueue;
  }

  /** Nothing that is held can be begun with: a keyframe is asked for, unless nobody is there to make it or the first is yet to come. */
  #waitForJoin(): void {
    if (this.#state === 'closed') return;
    this.#state = 'waiting';
    if (this.#host.silence === 'publisher') return;
    this.tellWaiting('keyframe');
    if (this.#host.epoch !== undefined && this.#host.epoch.position > 0) this.#host.requestKeyframe();
  }

  #tellSilence(): void {
    const { silence } = this.#host;
    if (silence !== undefined) this.tellWaiting(silence);
  }

  /**
   * Goes on at the newest join point, if that is behind what was sent. Of the audio that belongs to it, what was sent
   * already isn't sent again.
   */
  #join(): boolean {
    const epoch = this.#epoch;
    const held = epoch?.window.fromJoinPoint() ?? [];
    const join = held.find(({ chunk }) => chunk.joinable);
    if (epoch === undefined || join === undefined || join.from < this.#position) return false;
    const chunks = held.filter(({ from }) => from >= this.#position);
    const from = chunks[0]?.from ?? join.from;
    if (from > this.#position) this.#tellSkip(epoch, { from, to: join.chunk.start });
    this.#open(chunks);
    return true;
  }

  /** The flow goes on at position `from`, with a join point at the media time `to`. */
  #tellSkip(epoch: Epoch, { from, to }: { from: number; to: number }): void {
    if (this.#sentUntil !== undefined) {
      this.#skips++;
      this.#skippedBytes += from - this.#position;
    }
    this.#outlet.tell({ type: 'skip', epoch: epoch.id, from: this.#sentUntil ?? to, to, position: from, reason: 'slow' });
  }
}
