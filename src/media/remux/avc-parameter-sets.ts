import { ByteReader, type BytePlace } from '../byte-reader';
import { MediaError } from '../media-error';
import { NalType, nalType } from './nal-units';
import { readPps, readSps, type Sps } from './sps';

/** What an `avcC` can count of each, and bytes that it can give to one. */
const MAX_SPS = 31;
const MAX_PPS = 255;
const MAX_UNIT_SIZE = 65_535;

/** The newest SPS and PPS of each number that a track has shown. */
export class AvcParameterSets {
  readonly #maxBytes: number;
  readonly #sps = new Map<number, Uint8Array>();
  readonly #pps = new Map<number, Uint8Array>();
  #bytes = 0;
  #newest: Sps | undefined;
  #revision = 0;

  /** @param maxBytes that all of them may have. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Another one whenever a set has changed or come. */
  get revision(): number {
    return this.#revision;
  }

  /** The SPS that has changed last. */
  get sps(): Sps | undefined {
    return this.#newest;
  }

  /** Whether there is all that a decoder needs. */
  get complete(): boolean {
    return this.#newest !== undefined && this.#pps.size > 0;
  }

  /** Takes in a set. @throws MediaError `malformed-media`, or `init-too-large`. */
  record(unit: Uint8Array, place: BytePlace): void {
    if (unit.length > MAX_UNIT_SIZE) throw new MediaError('malformed-media', `A parameter set of ${unit.length} bytes`, place);
    if (nalType(unit) === NalType.sps) this.#recordSps(unit, place);
    else if (this.#keep(this.#pps, readPps(unit, place).id, unit)) this.#check(place);
  }

  #recordSps(unit: Uint8Array, place: BytePlace): void {
    const sps = readSps(unit, place);
    if (!this.#keep(this.#sps, sps.id, unit)) return;
    this.#newest = sps;
    this.#check(place);
  }

  /** Whether `unit` was another before. */
  #keep(sets: Map<number, Uint8Array>, id: number, unit: Uint8Array): boolean {
    const before = sets.get(id);
    if (before && sameBytes(before, unit)) return false;
    sets.set(id, unit.slice());
    this.#bytes += unit.length - (before?.length ?? 0);
    this.#revision++;
    return true;
  }

  #check(place: BytePlace): void {
    if (this.#bytes > this.#maxBytes) {
      throw new MediaError('init-too-large', `Parameter sets of ${this.#bytes} bytes, where ${this.#maxBytes} are allowed`, place);
    }
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
    const bytes = [1, profile, constraints, level, 0xff, 0xe0 | this.#sps.size];
    for (const unit of this.#sps.values()) bytes.push(unit.length >> 8, unit.length & 0xff, ...unit);
    bytes.push(this.#pps.size);
    for (const unit of this.#pps.values()) bytes.push(unit.length >> 8, unit.length & 0xff, ...unit);
    return Uint8Array.from([...bytes, ...depths]);
  }

  /** All sets as they are now. */
  snapshot(): readonly Uint8Array[] {
    return [...this.#sps.values(), ...this.#pps.values()];
  }
}

/** Profiles whose `avcC` tells chroma format and bit depths. */
const WITH_DEPTHS: ReadonlySet<number> = new Set([100, 110, 122, 144, 244]);

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
