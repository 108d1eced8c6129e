import { randomBytes } from 'node:crypto';
import { nextTurn, soon } from '../base/guard';
import { codedError } from '../http/refuse';
import type { InitSegment } from '../media/chunk';
import { SluiceError } from '../protocol/error-code';
import type { Clock } from '../relay/clock';
import type { Epoch } from '../relay/epoch';
import type { HeldChunk } from '../relay/media-message';
import type { StreamEnding } from '../relay/relay-observer';
import type { Stream } from '../relay/stream';
import type { StreamListener } from '../relay/stream-listener';
import { checkReach, type DeliveryDirectives, firstListed, isDue, type PlaylistEdge } from './delivery-directives';
import type { Fragment } from './fragment';
import { FragmentSource } from './fragment-source';
import { mediaPlaylist } from './media-playlist';
import { measureBandwidth, multivariantPlaylist } from './multivariant-playlist';
import { Packager, type PackagerLimits } from './packager';
import { PlaylistFile } from './playlist-file';
import { MAX_WAITING, PlaylistWaits, stalled } from './playlist-waits';
import type { MediaInit, Part, Segment } from './segment';
import type { SequenceNumbers } from './sequence-numbers';

/** How many target durations a request waits at most, RFC 8216bis §6.2.5.2. */
const PATIENCE = 3;

/** One stream as HLS, from when it was first asked for until its end, or until nobody asks any more. */
export class HlsStream implements StreamListener {
  readonly #stream: Stream;
  readonly #clock: Clock;
  readonly #limits: PackagerLimits;
  readonly #numbers: SequenceNumbers;
  readonly #packager: Packager;
  readonly #waits: PlaylistWaits;
  readonly #leave: () => void;
  #source: FragmentSource | undefined;
  /** What the epoch's init segment says, once the packager has begun with it. */
  #init: Omit<MediaInit, 'number'> | undefined;
  #inits = 0;
  /** Why nothing can be made of the epoch. */
  #refusal: SluiceError | undefined;
  /** How many wait for the part that comes next. */
  #waitingForPart = 0;
  /** Counts the states of the playlist. */
  #revision = 0;
  #checking = false;
  /** By how they are requested. */
  readonly #files = new Map<string, PlaylistFile>();
  #askedAt: number;
  #endedAt: number | undefined;

  /** `stream` has an epoch. */
  constructor({ stream, clock, limits, numbers }: { stream: Stream; clock: Clock; limits: PackagerLimits; numbers: SequenceNumbers }) {
    this.#stream = stream;
    this.#clock = clock;
    this.#limits = limits;
    this.#numbers = numbers;
    this.#askedAt = clock.now();
    this.#waits = new PlaylistWaits(clock);
    const start = { id: randomBytes(16).toString('base64url'), sequence: numbers.first(stream.name) };
    this.#packager = new Packager({ start, limits, now: () => clock.now(), changed: () => this.#changed() });
    if (stream.epoch !== undefined) {
      this.epochBegan(stream.epoch);
      for (const held of stream.epoch.window.all) this.chunkHeld(held, stream.epoch);
    }
    this.#leave = stream.listen(this);
  }

  /** Part of the address of all its media. */
  get timeline(): string {
    return this.#packager.id;
  }

  get stream(): Stream {
    return this.#stream;
  }

  get hasEnded(): boolean {
    return this.#packager.ended;
  }

  /** What is retained for it takes up so many bytes, which the stream's own window may retain, too. */
  get memory(): number {
    return this.#packager.memory;
  }

  /** For how long nobody has asked for anything, ms; or since when it is over, whoever asks. */
  get idleTime(): number {
    if (this.#endedAt !== undefined) return this.#clock.now() - this.#endedAt;
    return this.#waits.size + this.#waitingForPart > 0 ? 0 : this.#clock.now() - this.#askedAt;
  }

  epochBegan(epoch: Epoch): void {
    this.#flush();
    this.#source = this.#open(epoch.init);
    this.#init = undefined;
  }

  chunkHeld(held: HeldChunk, { clock }: Epoch): void {
    this.#attempt((source) => source.take(held.chunk, clock.startOf(held)));
    if (this.#source !== undefined && this.#packager.wantsKeyframe) this.#stream.requestKeyframe();
  }

  ended(reason: StreamEnding): void {
    this.#leave();
    this.#endedAt ??= this.#clock.now();
    this.#flush();
    // A playlist that ends would be believed: the stream goes on when the relay is back.
    if (reason === 'restart') this.#refuse(new SluiceError('restarting', `Cannot go on with "${this.#stream.name}": the relay restarts`));
    this.#packager.end();
  }

  /** Nobody asks any more, or the stream has ended long ago. */
  close(): void {
    this.ended('ended');
    this.#waits.fail(new SluiceError('no-stream', `Cannot find the stream "${this.#stream.name}": it is over`));
  }

  /**
   * Calls `whenKnown` once the media playlist has the `segments` that are requested, until the returned function is called.
   * @param address of the media playlist, to which its query is added.
   * @throws SluiceError as `playlist` does.
   */
  multivariant({ address, query, segments }: MultivariantRequest, whenKnown: HlsAnswer<string>): () => void {
    return this.#whenDue({ sequence: undefined, part: undefined, skip: false, segments, from: this.#newcomersFrom }, {
      ready: () => whenKnown.ready(this.#multivariant(address, query)),
      failed: (error) => whenKnown.failed(error),
    });
  }

  /**
   * Gives the media playlist once it has what is asked for, until the returned function is called.
   * @throws SluiceError `bad-request` if that is too far ahead, `full`.
   */
  playlist(directives: DeliveryDirectives, whenDue: HlsAnswer<PlaylistFile>): () => void {
    return this.#whenDue(directives, {
      ready: () => whenDue.ready(this.#file(directives)),
      failed: (error) => whenDue.failed(error),
    });
  }

  init(number: number): MediaInit | undefined {
    this.#noteAsked();
    return this.#packager.initOf(number);
  }

  segment(sequence: number): Segment | undefined {
    this.#noteAsked();
    return this.#packager.segment(sequence);
  }

  part(number: number): Part | undefined {
    this.#noteAsked();
    return this.#packager.part(number);
  }

  /** Whether that is the part that comes next: nothing of it may have come yet. */
  isNext(number: number): boolean {
    return this.#packager.nextPart?.number === number;
  }

  /**
   * Gives the part that comes next once it is whole, or nothing if it never will be, until the returned function is called. Returns
   * undefined if `number` isn't that part.
   * @throws SluiceError `full`.
   */
  waitForPart(number: number, answer: HlsAnswer<Part | undefined>): (() => void) | undefined {
    const part = this.#packager.nextPart;
    if (part?.number !== number) return undefined;
    if (this.#waitingForPart >= MAX_WAITING) throw new SluiceError('full', `Cannot hold another request: there are ${MAX_WAITING}`, { retryAfter: 1 });
    this.#waitingForPart++;
    let left = false;
    const leave = (): void => {
      if (left) return;
      left = true;
      stopWaiting();
      stopClock();
      this.#waitingForPart--;
      this.#noteAsked();
    };
    const stopWaiting = part.whenWhole((whole) => {
      leave();
      answer.ready(whole);
    });
    const stopClock = this.#clock.after(this.#patience, () => {
      leave();
      answer.failed(stalled('a part'));
    });
    return leave;
  }

  /** Nothing can be made of an epoch whose codec has no place in fragmented MP4: whoever asks is told so. */
  #open(segment: InitSegment): FragmentSource | undefined {
    try {
      this.#refusal = undefined;
      return new FragmentSource(segment);
    } catch (thrown) {
      this.#giveUp(codedError(thrown));
      return undefined;
    }
  }

  #giveUp(cause: SluiceError): void {
    const { name } = this.#stream;
    const message = `Cannot serve "${name}" as HLS (${cause.message}): it is at /watch/${name}.webm, and VP9, AV1 or H.264 with Opus or AAC would do`;
    this.#source = undefined;
    this.#refuse(cause.code === 'unsupported-codec' ? new SluiceError('wrong-container', message, { cause }) : cause);
  }

  /** Whoever waits for a playlist, or asks for one, is told so. */
  #refuse(error: SluiceError): void {
    this.#refusal = error;
    this.#waits.fail(error);
  }

  #flush(): void {
    this.#attempt((source) => source.flush());
  }

  /** What can't be repackaged is told to those who ask; the stream itself goes on. */
  #attempt(make: (source: FragmentSource) => readonly Fragment[]): void {
    if (this.#source === undefined) return;
    try {
      this.#add(make(this.#source));
    } catch (thrown) {
      this.#giveUp(codedError(thrown));
    }
  }

  #add(fragments: readonly Fragment[]): void {
    const source = this.#source;
    for (const fragment of fragments) {
      const init = this.#init ?? source?.init;
      if (init === undefined) continue;
      if (this.#init === undefined) this.#packager.begin({ ...init, number: ++this.#inits }, (pieces) => source?.merge(pieces));
      this.#init = init;
      if (fragment.pieces.length > 0) this.#packager.add(fragment);
    }
  }

  /**
   * Media Sequence Number of the first listed segment with the codecs that the multivariant playlist states, where others come
   * before it: a player that was told of these alone could fail on the others.
   */
  get #newcomersFrom(): number | undefined {
    const { init, listed, sequence } = this.#packager;
    if (init === undefined) return undefined;
    const other = listed.findLast((segment) => codecFamilies(segment.init.codecs) !== codecFamilies(init.codecs));
    return other && Math.min(other.sequence + 1, sequence);
  }

  #whenDue(directives: DeliveryDirectives, waiter: { ready(): void; failed(error: SluiceError): void }): () => void {
    this.#noteAsked();
    if (this.#refusal !== undefined) throw this.#refusal;
    const edge = this.#edge;
    checkReach(directives, edge);
    if (isDue(directives, edge)) {
      waiter.ready();
      return () => undefined;
    }
    const enough = (): boolean => isDue({ ...directives, segments: 1 }, this.#edge);
    return this.#waits.add({ directives, enough, ...waiter }, this.#patience);
  }

  /** How long a request waits at most, ms. */
  get #patience(): number {
    return PATIENCE * this.#packager.targetDuration * 1000;
  }

  get #edge(): PlaylistEdge {
    const { start, segments, listed, sequence, open, ended, partTarget } = this.#packager;
    return { start, first: listed[0]?.sequence ?? sequence, sequence, parts: open?.parts.length ?? 0, last: segments[segments.length - 1], ended, partTarget };
  }

  #noteAsked(): void {
    this.#askedAt = this.#clock.now();
  }

  /** Requests that wait are answered after the chunk that this is about, so that viewers on sockets don't wait for them. */
  #changed(): void {
    this.#revision++;
    this.#files.clear();
    this.#numbers.note(this.#stream.name, this.#packager.sequence);
    if (this.#checking || this.#waits.size === 0) return;
    this.#checking = true;
    soon('the playlists of a stream', () => this.#answerWaiting(), (error) => this.#waits.fail(codedError(error)));
  }

  #answerWaiting(): void {
    this.#checking = this.#waits.check(this.#edge);
    if (this.#checking) nextTurn('the playlists of a stream', () => this.#answerWaiting());
  }

  #file({ skip, from }: DeliveryDirectives): PlaylistFile {
    const { id, targetDuration, partTarget, listed, open, nextPart } = this.#packager;
    const first = firstListed(from, this.#edge);
    // There are no more of them than segments that are listed, twice.
    const kind = `${first}${skip ? '-delta' : ''}`;
    const known = this.#files.get(kind);
    if (known !== undefined) return known;
    const segments = listed.filter(({ sequence }) => sequence >= first);
    const playlist = { timeline: id, targetDuration, partTarget, window: this.#limits.listed, segments, open, nextPart: nextPart?.number };
    const file = new PlaylistFile(mediaPlaylist(playlist, { skip }), `${id}-${this.#revision}-${kind}`);
    this.#files.set(kind, file);
    return file;
  }

  #multivariant(address: string, query: URLSearchParams): string {
    const { segments, init } = this.#packager;
    if (init === undefined) throw new SluiceError('no-stream', `Cannot find the stream "${this.#stream.name}": it is over`);
    const from = this.#newcomersFrom;
    const asked = new URLSearchParams(query);
    if (from !== undefined) asked.set('from', String(from));
    const measured = segments.filter(({ sequence }) => sequence >= (from ?? 0));
    return multivariantPlaylist({ init, ...measureBandwidth(measured), address: asked.size === 0 ? address : `${address}?${asked.toString()}` });
  }
}

/** What a multivariant playlist is made of besides the stream. */
export interface MultivariantRequest {
  /** Of the media playlist, without its query. */
  readonly address: string;
  readonly query: URLSearchParams;
  /** See `DeliveryDirectives`. */
  readonly segments: number;
}

/** Takes what was asked for, at once or later. */
export interface HlsAnswer<Found> {
  ready(found: Found): void;
  failed(error: SluiceError): void;
}

/**
 * What a decoder is made for, of RFC 6381 codecs, as a text to compare: the same for all profiles and levels of a codec, which
 * players switch between. Of `mp4a` the object type belongs to it: `mp4a.40` is AAC, `mp4a.6B` is MP3.
 */
export function codecFamilies(codecs: readonly string[]): string {
  return codecs.map((codec) => /^(?:mp4a\.\w+|[^.]+)/.exec(codec)?.[0] ?? codec).sort().join();
}
