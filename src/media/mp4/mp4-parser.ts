import { DEFAULT_MEDIA_LIMITS, type ContainerParser, type MediaLimits, type MediaSink } from '../container-parser';
import type { ErrorCode } from '../../protocol/error-code';
import { MediaError } from '../media-error';
import { Box, MAX_BOX_HEADER, readBoxHeader, type BoxHeader } from './box';
import { FragmentMedia } from './fragment-media';
import { GrowingBytes } from '../growing-bytes';
import { readInit, type Mp4Init } from './init-segment';
import { readMovieFragment, type MovieFragment } from './movie-fragment';
import { Timeline } from './timeline';

/** Boxes that an MP4 file, or a piece of one, may begin with. ISO/IEC 14496-12 table 1, QuickTime's "wide" and "pnot". */
const FIRST_BOXES: ReadonlySet<string> = new Set(
  ['ftyp', 'styp', 'moov', 'moof', 'mdat', 'free', 'skip', 'wide', 'pnot', 'uuid', 'sidx', 'ssix', 'prft', 'emsg', 'mfra', 'meta', 'pdin'],
);

/** What the next byte belongs to. */
type State = 'header' | 'collect' | 'media' | 'skip';

/**
 * Parses fragmented MP4: `ftyp`, `moov`, then `moof` and `mdat` again and again (ISO/IEC 14496-12 §8.8).
 * Everything else at top level is skipped without being held. Memory: an init segment or a chunk, within the limits.
 */
export class Mp4Parser implements ContainerParser {
  readonly #sink: MediaSink;
  readonly #limits: MediaLimits;
  #state: State = 'header';
  /** Of the next byte in the publisher's stream. */
  #offset = 0;
  readonly #header = new Uint8Array(MAX_BOX_HEADER);
  #headerLength = 0;
  /** The box that the parser is in, where it began, and how much of it is still to come. */
  #box: BoxHeader = { type: '', size: 0, headerSize: 0 };
  #boxOffset = 0;
  #remaining = 0;
  #collected: GrowingBytes | undefined;
  #ftyp: Uint8Array | undefined;
  /** Whether a `ftyp` has come whose `moov` has not. */
  #initBegun = false;
  #init: Mp4Init | undefined;
  #timeline: Timeline | undefined;
  /** The `moof` whose `mdat` comes next. */
  #fragment: MovieFragment | undefined;
  #media: FragmentMedia | undefined;
  #finished = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(sink: MediaSink, limits: MediaLimits = DEFAULT_MEDIA_LIMITS) {
    this.#sink = sink;
    this.#limits = limits;
  }

  push(bytes: Uint8Array): void {
    this.#guard(() => {
      if (this.#finished && bytes.length > 0) throw this.#error('malformed-media', 'Bytes after the end');
      for (let at = 0; at < bytes.length; ) at += this.#step(bytes.subarray(at));
    });
  }

  finish(): void {
    this.#guard(() => {
      if (this.#finished) return;
      if (this.#offset === 0) throw this.#error('no-media', 'No byte came');
      if (this.#state === 'media' && this.#remaining === Infinity) this.#endMedia();
      const unfinished = this.#unfinished();
      if (unfinished) throw this.#error('incomplete-media', `The media ends ${unfinished}`);
      this.#finished = true;
    });
  }

  /** After an error, every call throws it again. */
  #guard(work: () => void): void {
    if (this.#failure) throw this.#failure.error;
    try {
      work();
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  /** Takes at least one of `bytes`, and says how many. */
  #step(bytes: Uint8Array): number {
    switch (this.#state) {
      case 'header':
        return this.#readHeader(bytes);
      case 'collect':
        return this.#readCollected(bytes);
      case 'media':
        return this.#readMedia(bytes);
      case 'skip':
        return this.#readSkipped(bytes);
    }
  }

  #readHeader(bytes: Uint8Array): number {
    const wanted = (this.#headerLength < 8 ? 8 : MAX_BOX_HEADER) - this.#headerLength;
    const taken = bytes.subarray(0, wanted);
    this.#header.set(taken, this.#headerLength);
    this.#headerLength += taken.length;
    this.#offset += taken.length;
    this.#boxOffset = this.#offset - this.#headerLength;
    if (this.#boxOffset === 0 && this.#headerLength === 8) this.#checkFirstBox();
    const header = readBoxHeader(this.#headerBytes, this.#boxOffset);
    if (header) this.#beginBox(header);
    return taken.length;
  }

  #readCollected(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, this.#remaining);
    this.#collected?.append(taken);
    return this.#take(taken.length);
  }

  #readMedia(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, this.#remaining);
    if (this.#media) {
      this.#checkGrowth(this.#media.length, taken.length);
      this.#media.append(taken);
    }
    return this.#take(taken.length);
  }

  #readSkipped(bytes: Uint8Array): number {
    return this.#take(Math.min(bytes.length, this.#remaining));
  }

  #take(length: number): number {
    this.#offset += length;
    this.#remaining -= length;
    if (this.#remaining === 0) this.#endBox();
    return length;
  }

  get #headerBytes(): Uint8Array {
    return this.#header.subarray(0, this.#headerLength);
  }

  #checkFirstBox(): void {
    const type = String.fromCharCode(...this.#header.subarray(4, 8));
    if (!FIRST_BOXES.has(type)) throw this.#error('not-a-container', 'Not MP4: it does not begin with a box that MP4 has');
  }

  /** Enters the state that the box asks for, and leaves it at once if the box is empty. */
  #beginBox(header: BoxHeader): void {
    this.#box = header;
    this.#remaining = header.size - header.headerSize;
    this.#state = this.#stateFor(header);
    this.#headerLength = 0;
    if (this.#remaining === 0) this.#endBox();
  }

  #stateFor({ type }: BoxHeader): State {
    switch (type) {
      case 'ftyp':
      case 'moov':
        return this.#beginInitBox();
      case 'moof':
        return this.#beginMoof();
      case 'mdat':
        return this.#beginMdat();
      default:
        return 'skip';
    }
  }

  #beginInitBox(): State {
    const { type, size } = this.#box;
    if (this.#fragment) throw this.#boxError('malformed-media', `A "${type}" between moof and mdat`);
    const initSize = size + (type === 'moov' ? (this.#ftyp?.length ?? 0) : 0);
    if (initSize === Infinity) throw this.#boxError('malformed-media', `A "${type}" of unknown size`);
    if (initSize > this.#limits.maxInit) {
      const message = `An init segment of ${initSize} bytes, where ${this.#limits.maxInit} are allowed: it has attachments, or the file is not fragmented`;
      throw this.#boxError('init-too-large', message);
    }
    if (type === 'ftyp') this.#initBegun = true;
    return this.#collect();
  }

  #beginMoof(): State {
    if (!this.#init) throw this.#boxError('malformed-media', 'A moof before any moov');
    if (this.#fragment) {
      const message = 'Several moof boxes before one mdat: let the muxer write an mdat behind each moof ("-movflags +default_base_moof")';
      throw this.#boxError('unsupported-layout', message);
    }
    if (this.#box.size === Infinity) throw this.#boxError('malformed-media', 'A moof of unknown size');
    this.#checkChunkSize(this.#box.size);
    return this.#collect();
  }

  #collect(): State {
    this.#collected = new GrowingBytes(this.#box.size);
    this.#collected.append(this.#headerBytes);
    return 'collect';
  }

  #beginMdat(): State {
    if (!this.#init) throw this.#boxError('not-fragmented', 'An mdat before moov: the file is not fragmented');
    // The data of tracks that aren't passed on.
    if (!this.#fragment) return 'skip';
    if (this.#box.size !== Infinity) this.#checkChunkSize(this.#fragment.box.bytes.length + this.#box.size);
    const mdat = { bytes: this.#headerBytes.slice(), offset: this.#boxOffset, payloadSize: this.#remaining };
    this.#media = new FragmentMedia(this.#fragment, mdat);
    return 'media';
  }

  #checkChunkSize(size: number): void {
    if (size <= this.#limits.maxChunk) return;
    throw this.#boxError('chunk-too-large', `A chunk of ${size} bytes, where ${this.#limits.maxChunk} are allowed`);
  }

  /** Of an mdat without a size; told at the byte that is too much, however the bytes were cut. */
  #checkGrowth(length: number, added: number): void {
    const room = this.#limits.maxChunk - length;
    if (added <= room) return;
    const message = `A chunk of more than the ${this.#limits.maxChunk} bytes that are allowed`;
    throw new MediaError('chunk-too-large', message, { offset: this.#offset + room, path: this.#box.type });
  }

  #endBox(): void {
    const { type } = this.#box;
    const state = this.#state;
    this.#state = 'header';
    if (state === 'media') this.#endMedia();
    const bytes = this.#collected?.bytes;
    this.#collected = undefined;
    if (!bytes) return;
    if (type === 'ftyp') this.#ftyp = bytes;
    else if (type === 'moov') this.#endMoov(Box.at(bytes, this.#boxOffset));
    else this.#endMoof(Box.at(bytes, this.#boxOffset));
  }

  #endMoov(moov: Box): void {
    const init = readInit(this.#ftyp, moov);
    this.#initBegun = false;
    this.#init = init;
    this.#timeline = new Timeline(init);
    this.#sink.init(init.segment);
  }

  #endMoof(moof: Box): void {
    if (!this.#init) return;
    const fragment = readMovieFragment(moof, this.#init);
    this.#initBegun = false;
    if (fragment.fragments.length > 0) this.#fragment = fragment;
  }

  #endMedia(): void {
    const media = this.#media;
    this.#media = undefined;
    this.#fragment = undefined;
    this.#state = 'header';
    if (!media || !this.#init || !this.#timeline) return;
    for (const chunk of media.chunks(this.#init, this.#timeline)) {
      this.#checkChunkSize(chunk.bytes.length);
      this.#sink.chunk(chunk);
    }
  }

  /** What is missing, or nothing if the media may end here. */
  #unfinished(): string | undefined {
    if (this.#headerLength > 0) return 'inside a box header';
    if (this.#state === 'collect' || this.#state === 'media') return `inside "${this.#box.type}"`;
    if (this.#fragment) return 'before the mdat of a moof';
    return !this.#init || this.#initBegun ? 'before its moov' : undefined;
  }

  /** An error between boxes, or in what may be the header of one. */
  #error(code: ErrorCode, message: string): MediaError {
    return new MediaError(code, message, { offset: this.#state === 'header' ? this.#boxOffset : this.#offset, path: '' });
  }

  /** An error of the box that the parser is in. */
  #boxError(code: ErrorCode, message: string): MediaError {
    return new MediaError(code, message, { offset: this.#boxOffset, path: this.#box.type });
  }
}
