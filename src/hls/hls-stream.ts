import { randomBytes } from 'node:crypto';
import { codedError } from '../http/refuse';
import type { InitSegment } from '../media/chunk';
import { SluiceError } from '../protocol/error-code';
import type { Clock } from '../relay/clock';
import type { Epoch } from '../relay/epoch';
import type { HeldChunk } from '../relay/media-message';
import type { StreamEnding } from '../relay/relay-observer';
import type { Stream } from '../relay/stream';
import type { StreamListener } from '../relay/stream-listener';
import { checkReach, type DeliveryDirectives, isDue } from './delivery-directives';
import type { Fragment } from './fragment';
import { FragmentSource } from './fragment-source';
import { Packager, type PackagerLimits } from './packager';
import { type HlsAnswer, PendingRequests } from './pending-requests';
import type { PlaylistFile } from './playlist-file';
import { type MultivariantRequest, Playlists } from './playlists';
import type { MediaInit, Part, Segment } from './segment';
import type { SequenceNumbers } from './sequence-numbers';
import { initOf, partOf, segmentOf, type TimelineState } from './timeline-state';

/** How many target durations a request waits at most, RFC 8216bis §6.2.5.2. */
const PATIENCE = 3;
/** When to ask again for a stream of which nothing can be made, s: its next epoch may be another. */
const NEXT_EPOCH = 5;

/**
 * One stream as HLS, from when it was first asked for until its end, or until nobody asks any more. Media goes one way: chunks → fragments
 * → the packager → the state of the timeline. Everything that is answered, at once or later, is made of the newest state.
 */
export class HlsStream implements StreamListener {
  readonly #stream: Stream;
  readonly #clock: Clock;
  readonly #numbers: SequenceNumbers;
  readonly #packager: Packager;
  readonly #pendingPlaylists: PendingRequests<DeliveryDirectives, Playlists>;
  /** By the number of the part. */
  readonly #pendingParts: PendingRequests<number, Part>;
  readonly #leave: () => void;
  #source: FragmentSource | undefined;
  /** What the epoch's init segment says, once the packager has begun with it. */
  #init: Omit<MediaInit, 'number'> | undefined;
  #inits = 0;
  /** Why nothing can be made of the epoch. */
  #refusal: SluiceError | undefined;
  /** Of the newest state. */
  #playlists: Playlists;
  #askedAt: number;
  #endedAt: number | undefined;

  /** `stream` has an epoch. */
  constructor({ stream, clock, limits, numbers }: { stream: Stream; clock: Clock; limits: PackagerLimits; numbers: SequenceNumbers }) {
    this.#stream = stream;
    this.#clock = clock;
    this.#numbers = numbers;
    this.#askedAt = clock.now();
    this.#pendingPlaylists = new PendingRequests({ clock, what: 'the playlist', find: (directives, late) => this.#findPlaylists(directives, late) });
    this.#pendingParts = new PendingRequests({ clock, what: 'a part', find: (number) => this.#findPart(number), left: () => this.#noteAsked() });
    const start = { id: randomBytes(16).toString('base64url'), sequence: numbers.first(stream.name) };
    this.#packager = new Packager({ start, limits, now: () => clock.now(), moved: (state) => this.#moved(state) });
    this.#playlists = new Playlists(this.#packager.state);
    if (stream.epoch !== undefined) {
      this.epochBegan(stream.epoch);
      for (const held of stream.epoch.window.all) this.chunkHeld(held, stream.epoch);
    }
    this.#leave = stream.listen(this);
  }

  /** Part of the address of all its media. */
  get timeline(): string {
    return this.#state.id;
  }

  get stream(): Stream {
    return this.#stream;
  }

  get hasEnded(): boolean {
    return this.#state.ended;
  }

  /** What is retained for it takes up so many bytes, which the stream's own window may retain, too. */
  get memory(): number {
    return this.#packager.memory;
  }

  /** For how long nobody has asked for anything, ms; or since when it is over, whoever asks. */
  get idleTime(): number {
    if (this.#endedAt !== undefined) return this.#clock.now() - this.#endedAt;
    return this.#pendingPlaylists.size + this.#pendingParts.size > 0 ? 0 : this.#clock.now() - this.#askedAt;
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
    // Those who are yet to be told of a restart are told of that.
    this.#refuse(this.#refusal ?? this.#over());
  }

  /**
   * Gives the multivariant playlist once the media playlist has the `segments` that are requested, until the returned function is called.
   * @throws SluiceError as `playlist` does.
   */
  multivariant(request: MultivariantRequest, answer: HlsAnswer<string>): () => void {
    const directives = { sequence: undefined, part: undefined, skip: false, segments: request.segments, from: this.#playlists.newcomersFrom };
    return this.#whenDue(directives, {
      ready: (playlists) => {
        const text = playlists.multivariant(request);
        if (text === undefined) throw this.#over();
        answer.ready(text);
      },
      failed: (error) => answer.failed(error),
    });
  }

  /**
   * Gives the media playlist once it has what is asked for, until the returned function is called.
   * @throws SluiceError `bad-request` if that is too far ahead, `full`.
   */
  playlist(directives: DeliveryDirectives, answer: HlsAnswer<PlaylistFile>): () => void {
    return this.#whenDue(directives, {
      ready: (playlists) => answer.ready(playlists.media(directives)),
      failed: (error) => answer.failed(error),
    });
  }

  init(number: number): MediaInit | undefined {
    this.#noteAsked();
    return initOf(this.#state, number);
  }

  segment(sequence: number): Segment | undefined {
    this.#noteAsked();
    return segmentOf(this.#state, sequence);
  }

  part(number: number): Part | undefined {
    this.#noteAsked();
    return partOf(this.#state, number);
  }

  /** Whether that is the part that comes next: nothing of it may have come yet. */
  isNext(number: number): boolean {
    return this.#state.nextPart === number;
  }

  /**
   * Gives the part that comes next once it is whole, until the returned function is called; `not-found` if it never will be. Returns
   * undefined if `number` isn't that part.
   * @throws SluiceError `full`.
   */
  waitForPart(number: number, answer: HlsAnswer<Part>): (() => void) | undefined {
    return this.isNext(number) ? this.#pendingParts.add(number, answer, this.#patience) : undefined;
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
    if (cause.code === 'unsupported-codec') this.#refuse(new SluiceError('wrong-container', message, { cause }));
    // What is wrong with this epoch may not be with the next: players are to ask again.
    else this.#refuse(new SluiceError(cause.code, cause.message, { cause, retryAfter: cause.retryAfter ?? NEXT_EPOCH }));
  }

  /** Whoever waits for a playlist, or asks for one, is told so. */
  #refuse(error: SluiceError): void {
    this.#refusal = error;
    this.#pendingPlaylists.answer();
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

  #whenDue(directives: DeliveryDirectives, answer: HlsAnswer<Playlists>): () => void {
    this.#noteAsked();
    if (this.#refusal === undefined) checkReach(directives, this.#playlists.edge);
    const found = this.#findPlaylists(directives, false);
    if (found === undefined) return this.#pendingPlaylists.add(directives, answer, this.#patience);
    answer.ready(found);
    return () => undefined;
  }

  /** The newest playlists, once they have what is asked for; what there is for whoever has waited for too long. @throws SluiceError why there are none. */
  #findPlaylists(directives: DeliveryDirectives, late: boolean): Playlists | undefined {
    if (this.#refusal !== undefined) throw this.#refusal;
    const playlists = this.#playlists;
    const enough = late ? { ...directives, segments: 1 } : directives;
    return isDue(enough, playlists.edge) ? playlists : undefined;
  }

  /** A part that was promised, once it is whole. @throws SluiceError `not-found` if it never will be. */
  #findPart(number: number): Part | undefined {
    if (this.isNext(number)) return undefined;
    const part = partOf(this.#state, number);
    if (part === undefined) throw goneFile();
    return part;
  }

  /** How long a request waits at most, ms. */
  get #patience(): number {
    return PATIENCE * this.#state.targetDuration * 1000;
  }

  get #state(): TimelineState {
    return this.#playlists.state;
  }

  #noteAsked(): void {
    this.#askedAt = this.#clock.now();
  }

  /**
   * Takes the next state, and answers those who wait for what it has. Playlists are answered after the chunk that this is about, so that
   * viewers on sockets don't wait for them.
   */
  #moved(state: TimelineState): void {
    this.#playlists = new Playlists(state);
    this.#numbers.note(this.#stream.name, state.sequence);
    this.#pendingParts.answer();
    this.#pendingPlaylists.answerSoon();
  }

  #over(): SluiceError {
    return new SluiceError('no-stream', `Cannot find the stream "${this.#stream.name}": it is over`);
  }
}

/** The error of a piece of media that there isn't. */
export function goneFile(): SluiceError {
  return new SluiceError('not-found', 'Cannot find this piece of the stream: it is no longer held, or has not come');
}
