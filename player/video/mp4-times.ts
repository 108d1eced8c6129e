import type { Span } from './span';

interface TrackTimes {
  readonly sound: boolean;
  readonly timescale: number;
  /** Ticks of a sample that states no duration. */
  readonly defaultDuration: number;
  /** Flags of a sample that states none. */
  readonly defaultFlags: number;
}

/** A box in place: its payload lies from `start` to `end`. */
interface Box {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

const TFHD = { baseDataOffset: 0x1, sampleDescription: 0x2, duration: 0x8, size: 0x10, flags: 0x20 } as const;
const TRUN = { dataOffset: 0x1, firstFlags: 0x4, durations: 0x100, sizes: 0x200, flags: 0x400, compositionOffsets: 0x800 } as const;
const TRUN_FIELDS = [TRUN.durations, TRUN.sizes, TRUN.flags, TRUN.compositionOffsets];
/** Seconds that a sample counts whose duration is told nowhere. */
const GUESS = 1 / 30;
/** What sample flags say of whether a decoder can start there, §8.8.3.1: `sample_depends_on`, or failing that this. */
const NON_SYNC = 0x10000;
const DEPENDS_ON_OTHERS = 1;
const DEPENDS_ON_NONE = 2;

/**
 * Reads the times of fragmented MP4 that a relay has passed on, and nothing else of it (ISO/IEC 14496-12 §8.8): the relay has
 * parsed and checked it, and all that it checks would make the player three times as large.
 */
export class Mp4Times {
  readonly #tracks = new Map<number, TrackTimes>();

  /** @throws Error if `init` is no init segment. */
  constructor(init: Uint8Array) {
    const reader = new BoxReader(init);
    const moov = reader.find(reader.all, 'moov');
    if (moov === undefined) throw new Error('The init segment has no moov');
    const defaults = new Map<number, Pick<TrackTimes, 'defaultDuration' | 'defaultFlags'>>();
    for (const trex of reader.findAll(reader.find(moov, 'mvex'), 'trex')) {
      defaults.set(reader.u32(trex.start + 4), { defaultDuration: reader.u32(trex.start + 12), defaultFlags: reader.u32(trex.start + 20) });
    }
    for (const trak of reader.findAll(moov, 'trak')) {
      const tkhd = reader.find(trak, 'tkhd');
      const mdia = reader.find(trak, 'mdia');
      const mdhd = reader.find(mdia, 'mdhd');
      const hdlr = reader.find(mdia, 'hdlr');
      if (tkhd === undefined || mdhd === undefined || hdlr === undefined) continue;
      const id = reader.u32(tkhd.start + (reader.version(tkhd) === 1 ? 20 : 12));
      const timescale = reader.u32(mdhd.start + (reader.version(mdhd) === 1 ? 20 : 12));
      this.#tracks.set(id, { defaultDuration: 0, defaultFlags: 0, ...defaults.get(id), timescale, sound: reader.fourCC(hdlr.start + 8) === 'soun' });
    }
  }

  /** The times of whole fragments, in order. */
  read(bytes: Uint8Array): Span[] {
    const reader = new BoxReader(bytes);
    return reader.findAll(reader.all, 'moof').flatMap((moof) => reader.findAll(moof, 'traf').flatMap((traf) => this.#readTrack(reader, traf)));
  }

  #readTrack(reader: BoxReader, traf: Box): Span[] {
    const tfhd = reader.find(traf, 'tfhd');
    const tfdt = reader.find(traf, 'tfdt');
    if (tfhd === undefined || tfdt === undefined) return [];
    const id = reader.u32(tfhd.start + 4);
    const track = this.#tracks.get(id);
    if (track === undefined) return [];
    const own = ownDefaults(reader, tfhd);
    const time = reader.version(tfdt) === 1 ? reader.u64(tfdt.start + 4) : reader.u32(tfdt.start + 4);
    let [samples, ticks] = [0, 0];
    const runs = reader.findAll(traf, 'trun');
    for (const trun of runs) {
      samples += reader.u32(trun.start + 4);
      ticks += runDuration(reader, trun, own.duration ?? track.defaultDuration);
    }
    const [first] = runs;
    if (first === undefined || samples === 0) return [];
    // A sample that a Sluice wrote bridges gaps by a long duration, and tells the real one as the default.
    if (samples === 1 && own.duration) ticks = Math.min(ticks, own.duration);
    const start = time / track.timescale;
    const sync = isSync(firstFlags(reader, first) ?? own.flags ?? track.defaultFlags);
    return [{ track: id, start, end: start + (ticks > 0 ? ticks / track.timescale : GUESS * samples), sound: track.sound, sync }];
  }
}

/** The defaults that a `tfhd` states. */
function ownDefaults(reader: BoxReader, tfhd: Box): { duration: number | undefined; flags: number | undefined } {
  const flags = reader.flags(tfhd);
  let at = tfhd.start + 8 + (flags & TFHD.baseDataOffset ? 8 : 0) + (flags & TFHD.sampleDescription ? 4 : 0);
  const next = (flag: number): number | undefined => {
    if (!(flags & flag)) return undefined;
    at += 4;
    return reader.u32(at - 4);
  };
  const duration = next(TFHD.duration);
  next(TFHD.size);
  return { duration, flags: next(TFHD.flags) };
}

/** The flags that a `trun` states of its first sample. */
function firstFlags(reader: BoxReader, trun: Box): number | undefined {
  const flags = reader.flags(trun);
  const at = trun.start + 8 + (flags & TRUN.dataOffset ? 4 : 0);
  if (flags & TRUN.firstFlags) return reader.u32(at);
  if (!(flags & TRUN.flags)) return undefined;
  return reader.u32(at + (flags & TRUN.durations ? 4 : 0) + (flags & TRUN.sizes ? 4 : 0));
}

function isSync(flags: number): boolean {
  const dependsOn = (flags >>> 24) & 3;
  return dependsOn === DEPENDS_ON_NONE || (dependsOn !== DEPENDS_ON_OTHERS && (flags & NON_SYNC) === 0);
}

/** Ticks that all samples of a `trun` last. */
function runDuration(reader: BoxReader, trun: Box, otherwise: number): number {
  const flags = reader.flags(trun);
  const count = reader.u32(trun.start + 4);
  if (!(flags & TRUN.durations)) return count * otherwise;
  const stride = 4 * TRUN_FIELDS.filter((field) => flags & field).length;
  let at = trun.start + 8 + (flags & TRUN.dataOffset ? 4 : 0) + (flags & TRUN.firstFlags ? 4 : 0);
  let sum = 0;
  for (let i = 0; i < count; i++, at += stride) sum += reader.u32(at);
  return sum;
}

/** Finds boxes in bytes; reading past the end is a RangeError. */
class BoxReader {
  readonly all: Box;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.all = { type: '', start: 0, end: bytes.length };
  }

  u32(at: number): number {
    return this.#view.getUint32(at);
  }

  u64(at: number): number {
    return this.u32(at) * 2 ** 32 + this.u32(at + 4);
  }

  fourCC(at: number): string {
    return String.fromCharCode(...[0, 1, 2, 3].map((i) => this.#view.getUint8(at + i)));
  }

  version(box: Box): number {
    return this.#view.getUint8(box.start);
  }

  flags(box: Box): number {
    return this.u32(box.start) & 0xffffff;
  }

  find(parent: Box | undefined, type: string): Box | undefined {
    return this.findAll(parent, type)[0];
  }

  findAll(parent: Box | undefined, type: string): Box[] {
    const found: Box[] = [];
    let at = parent?.start ?? 0;
    const end = parent?.end ?? 0;
    while (at + 8 <= end) {
      const small = this.u32(at);
      const size = small === 1 ? this.u64(at + 8) : small === 0 ? end - at : small;
      const header = small === 1 ? 16 : 8;
      if (size < header) throw new Error('A box is smaller than its header');
      if (this.fourCC(at + 4) === type) found.push({ type, start: at + header, end: Math.min(at + size, end) });
      at += size;
    }
    return found;
  }
}
