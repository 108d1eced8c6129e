import { ShownDuration } from './shown-duration';
import type { Span } from './span';

/** IDs of RFC 9559 §5.1. */
const ID = {
  Segment: 0x18538067,
  Info: 0x1549a966,
  TimestampScale: 0x2ad7b1,
  Tracks: 0x1654ae6b,
  TrackEntry: 0xae,
  TrackNumber: 0xd7,
  TrackType: 0x83,
  DefaultDuration: 0x23e383,
  Cluster: 0x1f43b675,
  Timestamp: 0xe7,
  BlockGroup: 0xa0,
  Block: 0xa1,
  BlockDuration: 0x9b,
  ReferenceBlock: 0xfb,
} as const;

/** An element in place: its payload lies from `start` to `end`. */
interface Element {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

interface TrackTimes {
  readonly sound: boolean;
  /** Seconds that a frame lasts, where the track states it. */
  readonly defaultDuration: number | undefined;
  last: number | undefined;
  /** Where pictures are told a duration of their own. */
  readonly shown: ShownDuration | undefined;
}

/** TrackType of sound. */
const AUDIO = 2;
/** A stated duration from here on may be one that only bridges gaps, seconds: then frames last as long as they are apart. */
const BRIDGE = 0.1;
/** The longest duration that only bridges gaps, seconds: a longer one is meant, as that of the last picture of video that has stopped. */
const LONGEST_BRIDGE = 1;
/** Seconds that a frame counts of which nothing is known. */
const GUESS = 1 / 30;

/** Reads the times of WebM that a relay has passed on, a Cluster a frame, and nothing else of it: see `Mp4Times`. */
export class WebmTimes {
  readonly #tracks = new Map<number, TrackTimes>();
  /** Seconds a tick. */
  readonly #tick: number;
  readonly #shortens: boolean;

  /**
   * @param shorten whether `read` writes durations into what it reads that a browser may take by their word: the relay's only bridge gaps.
   * @throws Error if `init` is no init segment.
   */
  constructor(init: Uint8Array, { shorten = false }: { readonly shorten?: boolean } = {}) {
    this.#shortens = shorten;
    const reader = new ElementReader(init);
    const segment = reader.find(reader.all, ID.Segment);
    if (segment === undefined) throw new Error('The init segment has no Segment');
    const scale = reader.find(reader.find(segment, ID.Info), ID.TimestampScale);
    this.#tick = (scale === undefined ? 1e6 : reader.uint(scale)) / 1e9;
    for (const entry of reader.findAll(reader.find(segment, ID.Tracks), ID.TrackEntry)) {
      const number = reader.find(entry, ID.TrackNumber);
      const type = reader.find(entry, ID.TrackType);
      const duration = reader.find(entry, ID.DefaultDuration);
      if (number === undefined || type === undefined) continue;
      const sound = reader.uint(type) === AUDIO;
      const shown = shorten && !sound ? new ShownDuration() : undefined;
      this.#tracks.set(reader.uint(number), { sound, defaultDuration: duration && reader.uint(duration) / 1e9, last: undefined, shown });
    }
  }

  /** The times of whole Clusters, in order. */
  read(bytes: Uint8Array): Span[] {
    const reader = new ElementReader(bytes);
    return reader.findAll(reader.all, ID.Cluster).flatMap((cluster) => {
      const stamp = reader.find(cluster, ID.Timestamp);
      const time = stamp === undefined ? 0 : reader.uint(stamp);
      // All that the relay sends is in a BlockGroup.
      return reader.findAll(cluster, ID.BlockGroup).flatMap((group) => {
        const block = reader.find(group, ID.Block);
        if (block === undefined) return [];
        const duration = reader.find(group, ID.BlockDuration);
        const { value: track, next } = reader.vint(block.start);
        const start = (time + reader.i16(next)) * this.#tick;
        const sync = reader.find(group, ID.ReferenceBlock) === undefined;
        const stated = duration && reader.uint(duration);
        const spans = this.#span({ track, start, sync }, stated && stated * this.#tick);
        const shown = this.#tracks.get(track)?.shown?.of(start);
        if (duration !== undefined && stated !== undefined && shown !== undefined && stated * this.#tick <= LONGEST_BRIDGE) reader.write(duration, Math.min(stated, Math.max(1, Math.round(shown / this.#tick))));
        return spans;
      });
    });
  }

  /**
   * The same bytes, cut before each Cluster where durations are written: of several pictures that are appended at once and overlap by these
   * durations, Firefox keeps the first.
   */
  pieces(bytes: Uint8Array): readonly Uint8Array[] {
    if (!this.#shortens) return [bytes];
    const reader = new ElementReader(bytes);
    let from = 0;
    return reader.findAll(reader.all, ID.Cluster).map(({ end }) => {
      const piece = bytes.subarray(from, end);
      from = end;
      return piece;
    });
  }

  #span({ track: number, start, sync }: Pick<Span, 'track' | 'start' | 'sync'>, stated: number | undefined): Span[] {
    const track = this.#tracks.get(number);
    if (track === undefined) return [];
    const apart = track.last === undefined || start <= track.last ? GUESS : start - track.last;
    track.last = start;
    const known = stated !== undefined && (stated < BRIDGE || stated > LONGEST_BRIDGE) ? stated : track.defaultDuration;
    return [{ track: number, start, end: start + (known ?? Math.min(stated ?? Infinity, apart)), sound: track.sound, sync }];
  }
}

/** Finds elements in bytes (RFC 8794), and numbers in them; reading past the end is a RangeError. */
class ElementReader {
  readonly all: Element;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.all = { id: 0, start: 0, end: bytes.length };
  }

  uint({ start, end }: Element): number {
    let value = 0;
    for (let at = start; at < end; at++) value = value * 256 + this.#view.getUint8(at);
    return value;
  }

  /** Writes a number in place of the one that is there, and in as many bytes. */
  write({ start, end }: Element, value: number): void {
    for (let at = end - 1, rest = value; at >= start; at--, rest = Math.floor(rest / 256)) this.#view.setUint8(at, rest & 0xff);
  }

  i16(at: number): number {
    return this.#view.getInt16(at);
  }

  /** A variable-size integer, and where the next byte is; `Infinity` if all its bits are 1. */
  vint(at: number): { value: number; next: number } {
    const first = this.#view.getUint8(at);
    const length = Math.clz32(first) - 23;
    const mask = 0xff >> length;
    let value = first & mask;
    let full = value === mask;
    for (let i = 1; i < length; i++) {
      const byte = this.#view.getUint8(at + i);
      full &&= byte === 0xff;
      value = value * 256 + byte;
    }
    return { value: full ? Infinity : value, next: at + length };
  }

  find(parent: Element | undefined, id: number): Element | undefined {
    return this.findAll(parent, id)[0];
  }

  findAll(parent: Element | undefined, wanted: number): Element[] {
    const found: Element[] = [];
    const end = parent?.end ?? 0;
    for (let at = parent?.start ?? 0; at < end; ) {
      const idLength = Math.clz32(this.#view.getUint8(at)) - 23;
      const id = this.uint({ id: 0, start: at, end: at + idLength });
      const { value: size, next } = this.vint(at + idLength);
      at = Math.min(next + size, end);
      if (id === wanted) found.push({ id, start: next, end: at });
    }
    return found;
  }
}
