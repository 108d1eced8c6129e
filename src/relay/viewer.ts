import type { TimeShift } from '../media/time-shift';
import { SluiceError } from '../protocol/error-code';
import type { ViewerInfo, ViewerReport, ViewerTransport } from '../protocol/viewer-info';
import type { WaitingReason } from '../protocol/watch-message';
import type { Epoch } from './epoch';
import { restOf } from './join-chunks';
import type { HeldChunk, MediaMessage } from './media-message';
import { Receipts } from './receipts';
import type { RelayLimits } from './relay-limits';
import type { RelayTotals } from './relay-totals';
import { ViewerAccount } from './viewer-account';
import type { MediaPlace, ViewerOutlet } from './viewer-outlet';
import { ViewerTimes } from './viewer-times';

/** What a viewer asks of its stream. */
export interface ViewerHost {
  readonly name: string;
  readonly epoch: Epoch | undefined;
  /** Why the publisher sends nothing just now, if so: it is away, or silent. */
  readonly silence: 'publisher' | 'idle' | undefined;
  readonly limits: RelayLimits;
  readonly totals: RelayTotals;
  now(): number;
  /** Unix ms. */
  wall(): number;
  requestKeyframe(): void;
  /** A viewer tells how late its picture is, seconds. */
  reportLatency(viewer: Viewer, latency: number): void;
  remove(viewer: Viewer): void;
  /** It is closed with `too-slow`. */
  tooSlow(): void;
}

/**
 * - `waiting`: nothing can be sent before the next join point or epoch.
 * - `open`: everything is passed on as it comes, once what is retained of it has been written.
 * - `shut`: it is behind; nothing is passed on until all that was sent has arrived.
 * - `paused`: the viewer asked for nothing.
 * - `closed`: it is gone.
 */
export type ViewerState = 'waiting' | 'open' | 'shut' | 'paused' | 'closed';

/** How often a viewer is told the clock, together with media, ms. */
const CLOCK_INTERVAL = 1_000;

/**
 * One viewer of a stream: decides what it is sent, so that it stays live and its queue stays bounded.
 * docs/flow-control.md draws its states.
 */
export class Viewer {
  readonly #host: ViewerHost;
  readonly #outlet: ViewerOutlet;
  readonly #account: ViewerAccount;
  #state: ViewerState = 'waiting';
  /** The epoch that it is in. Only its id: an epoch that is over must not be retained with all its media by a viewer that is paused or lags. */
  #epochId: string | undefined;
  /** What was sent of it, and what has arrived. */
  readonly #receipts = new Receipts();
  /** Media time of that end, seconds; undefined before the first chunk. */
  #sentUntil: number | undefined;
  /** Moves its times, if it has its own. */
  readonly #times: ViewerTimes | undefined;
  /** How the media of its epoch is moved; undefined where it is sent as it is. */
  #shift: TimeShift | undefined;
  #clockToldAt = -Infinity;
  /** Whether retained media is still to be written to it, before what comes: a piece at a time, so that a viewer that doesn't read refers to little of it. */
  #pulling = false;
  /** When that began. */
  #pulledFrom = 0;
  /** Since when it has taken nothing of what waits for it; the newest time at which nothing did. */
  #movedAt: number;
  /** The `sync` that is to be answered. */
  #syncId = 0;

  /** `address` is for people. */
  constructor(host: ViewerHost, outlet: ViewerOutlet, address = 'unknown') {
    this.#host = host;
    this.#outlet = outlet;
    this.#times = outlet.ownTimes && new ViewerTimes(outlet.ownTimes);
    this.#account = new ViewerAccount({ transport: outlet.transport, address, since: host.wall() }, host.totals);
    this.#movedAt = host.now();
  }

  /** Opaque, unique over restarts. */
  get id(): string {
    return this.#account.id;
  }

  get state(): ViewerState {
    return this.#state;
  }

  /** The door by which it came. */
  get transport(): ViewerTransport {
    return this.#account.transport;
  }

  /** What the API says of it. */
  get info(): ViewerInfo {
    const lag = this.#outlet.receipts ? this.#receipts.lag(this.#host.now()) / 1000 : undefined;
    return this.#account.infoAt({ state: publicState(this.#state), sent: this.#receipts.sent, lag });
  }

  /** Begins or goes on: at `resume` if that is still held, else at the newest join point. */
  start(resume?: MediaPlace): void {
    if (this.#state === 'closed') return;
    const epoch = this.#host.epoch;
    if (epoch === undefined) {
      this.#state = 'waiting';
      this.tellWaiting('publisher');
      return;
    }
    if (resume?.epoch === epoch.id && epoch.window.after(resume.position, 0) !== undefined) {
      this.#begin(epoch, resume.position, true);
      this.#open();
    } else {
      this.#startAtLiveEdge(epoch);
    }
    this.#tellSilence();
  }

  /** Takes the newest media of the stream's epoch, at `now`. */
  deliver(message: MediaMessage, now: number): void {
    switch (this.#state) {
      case 'open':
        if (this.#isBehind(now)) this.#holdBack(now);
        else this.#pass(message, now);
        return;
      case 'waiting':
        if (message.joinable) this.#join(now);
        // Asked again with every chunk: the publisher may have missed it, and the stream sees to it that it is not too often.
        else if (message.hasVideo) this.#host.requestKeyframe();
        return;
      case 'shut':
      case 'paused':
      case 'closed':
        return;
      default:
        this.#state satisfies never;
    }
  }

  /** Takes a receipt: everything up to `place` has arrived. One of another epoch, or ahead of what was sent, is ignored. */
  received({ epoch, position }: MediaPlace): void {
    if (this.#epochId !== epoch || !this.#receipts.take(position, this.#epoch?.window)) return;
    if (this.#state === 'shut' && this.#receipts.complete) this.#caughtUp();
  }

  /** Takes the answer to a `sync`: everything before it has arrived. */
  synced(id: number): void {
    if (this.#state !== 'shut' || id !== this.#syncId) return;
    this.#caughtUp();
  }

  /** Takes what it says of its own experience. */
  report(report: ViewerReport): void {
    this.#account.report(report);
    const { latency } = report;
    if (latency !== undefined && this.#state !== 'paused' && this.#state !== 'closed') this.#host.reportLatency(this, latency);
  }

  /** The door has nothing queued any more. */
  drained(): void {
    if (this.#state === 'shut' && !this.#outlet.receipts) this.#caughtUp();
    else if (this.#pulling) this.#pull(this.#host.now());
  }

  /**
   * Writes all that is retained for it at once, because the stream ends. One that lags is written what it would be if it had caught up now, unless
   * much waits for it: there is no later media for it to go on with.
   */
  flush(): void {
    const now = this.#host.now();
    if (this.#state === 'shut' && this.#outlet.queued() <= this.#host.limits.blindQueue) {
      this.#account.shutUntil(now);
      if (this.#epoch === undefined) this.start();
      else this.#goOn(now);
    }
    while (this.#pulling && this.#state === 'open') this.#writeNext(now);
  }

  /** Asks for a receipt of all that was sent, where the viewer gives none by itself. */
  mark(place: MediaPlace): void {
    if (this.#state !== 'open' || !this.#outlet.receipts || this.#receipts.complete) return;
    this.#outlet.mark(place.position === this.#receipts.sent ? place : this.#place);
  }

  /** Stops the flow at the viewer's wish. */
  pause(): void {
    if (this.#state === 'closed') return;
    this.#noteShutTime();
    this.#pulling = false;
    this.#state = 'paused';
  }

  /** Goes on after a pause, at `resume` if that is still held. */
  play(resume?: MediaPlace): void {
    if (this.#state === 'paused') this.start(resume);
  }

  /** Its epoch is over: the last moment to see where the media ends that it was sent. */
  epochEnds(): void {
    const epoch = this.#epoch;
    if (epoch !== undefined && this.#sentUntil !== undefined) this.#times?.leave(epoch, this.#receipts.sent, this.#sentUntil);
    this.#shift = undefined;
  }

  /**
   * A new epoch began on the stream. A viewer that is paused or lags gets it when it goes on. One that is paused is sent its id now, unless
   * it doesn't read: its messages must not pile up.
   */
  epochBegan(): void {
    const { epoch } = this.#host;
    if (this.#state === 'paused' && epoch !== undefined && this.#outlet.queued() <= this.#host.limits.blindQueue) this.#outlet.tell({ type: 'epoch', epoch: epoch.id });
    if (this.#state !== 'open' && this.#state !== 'waiting') return;
    // Init segments fill a queue as chunks do.
    const now = this.#host.now();
    if (this.#isBehind(now)) this.#shut(now);
    else this.start();
  }

  /** Tells why nothing comes. */
  tellWaiting(reason: WaitingReason): void {
    if (this.#state !== 'paused' && this.#state !== 'closed') this.#outlet.tell({ type: 'waiting', reason });
  }

  /** Once a second: closes a viewer that has taken nothing for too long. What waits for it would stay in memory, even if it asks for nothing more. */
  checkStall(): void {
    const now = this.#host.now();
    if (!this.#isOwed()) this.#movedAt = now;
    if (now - this.#movedAt < this.#host.limits.viewerStall) return;
    this.#host.tooSlow();
    this.fail(new SluiceError('too-slow', `Cannot keep up with "${this.#host.name}": nothing was taken for too long`));
  }

  /** Tells the error, and lets the viewer go. */
  fail(error: SluiceError): void {
    if (this.#state === 'closed') return;
    this.#host.totals.countError(error.code);
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
    this.#noteShutTime();
    this.#state = 'closed';
    this.#host.remove(this);
  }

  #startAtLiveEdge(epoch: Epoch): void {
    const { joinFrom } = epoch.window;
    this.#begin(epoch, joinFrom ?? epoch.position, false);
    if (joinFrom !== undefined) this.#open();
    else this.#waitForJoin();
  }

  /** A door may close itself here, on the second epoch. */
  #begin(epoch: Epoch, position: number, resumed: boolean): void {
    this.#epochId = epoch.id;
    this.#account.began(position, this.#receipts.sent);
    this.#receipts.begin(position);
    if (!resumed) this.#sentUntil = undefined;
    this.#outlet.begin({ epoch: epoch.id, init: epoch.init, position, resumed, continues: this.#times?.begin(epoch) });
  }

  /** Lets the flow go on with what is retained after all that was sent. */
  #open(now = this.#host.now()): void {
    if (this.#state === 'closed') return;
    this.#state = 'open';
    this.#tellClock(now);
    const epoch = this.#epoch;
    if (epoch !== undefined) this.#shift = this.#times?.place(epoch, this.#receipts.sent);
    this.#pulling = this.#receipts.sent < (epoch?.position ?? 0);
    this.#pulledFrom = now;
    this.#movedAt = now;
    this.#pull(now);
  }

  /** Writes what is retained for as long as little waits for this viewer. A door whose system takes all of it at once goes on in the same turn. */
  #pull(now: number): void {
    const { viewerPiece } = this.#host.limits;
    while (this.#pulling && this.#state === 'open' && this.#outlet.queued() < viewerPiece) this.#writeNext(now);
  }

  /** Writes the next piece, unless it is no longer retained, or has become old while this viewer took the ones before: then it goes on at a newer join point. */
  #writeNext(now: number): void {
    const epoch = this.#epoch;
    const next = epoch?.newcomer.after(this.#receipts.sent, this.#host.limits.viewerPiece);
    if ((next === undefined || this.#isOutrun(now)) && this.#join(now)) return;
    const last = next?.[next.length - 1];
    if (epoch === undefined || next === undefined || last === undefined) {
      this.#waitForJoin();
      this.#tellSilence();
      return;
    }
    this.#pulling = last.position < epoch.position;
    this.#writePiece(next, last, now);
  }

  #isOutrun(now: number): boolean {
    const { viewerLag } = this.#host.limits;
    if (now - this.#pulledFrom <= viewerLag) return false;
    return now - (this.#epoch?.window.behind(this.#receipts.sent)?.at ?? now) > viewerLag;
  }

  #writePiece(messages: readonly MediaMessage[], last: MediaMessage, now: number): void {
    const { sent } = this.#receipts;
    this.#movedAt = now;
    if (this.#outlet.receipts) this.#receipts.writeBurst(last.position, now);
    else this.#receipts.skipTo(last.position);
    if (now - this.#clockToldAt >= CLOCK_INTERVAL) this.#tellClock(now);
    const { totals } = this.#host;
    totals.sentBytes += last.position - sent;
    totals.sentMessages += messages.length;
    this.#sentUntil = last.end;
    const shift = this.#shift;
    if (shift === undefined) this.#outlet.sendAll(messages);
    else this.#outlet.sendMoved(messages.map(({ bytes }) => shift.move(bytes)));
  }

  /** Passes on the newest media. */
  #pass(message: MediaMessage, now: number): void {
    const { sent } = this.#receipts;
    if (message.from !== sent) {
      this.#passRest(message, now);
      return;
    }
    this.#receipts.write(message.position, now);
    if (now - this.#clockToldAt >= CLOCK_INTERVAL) this.#tellClock(now);
    const { totals } = this.#host;
    totals.sentBytes += message.position - sent;
    totals.sentMessages++;
    this.#sentUntil = message.end;
    if (this.#shift === undefined) this.#outlet.send(message);
    else this.#outlet.sendMoved([this.#shift.move(message.bytes)]);
  }

  /** The newest media doesn't follow what was sent: part of it was sent when this viewer came, or retained media comes before it. */
  #passRest(message: MediaMessage, now: number): void {
    const { sent } = this.#receipts;
    if (message.from > sent) this.#pull(now);
    else if (message.position > sent) this.#pass(restOf(message, sent), now);
  }

  /** Much waits for this viewer, or for long. While retained media is written, that much may wait: its pieces are small. */
  #holdBack(now: number): void {
    if (this.#pulling && !this.#isLate(now)) this.#pull(now);
    else this.#shut(now);
  }

  /** Tells the media time of the epoch against the relay's clock. */
  #tellClock(now: number): void {
    const epoch = this.#epoch;
    const pair = epoch?.clock.newest;
    if (epoch === undefined || pair === undefined) return;
    this.#clockToldAt = now;
    this.#outlet.tell({ type: 'clock', epoch: epoch.id, ...pair });
  }

  /** Nothing more is sent but the question whether all has arrived. */
  #shut(now: number): void {
    this.#state = 'shut';
    this.#account.shut(now);
    this.#movedAt = now;
    this.#syncId++;
    this.#outlet.sync(this.#syncId, this.#place);
  }

  /** All that was sent has arrived: goes on with what was missed if that is young, else at a join point, else with the rest of what it was to be written. */
  #caughtUp(): void {
    // Whoever says so while much is queued hasn't read it: believing that would fill the memory.
    if (this.#outlet.queued() > this.#host.limits.blindQueue) return;
    this.#noteShutTime();
    this.#receipts.takeAll();
    const epoch = this.#epoch;
    if (epoch === undefined) {
      this.start();
      return;
    }
    const now = this.#host.now();
    if (this.#goOn(now)) return;
    if (this.#pulling && epoch.window.after(this.#receipts.sent, 0) !== undefined) {
      if (this.#host.silence !== 'publisher') this.#host.requestKeyframe();
      this.#open(now);
      return;
    }
    this.#waitForJoin();
    this.#tellSilence();
  }

  /** Goes on with what was missed if that is young, else at a join point; false if there is neither. */
  #goOn(now: number): boolean {
    const missed = this.#epoch?.window.after(this.#receipts.sent);
    const next = missed?.[0];
    const isYoung = missed !== undefined && (next === undefined || now - next.at <= this.#host.limits.viewerLag);
    if (!isYoung) return this.#join(now);
    this.#open(now);
    return true;
  }

  #noteShutTime(): void {
    if (this.#state === 'shut') this.#account.shutUntil(this.#host.now());
  }

  /** The epoch that it is in, unless that is over. */
  get #epoch(): Epoch | undefined {
    const { epoch } = this.#host;
    return epoch?.id === this.#epochId ? epoch : undefined;
  }

  get #place(): MediaPlace {
    return { epoch: this.#epochId ?? '', position: this.#receipts.sent };
  }

  #isBehind(now: number): boolean {
    const { limits } = this.#host;
    const queued = this.#outlet.queued();
    if (!this.#outlet.receipts) return queued > limits.blindQueue;
    return this.#receipts.lag(now) > limits.viewerLag || queued > limits.viewerQueue;
  }

  #isLate(now: number): boolean {
    return this.#outlet.receipts && this.#receipts.lag(now) > this.#host.limits.viewerLag;
  }

  /** Whether something waits for it that it should take. */
  #isOwed(): boolean {
    switch (this.#state) {
      case 'shut':
        return true;
      case 'open':
        return this.#pulling;
      default:
        return this.#outlet.queued() > 0;
    }
  }

  /** Nothing that is held can be begun with: a keyframe is asked for, unless nobody is there to make it or the first is yet to come. */
  #waitForJoin(): void {
    if (this.#state === 'closed') return;
    this.#pulling = false;
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
  #join(now: number): boolean {
    const epoch = this.#epoch;
    const { sent } = this.#receipts;
    const held = epoch?.window.fromJoinPoint() ?? [];
    const join = held.find(({ joinable }) => joinable);
    if (epoch === undefined || join === undefined || join.from < sent) return false;
    const from = Math.max(sent, held[0]?.from ?? join.from);
    if (from > sent) {
      this.#account.leftOut(from - sent, { missed: this.#sentUntil !== undefined });
      this.#tellSkip(epoch, { from, join });
      this.#receipts.skipTo(from);
    }
    this.#open(now);
    return true;
  }

  /** The flow goes on at position `from`, with what belongs to the join point `join`. */
  #tellSkip(epoch: Epoch, { from, join }: { from: number; join: HeldChunk }): void {
    const to = join.chunk.start;
    this.#outlet.tell({ type: 'skip', epoch: epoch.id, from: this.#sentUntil ?? to, to, position: from, reason: 'slow' });
  }
}

function publicState(state: ViewerState): ViewerInfo['state'] {
  if (state === 'shut') return 'behind';
  // One that is closed is no longer listed.
  return state === 'closed' ? 'waiting' : state;
}
