import { type BytePart, joinParts, u16 } from '../byte-parts';
import { type BytePlace, ByteReader } from '../byte-reader';
import { MediaError } from '../media-error';
import { readPps, readPpsOfSlice, readSps, type Sps } from './h264';
import { NalType, nalType } from './h264-nal-units';

/** What an `avcC` can count of each, and bytes that it can give to one. */
const MAX_SPS = 31;
const MAX_PPS = 255;
/** Of both together. */
export const MAX_SETS = MAX_SPS + MAX_PPS;
const MAX_UNIT_SIZE = 65_535;
/** Bytes that all sets of a track may have: an encoder's are about a hundred. Each keyframe that changes one makes an init segment of all. */
export const MAX_PARAMETER_SETS = 64 << 10;

/**
 * The bytes of the parameter sets of one frame, which has no more of them than a description can: each is read, whether it is new or not.
 * @throws MediaError `malformed-media`, or `init-too-large`.
 */
export function checkSets(units: readonly Uint8Array[], place: BytePlace): number {
  if (units.length > MAX_SETS) throw new MediaError('malformed-media', `More than the ${MAX_SETS} parameter sets that are allowed in one frame`, place);
  const bytes = units.reduce((sum, unit) => sum + unit.length, 0);
  checkSetBytes(bytes, place);
  return bytes;
}

/** Refuses more bytes of parameter sets than are allowed. @throws MediaError `init-too-large`. */
export function checkSetBytes(bytes: number, place: BytePlace): void {
  if (bytes <= MAX_PARAMETER_SETS) return;
  throw new MediaError('init-too-large', `H.264 parameter sets of ${bytes} bytes, where ${MAX_PARAMETER_SETS} are allowed`, place);
}

/** The newest SPS and PPS of each number that a track has shown: at most `MAX_PARAMETER_SETS` bytes. */
export class AvcParameterSets {
  readonly #sps = new Map<number, Uint8Array>();
  readonly #pps = new Map<number, Uint8Array>();
  /** The SPS of each number, read, and the number of the SPS that a PPS refers to. */
  readonly #read = new Map<number, Sps>();
  readonly #spsOfPps = new Map<number, number>();
  #newestSps: Uint8Array | undefined;
  #newestPps: Uint8Array | undefined;
  #bytes = 0;
  #newest: Sps | undefined;
  #revision = 0;

  /** Another one whenever a set has changed or come. */
  get revision(): number {
    return this.#revision;
  }

  /** The SPS that has changed last. */
  get sps(): Sps | undefined {
    return this.#newest;
  }

  /** How many SPS and PPS of other numbers there are: 1 if there are one of each. */
  get count(): number {
    return Math.max(this.#sps.size, this.#pps.size);
  }

  /** The SPS that came first. */
  get first(): Sps | undefined {
    const [id] = this.#sps.keys();
    return id === undefined ? undefined : this.#read.get(id);
  }

  /** Whether a set is byte for byte the one of its kind that was recorded last. */
  isNewest(unit: Uint8Array): boolean {
    const newest = nalType(unit) === NalType.sps ? this.#newestSps : this.#newestPps;
    return newest !== undefined && sameBytes(newest, unit);
  }

  /** The SPS of a picture, by its first slice: nothing if that, or the PPS that it refers to, hasn't come. */
  spsOf(slice: Uint8Array, place: BytePlace): Sps | undefined {
    const spsId = this.#spsOfPps.get(readPpsOfSlice(slice, place));
    return spsId === undefined ? undefined : this.#read.get(spsId);
  }

  /** Whether there is all that a decoder needs. */
  get complete(): boolean {
    return this.#newest !== undefined && this.#pps.size > 0;
  }

  /**
   * Takes in a set, and returns the copy that is kept of it: the same one as long as no other has taken its place.
   * @throws MediaError `malformed-media`, or `init-too-large`.
   */
  record(unit: Uint8Array, place: BytePlace): Uint8Array {
    if (unit.length > MAX_UNIT_SIZE) throw new MediaError('malformed-media', `A parameter set of ${unit.length} bytes`, place);
    return nalType(unit) === NalType.sps ? this.#recordSps(unit, place) : this.#recordPps(unit, place);
  }

  #recordPps(unit: Uint8Array, place: BytePlace): Uint8Array {
    const { id, spsId } = readPps(unit, place);
    this.#spsOfPps.set(id, spsId);
    return (this.#newestPps = this.#keep(this.#pps, { id, unit, place }));
  }

  #recordSps(unit: Uint8Array, place: BytePlace): Uint8Array {
    const sps = readSps(unit, place);
    const revision = this.#revision;
    const kept = (this.#newestSps = this.#keep(this.#sps, { id: sps.id, unit, place }));
    this.#read.set(sps.id, sps);
    if (revision !== this.#revision) this.#newest = sps;
    return kept;
  }

  #keep(sets: Map<number, Uint8Array>, { id, unit, place }: { id: number; unit: Uint8Array; place: BytePlace }): Uint8Array {
    const before = sets.get(id);
    if (before && sameBytes(before, unit)) return before;
    const kept = unit.slice();
    sets.set(id, kept);
    this.#bytes += unit.length - (before?.length ?? 0);
    this.#revision++;
    this.#check(place);
    return kept;
  }

  #check(place: BytePlace): void {
    checkSetBytes(this.#bytes, place);
    if (this.#sps.size > MAX_SPS || this.#pps.size > MAX_PPS) throw new MediaError('malformed-media', 'Too many parameter sets', place);
  }

  /** Takes in those of an `avcC`, and gives the size of the lengths in its frames. ISO/IEC 14496-15 §5.3.3.1. */
  recordConfiguration(bytes: Uint8Array, place: BytePlace): 1 | 2 | 3 | 4 {
    const reader = new ByteReader(bytes, place);
    reader.skip(4);
    const lengthSize = ((reader.u8() & 3) + 1) as 1 | 2 | 3 | 4;
    const recordUnits = (count: number, type: number): void => {
      for (let i = 0; i < count; i++) {
        const unit = reader.bytes(reader.u16());
        if (nalType(unit) !== type) throw reader.error(`A NAL unit of type ${nalType(unit)} among those of type ${type}`);
        this.record(unit, place);
      }
    };
    recordUnits(reader.u8() & 0x1f, NalType.sps);
    recordUnits(reader.u8(), NalType.pps);
    return lengthSize;
  }

  /** The bytes of an `avcC` for frames with lengths of 4 bytes. Wants `sps`. ISO/IEC 14496-15 §5.3.3.1. */
  configuration(sps: Sps): Uint8Array {
    const { profile, constraints, level, chromaFormat, lumaDepth, chromaDepth } = sps;
    const depths = WITH_DEPTHS.has(profile) ? [0xfc | chromaFormat, 0xf8 | (lumaDepth - 8), 0xf8 | (chromaDepth - 8), 0] : [];
    const head = [1, profile, constraints, level, 0xff, 0xe0 | this.#sps.size];
    return joinParts([head, ...withLengths(this.#sps.values()), [this.#pps.size], ...withLengths(this.#pps.values()), depths]);
  }

  /** All sets as they are now: the copies that `record` returns. */
  snapshot(): ReadonlySet<Uint8Array> {
    return new Set([...this.#sps.values(), ...this.#pps.values()]);
  }
}

/** Profiles whose `avcC` tells chroma format and bit depths. */
const WITH_DEPTHS: ReadonlySet<number> = new Set([100, 110, 122, 144, 244]);

function withLengths(units: Iterable<Uint8Array>): BytePart[] {
  return [...units].flatMap((unit) => [u16(unit.length), unit]);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
