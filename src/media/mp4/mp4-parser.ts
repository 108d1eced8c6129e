import type { ErrorCode } from '../../protocol/error-code';
import { u32At } from '../big-endian';
import { ChunkMemory } from '../chunk-memory';
import { DEFAULT_MEDIA_LIMITS, type ContainerParser, type MediaLimits, type MediaSink } from '../container-parser';
import { GrowingBytes } from '../growing-bytes';
import { MediaError } from '../media-error';
import { ParserGuard } from '../parser-guard';
import { Work, WorkMeter } from '../work-meter';
import { Box } from './box';
import { boxName, boxType, BoxType, MAX_BOX_HEADER, MIN_BOX_HEADER, readBoxHeader, type BoxSource } from './box-header';
import { boxAt, type BoxRange } from './box-scanner';
import { FragmentMedia } from './fragment-media';
import { InBandSets, type ShapeChange } from './in-band-sets';
import { readInit, type Mp4Init } from './init-segment';
import { readMovieFragment } from './movie-fragment';
import { reshapedInit } from './reshaped-init';
import { Timeline } from './timeline';

/** Boxes that an MP4 file, or a piece of one, may begin with. ISO/IEC 14496-12 table 1, QuickTime's "wide" and "pnot". */
const FIRST_BOXES: ReadonlySet<number> = new Set(
  ['ftyp', 'styp', 'moov', 'moof', 'mdat', 'free', 'skip', 'wide', 'pnot', 'uuid', 'sidx', 'ssix', 'prft', 'emsg', 'mfra', 'meta', 'pdin'].map(boxType),
);

/** Bytes of the init segments that one fragment may ask for where the shape of its picture changes more than once: each is sent to every viewer. */
const MAX_RESHAPED = 256 << 10;

/** What the next byte belongs to. */
type State = 'header' | 'collect' | 'media' | 'skip';

/**
 * Parses fragmented MP4: `ftyp`, `moov`, then `moof` and `mdat` again and again (ISO/IEC 14496-12 §8.8).
 * Everything else at top level is skipped without being held. Memory: an init segment or a chunk, within the limits.
 *
 * A box that lies whole in what is pushed is read there; only what is cut between two pushes is put together first.
 */
export class Mp4Parser implements ContainerParser {
  readonly #sink: MediaSink;
  readonly #limits: MediaLimits;
  readonly #work: WorkMeter;
  readonly #memory = new ChunkMemory();
  readonly #guard = new ParserGuard();
  #state: State = 'header';
  /** Of the next byte in the publisher's stream. */
  #offset = 0;
  /** The beginning of a header that is cut. */
  readonly #header = new Uint8Array(MAX_BOX_HEADER);
  #headerLength = 0;
  /** The box that the parser is in, and where in the publisher's stream it begins and ends. */
  #boxType = 0;
  #boxOffset = 0;
  #boxEnd = 0;
  #collected: GrowingBytes | undefined;
  #ftyp: Uint8Array | undefined;
  /** Whether a `ftyp` has come whose `moov` has not. */
  #initBegun = false;
  /** Of the file that the next byte belongs to: where its `ftyp` begins, or its `moov` if it has none. */
  #fileStart = 0;
  #init: Mp4Init | undefined;
  #timeline: Timeline | undefined;
  #sets: InBandSets | undefined;
  /** The `moof` that has come, with its `mdat` as far as that has. */
  #media: FragmentMedia | undefined;
  #finished = false;

  constructor(sink: MediaSink, limits: MediaLimits = DEFAULT_MEDIA_LIMITS, work = new WorkMeter()) {
    this.#sink = sink;
    this.#limits = limits;
    this.#work = work;
  }

  push(bytes: Uint8Array): number {
    return this.#guard.run(() => {
      if (this.#finished && bytes.length > 0) throw this.#error('malformed-media', 'Bytes after the end');
      const source = { bytes, origin: this.#offset, path: '' };
      let at = 0;
      for (; at < bytes.length && (at === 0 || !this.#work.over); this.#offset = source.origin + at) {
        at = this.#step(source, at);
        this.#work.spend(Work.step);
      }
      this.#media?.keepMoof();
      return at;
    });
  }

  finish(): void {
    this.#guard.run(() => {
      if (this.#finished) return;
      if (this.#offset === 0) throw this.#error('no-media', 'No byte came');
      if (this.#state === 'media' && this.#boxEnd === Infinity) this.#endMedia();
      const unfinished = this.#unfinished();
      if (unfinished) throw this.#error('incomplete-media', `The media ends ${unfinished}`);
      this.#finished = true;
    });
  }

  /** Takes at least one byte, from index `at` on, and gives the index of the next. */
  #step(source: BoxSource, at: number): number {
    switch (this.#state) {
      case 'header':
        return this.#readHeader(source, at);
      case 'collect':
        return this.#readCollected(source, at);
      case 'media':
        return this.#readMedia(source, at);
      case 'skip':
        return this.#readSkipped(source);
    }
  }

  #readHeader(source: BoxSource, at: number): number {
    if (this.#headerLength > 0) return this.#readCutHeader(source, at);
    return this.#tryHeader(source, at) ?? this.#readCutHeader(source, at);
  }

  /** A header that began in an earlier push, or ends in a later one. */
  #readCutHeader({ bytes, origin }: BoxSource, at: number): number {
    const wanted = (this.#headerLength < MIN_BOX_HEADER ? MIN_BOX_HEADER : MAX_BOX_HEADER) - this.#headerLength;
    const end = Math.min(at + wanted, bytes.length);
    this.#header.set(bytes.subarray(at, end), this.#headerLength);
    this.#headerLength += end - at;
    const gathered = { bytes: this.#header.subarray(0, this.#headerLength), origin: origin + end - this.#headerLength, path: '' };
    if (this.#tryHeader(gathered, 0) !== undefined) this.#headerLength = 0;
    return end;
  }

  /** Begins the box at `at`, if its header is there, and gives the index of the first byte that isn't taken. */
  #tryHeader(source: BoxSource, at: number): number | undefined {
    this.#boxOffset = source.origin + at;
    if (this.#boxOffset === 0 && source.bytes.length >= MIN_BOX_HEADER) this.#checkFirstBox(source.bytes);
    const header = readBoxHeader(source, at, source.bytes.length);
    if (!header) return undefined;
    this.#boxType = header.type;
    this.#boxEnd = this.#boxOffset + header.size;
    return this.#beginBox({ source, type: header.type, start: at, body: at + header.headerSize, end: at + header.size });
  }

  #readCollected({ bytes, origin }: BoxSource, at: number): number {
    const end = Math.min(bytes.length, this.#boxEnd - origin);
    this.#collected?.append(bytes.subarray(at, end));
    if (origin + end === this.#boxEnd && this.#collected) {
      const box = boxAt({ bytes: this.#collected.bytes, origin: this.#boxOffset, path: '' }, 0);
      this.#collected = undefined;
      this.#endCollected(box);
    }
    return end;
  }

  #readMedia({ bytes, origin }: BoxSource, at: number): number {
    const end = Math.min(bytes.length, this.#boxEnd - origin);
    if (this.#boxEnd === Infinity) this.#checkGrowth(origin + at, end - at);
    this.#media?.append(bytes, at, end);
    if (origin + end === this.#boxEnd) this.#endMedia();
    return end;
  }

  #readSkipped({ bytes, origin }: BoxSource): number {
    const end = Math.min(bytes.length, this.#boxEnd - origin);
    this.#state = origin + end === this.#boxEnd ? 'header' : 'skip';
    return end;
  }

  #checkFirstBox(bytes: Uint8Array): void {
    if (!FIRST_BOXES.has(u32At(bytes, 4))) throw this.#error('not-a-container', 'Not MP4: it does not begin with a box that MP4 has');
  }

  /** Takes its header, and what of the rest is there; gives the index of the first byte that isn't taken. */
  #beginBox(box: BoxRange): number {
    switch (box.type) {
      case BoxType.ftyp:
      case BoxType.moov:
        this.#checkInitBox(box);
        return this.#collect(box);
      case BoxType.moof:
        this.#checkMoof(box);
        return this.#collect(box);
      case BoxType.mdat:
        return this.#beginMdat(box);
      default:
        return this.#readSkipped(box.source);
    }
  }

  #checkInitBox({ type, start, end }: BoxRange): void {
    const name = boxName(type);
    if (this.#media) throw this.#boxError('malformed-media', `A "${name}" between moof and mdat`);
    const initSize = end - start + (type === BoxType.moov ? (this.#ftyp?.length ?? 0) : 0);
    if (initSize === Infinity) throw this.#boxError('malformed-media', `A "${name}" of unknown size`);
    if (initSize > this.#limits.maxInit) {
      const message = `An init segment of ${initSize} bytes, where ${this.#limits.maxInit} are allowed: it has attachments, or the file is not fragmented`;
      throw this.#boxError('init-too-large', message);
    }
    if (type === BoxType.ftyp || (!this.#initBegun && this.#init)) this.#fileStart = this.#boxOffset;
    if (type === BoxType.ftyp) this.#initBegun = true;
  }

  #checkMoof({ start, end }: BoxRange): void {
    if (!this.#init) throw this.#boxError('malformed-media', 'A moof before any moov');
    if (this.#media) {
      const message = 'Several moof boxes before one mdat: let the muxer write an mdat behind each moof ("-movflags +default_base_moof")';
      throw this.#boxError('unsupported-layout', message);
    }
    if (end === Infinity) throw this.#boxError('malformed-media', 'A moof of unknown size');
    this.#checkChunkSize(end - start);
  }

  #collect(box: BoxRange): number {
    const { bytes } = box.source;
    if (box.end <= bytes.length) {
      this.#endCollected(box);
      return box.end;
    }
    this.#state = 'collect';
    this.#collected = new GrowingBytes(box.end - box.start);
    this.#collected.append(bytes.subarray(box.start));
    return bytes.length;
  }

  #beginMdat(box: BoxRange): number {
    if (!this.#init) throw this.#boxError('not-fragmented', 'An mdat before moov: the file is not fragmented');
    // The data of tracks that aren't passed on.
    if (!this.#media) return this.#readSkipped(box.source);
    if (box.end !== Infinity) this.#checkChunkSize(this.#media.length + box.end - box.start);
    this.#state = 'media';
    const end = this.#media.begin(box, this.#memory);
    if (end === box.end) this.#endMedia();
    return end;
  }

  #checkChunkSize(size: number): void {
    if (size <= this.#limits.maxChunk) return;
    throw this.#boxError('chunk-too-large', `A chunk of ${size} bytes, where ${this.#limits.maxChunk} are allowed`);
  }

  /** Of an mdat without a size, to which the bytes from `offset` on are to be added; told at the byte that is too much, however the bytes were cut. */
  #checkGrowth(offset: number, added: number): void {
    const room = this.#limits.maxChunk - (this.#media?.length ?? 0);
    if (added <= room) return;
    const message = `A chunk of more than the ${this.#limits.maxChunk} bytes that are allowed`;
    throw new MediaError('chunk-too-large', message, { offset: offset + room, path: boxName(this.#boxType) });
  }

  #endCollected(box: BoxRange): void {
    this.#state = 'header';
    if (box.type === BoxType.ftyp) this.#ftyp = box.source.bytes.slice(box.start, box.end);
    else if (box.type === BoxType.moov) this.#endMoov(Box.in(box));
    else this.#endMoof(box);
  }

  #endMoov(moov: Box): void {
    this.#work.spend(Work.initByte * ((this.#ftyp?.length ?? 0) + moov.bytes.length));
    const init = readInit(this.#ftyp, moov, this.#fileStart);
    this.#initBegun = false;
    this.#init = init;
    this.#timeline = new Timeline(init);
    this.#sets = followSets(init);
    this.#sink.init(init.segment);
  }

  #endMoof(moof: BoxRange): void {
    if (!this.#init) return;
    const fragment = readMovieFragment(moof, this.#init);
    this.#work.spend(Work.fragment + Work.fragmentBox * fragment.boxes + Math.ceil(fragment.samples / Work.samplesRead));
    this.#initBegun = false;
    if (fragment.fragments.length > 0) this.#media = new FragmentMedia(moof, fragment);
  }

  #endMedia(): void {
    const media = this.#media;
    this.#media = undefined;
    this.#state = 'header';
    if (!media || !this.#init || !this.#timeline) return;
    const parts = media.parts(this.#init, { timeline: this.#timeline, sets: this.#sets });
    this.#work.spend(media.work + Work.chunk * parts.length);
    let reshaped = 0;
    for (const { change, chunk } of parts) {
      if (change !== undefined) {
        if (reshaped > 0) this.#checkReshaped(reshaped + this.#init.segment.bytes.length);
        reshaped += this.#reshape(change);
      }
      this.#checkChunkSize(chunk.bytes.length);
      this.#sink.chunk(chunk);
    }
  }

  #checkReshaped(size: number): void {
    if (size <= MAX_RESHAPED) return;
    throw this.#boxError('init-too-large', `The picture of one fragment changes its shape so often that init segments of ${size} bytes are needed, where ${MAX_RESHAPED} are allowed`);
  }

  /** Begins an init segment of a picture of another shape, which the parameter sets in its samples tell, and gives its size. */
  #reshape(change: ShapeChange): number {
    if (!this.#init) return 0;
    const segment = reshapedInit(this.#init, change);
    this.#work.spend(Work.initByte * segment.bytes.length);
    if (segment.bytes.length > this.#limits.maxInit) {
      throw this.#boxError('init-too-large', `An init segment of ${segment.bytes.length} bytes with the parameter sets of H.264, where ${this.#limits.maxInit} are allowed`);
    }
    this.#init = { ...this.#init, segment };
    this.#sink.init(segment);
    return segment.bytes.length;
  }

  /** What is missing, or nothing if the media may end here. */
  #unfinished(): string | undefined {
    if (this.#headerLength > 0) return 'inside a box header';
    if (this.#state === 'collect' || this.#state === 'media') return `inside "${boxName(this.#boxType)}"`;
    if (this.#media) return 'before the mdat of a moof';
    return !this.#init || this.#initBegun ? 'before its moov' : undefined;
  }

  /** An error between boxes, or in what may be the header of one. */
  #error(code: ErrorCode, message: string): MediaError {
    return new MediaError(code, message, { offset: this.#state === 'header' ? this.#boxOffset : this.#offset, path: '' });
  }

  /** An error of the box that the parser is in. */
  #boxError(code: ErrorCode, message: string): MediaError {
    return new MediaError(code, message, { offset: this.#boxOffset, path: boxName(this.#boxType) });
  }
}

/** The parameter sets of its video, if its samples may bring others. */
function followSets({ pictures, segment }: Mp4Init): InBandSets | undefined {
  const { width = 0, height = 0 } = segment.tracks.find(({ id }) => id === pictures?.id) ?? {};
  return pictures && InBandSets.of(pictures, { width, height });
}
