import type { Attachment } from '../../player/video/media-source';
import { MediaParser } from '../../src/media/media-parser';

/** A range of what is buffered, seconds of the presentation. */
export type Range = readonly [from: number, to: number];

/** What `buffered` states of times that differ only by rounding is one range. */
const ROUNDING = 1e-6;

/**
 * A SourceBuffer that refuses what a browser's refuses, and whose work is done when the test says so.
 * https://www.w3.org/TR/media-source-2/#sourcebuffer
 */
export class FakeSourceBuffer {
  onupdateend: (() => void) | null = null;
  updating = false;
  /** What was done with it, in order. */
  readonly done: string[] = [];
  readonly #source: FakeMediaSource;
  #mime: string;
  #offset = 0;
  #init: Uint8Array | undefined;
  #ranges: Range[] = [];
  #work: (() => void) | undefined;

  constructor(source: FakeMediaSource, mime: string) {
    this.#source = source;
    this.#mime = mime;
  }

  get mime(): string {
    return this.#mime;
  }

  get ranges(): readonly Range[] {
    return this.#ranges;
  }

  get buffered(): TimeRanges {
    const ranges = this.#ranges;
    return { length: ranges.length, start: (index) => ranges[index]![0], end: (index) => ranges[index]![1] };
  }

  get timestampOffset(): number {
    return this.#offset;
  }

  set timestampOffset(offset: number) {
    this.#mustBeIdle();
    this.#offset = offset;
  }

  appendBuffer(bytes: Uint8Array): void {
    this.#mustBeIdle();
    const spans = this.#read(bytes);
    const seconds = [...this.#ranges, ...spans].reduce((sum, [from, to]) => sum + to - from, 0);
    if (seconds > this.#source.capacity) throw new DOMException('The SourceBuffer is full', 'QuotaExceededError');
    this.#begin(spans.length === 0 ? 'init' : `append ${spans.map(([from]) => round(from)).join(' ')}`, () => {
      this.#ranges = join([...this.#ranges, ...spans]);
    });
  }

  remove(from: number, to: number): void {
    this.#mustBeIdle();
    if (from < 0 || to <= from) throw new TypeError('The end of the range is before its beginning');
    this.#begin(`remove to ${round(to)}`, () => {
      this.#ranges = this.#ranges.flatMap(([start, end]): Range[] => (end <= to ? [] : [[Math.max(start, to), end]]));
    });
  }

  abort(): void {
    this.#source.mustBeOpen();
    this.done.push('abort');
    this.#work = undefined;
    this.updating = false;
  }

  changeType(mime: string): void {
    this.#mustBeIdle();
    if (!FakeMediaSource.isTypeSupported(mime)) throw new DOMException('Unsupported type', 'NotSupportedError');
    this.#mime = mime;
    this.#init = undefined;
    this.done.push(`type ${mime}`);
  }

  /** Ends the work that was begun, as a browser does after a while. */
  finish(): void {
    const work = this.#work;
    this.#work = undefined;
    this.updating = false;
    work?.();
    this.onupdateend?.();
  }

  /** Ends all work that there is, one piece after the other. */
  finishAll(): void {
    while (this.updating) this.finish();
  }

  #begin(name: string, work: () => void): void {
    this.done.push(name);
    this.updating = true;
    this.#work = work;
  }

  #mustBeIdle(): void {
    this.#source.mustBeOpen();
    if (this.updating) throw new DOMException('The SourceBuffer is still at work', 'InvalidStateError');
  }

  /** Where the media of these bytes is; nothing if they are an init segment. */
  #read(bytes: Uint8Array): Range[] {
    if (Buffer.from(bytes).includes('moov')) {
      this.#init = bytes;
      return [];
    }
    if (this.#init === undefined) throw new Error('Media came before the init segment of its type');
    const spans: Range[] = [];
    const parser = new MediaParser({ init: () => undefined, chunk: ({ start, end }) => spans.push([start + this.#offset, end + this.#offset]) });
    parser.push(this.#init);
    parser.push(bytes);
    parser.finish();
    return spans;
  }
}

/** A media source as workers have it, which opens when the test says so. https://www.w3.org/TR/media-source-2/#mediasource */
export class FakeMediaSource extends EventTarget {
  /** All that were made since `install`. */
  static made: FakeMediaSource[] = [];
  /** Types that this browser knows. */
  static types: readonly string[] = [];
  /** Stands for it in what a video is given. */
  readonly handle = this as unknown as MediaSourceHandle;
  readyState: 'closed' | 'open' | 'ended' = 'closed';
  /** Seconds of media that it takes. */
  capacity = Infinity;
  seekable: Range | undefined;
  /** In the order in which they were made. */
  readonly buffers: FakeSourceBuffer[] = [];
  /** Whether it opens only in a video that can't be shown by AirPlay. */
  protected readonly refusesAirPlay: boolean = false;
  #duration = NaN;

  constructor() {
    super();
    FakeMediaSource.made.push(this);
  }

  /** Makes it the media source of this process, in which there are none. @returns what takes it away again. */
  static install(...types: readonly string[]): () => void {
    FakeMediaSource.made = [];
    FakeMediaSource.types = types;
    Object.assign(globalThis, { MediaSource: FakeMediaSource });
    return () => Reflect.deleteProperty(globalThis, 'MediaSource');
  }

  /** The one that was made last. */
  static get last(): FakeMediaSource {
    return FakeMediaSource.made.at(-1)!;
  }

  static isTypeSupported(mime: string): boolean {
    return FakeMediaSource.types.includes(mime);
  }

  get duration(): number {
    return this.#duration;
  }

  set duration(duration: number) {
    this.#mustBeIdle();
    this.#duration = duration;
  }

  /** The first. */
  get buffer(): FakeSourceBuffer | undefined {
    return this.buffers[0];
  }

  /** A video has got it. */
  open(): void {
    this.readyState = 'open';
    this.dispatchEvent(new Event('sourceopen'));
  }

  /** A video is given it. */
  attachTo({ disableRemotePlayback }: Pick<HTMLVideoElement, 'disableRemotePlayback'>): void {
    if (disableRemotePlayback || !this.refusesAirPlay) this.open();
  }

  addSourceBuffer(mime: string): FakeSourceBuffer {
    this.mustBeOpen();
    if (!FakeMediaSource.isTypeSupported(mime)) throw new DOMException('Unsupported type', 'NotSupportedError');
    if (this.buffers.some(({ done }) => done.length > 0)) throw new DOMException('No more SourceBuffers', 'QuotaExceededError');
    const buffer = new FakeSourceBuffer(this, mime);
    this.buffers.push(buffer);
    return buffer;
  }

  setLiveSeekableRange(from: number, to: number): void {
    this.mustBeOpen();
    if (from < 0 || from > to) throw new TypeError('The range ends before it begins');
    this.seekable = [from, to];
  }

  endOfStream(): void {
    this.#mustBeIdle();
    this.readyState = 'ended';
  }

  mustBeOpen(): void {
    if (this.readyState !== 'open') throw new DOMException('The media source is not open', 'InvalidStateError');
  }

  #mustBeIdle(): void {
    this.mustBeOpen();
    if (this.buffers.some(({ updating }) => updating)) throw new DOMException('A SourceBuffer is still at work', 'InvalidStateError');
  }
}

/** What iPhones have in place of it: https://www.w3.org/TR/media-source-2/#managedmediasource-interface */
export class FakeManagedMediaSource extends FakeMediaSource {
  /** As in Safari since version 18. */
  static readonly canConstructInDedicatedWorker = true;
  /** Whether the browser wants media. */
  streaming = false;
  protected override readonly refusesAirPlay = true;

  /** Makes it the only media source of this process. @returns what takes it away again. */
  static override install(...types: readonly string[]): () => void {
    FakeMediaSource.install(...types)();
    Object.assign(globalThis, { ManagedMediaSource: FakeManagedMediaSource });
    return () => Reflect.deleteProperty(globalThis, 'ManagedMediaSource');
  }

  /** The one that was made last. */
  static override get last(): FakeManagedMediaSource {
    const { last } = FakeMediaSource;
    if (last instanceof FakeManagedMediaSource) return last;
    throw new Error('It is not managed');
  }

  override attachTo(video: Pick<HTMLVideoElement, 'disableRemotePlayback'>): void {
    super.attachTo(video);
    if (this.readyState === 'open') this.stream(true);
  }

  /** The browser wants media from now on, or no more for now. */
  stream(streaming: boolean): void {
    this.streaming = streaming;
    this.dispatchEvent(new Event(streaming ? 'startstreaming' : 'endstreaming'));
  }
}

/** The media source that a video would get by this attachment. */
export function attached(attachment: Attachment): FakeMediaSource {
  if (!('handle' in attachment)) throw new Error('It has an address');
  return attachment.handle as unknown as FakeMediaSource;
}

function join(ranges: readonly Range[]): Range[] {
  const joined: Range[] = [];
  for (const [from, to] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last[1] + ROUNDING) joined[joined.length - 1] = [last[0], Math.max(last[1], to)];
    else joined.push([from, to]);
  }
  return joined;
}

function round(seconds: number): number {
  return Math.round(seconds * 1e3) / 1e3;
}
