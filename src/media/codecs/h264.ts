import { BitReader } from '../bit-reader';
import type { BytePlace } from '../byte-reader';
import { type CodecDetails, frameRateOf, hex } from './codec-details';
import type { DecoderConfig } from './decoder-config';
import { unescapeNalUnit } from './nal-escaping';

/** What a sequence parameter set says that a container must know. */
export interface Sps {
  readonly id: number;
  readonly profile: number;
  /** `constraint_set` flags, as a byte. */
  readonly constraints: number;
  readonly level: number;
  /** 0 (monochrome) to 3 (4:4:4). */
  readonly chromaFormat: number;
  readonly lumaDepth: number;
  readonly chromaDepth: number;
  /** Of the picture that is shown. */
  readonly width: number;
  readonly height: number;
  /** How many frames at most come before one that is shown before them. */
  readonly reorderDepth: number;
  /**
   * How many frames a decoder may hold back that goes by what is stated alone, as Chromium's for hardware does; undefined where the depth is
   * stated (`max_num_reorder_frames`), or follows from the profile.
   */
  readonly presumedReorder: number | undefined;
  /** Frames a second, if it is stated. */
  readonly frameRate: number | undefined;
}

const BASELINE = 66;
/** Profiles whose SPS tells chroma format and bit depths, ITU-T H.264 §7.3.2.1.1. */
const HIGH_PROFILES: ReadonlySet<number> = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
/** Profiles of which `constraint_set3_flag` makes an intra profile, annex E.2.1. */
const INTRA_PROFILES: ReadonlySet<number> = new Set([44, 86, 100, 110, 122, 244]);
const MAX_REORDER_DEPTH = 16;
/** An MP4 sample entry has 16 bits for each side. */
const MAX_SIDE = 65_535;
const MAX_MACROBLOCKS = 4096;

/** MaxDpbMbs by level, table A-1. */
const MAX_DPB_MACROBLOCKS: readonly (readonly [level: number, macroblocks: number])[] = [
  [10, 396],
  [11, 900],
  [20, 2376],
  [21, 4752],
  [30, 8100],
  [31, 18_000],
  [32, 20_480],
  [41, 32_768],
  [42, 34_816],
  [50, 110_400],
  [52, 184_320],
  [62, 696_320],
];

/**
 * Reads a sequence parameter set, with its NAL unit header: ITU-T H.264 §7.3.2.1.1 and annex E.1.1.
 * @throws MediaError `malformed-media`.
 */
export function readSps(unit: Uint8Array, place: BytePlace): Sps {
  const bits = new BitReader(unescapeNalUnit(unit), place);
  const profile = bits.bits(8);
  const constraints = bits.bits(8);
  const level = bits.bits(8);
  const id = atMost(bits, 31, 'SPS number');
  const { chromaFormat, separatePlanes, lumaDepth, chromaDepth } = HIGH_PROFILES.has(profile) ? readChroma(bits) : PLAIN_CHROMA;
  atMost(bits, 12, 'log2_max_frame_num');
  const pictureOrder = readPictureOrder(bits);
  atMost(bits, 16, 'max_num_ref_frames');
  bits.skip(1);
  const { width, height, macroblocks } = readSize(bits, separatePlanes ? 0 : chromaFormat);
  const { reorderDepth: stated, frameRate } = bits.flag() ? readUsability(bits) : NOTHING_STATED;
  if (stated !== undefined && stated > MAX_REORDER_DEPTH) throw bits.error(`Frames are reordered over ${stated} others, where ${MAX_REORDER_DEPTH} are allowed`);
  const isIntra = (constraints & 0x10) !== 0 && INTRA_PROFILES.has(profile);
  const inOrder = pictureOrder === 2 || profile === BASELINE || isIntra;
  const inferred = inferredDepth(level, macroblocks);
  const reorderDepth = inOrder ? 0 : (stated ?? inferred);
  const presumedReorder = stated === undefined && !isIntra && inferred > 0 ? inferred : undefined;
  return { id, profile, constraints, level, chromaFormat, lumaDepth, chromaDepth, width, height, reorderDepth, presumedReorder, frameRate };
}

interface Chroma {
  readonly chromaFormat: number;
  readonly separatePlanes: boolean;
  readonly lumaDepth: number;
  readonly chromaDepth: number;
}

const PLAIN_CHROMA: Chroma = { chromaFormat: 1, separatePlanes: false, lumaDepth: 8, chromaDepth: 8 };

function readChroma(bits: BitReader): Chroma {
  const chromaFormat = atMost(bits, 3, 'chroma_format_idc');
  const separatePlanes = chromaFormat === 3 && bits.flag();
  const lumaDepth = 8 + atMost(bits, 6, 'bit_depth_luma');
  const chromaDepth = 8 + atMost(bits, 6, 'bit_depth_chroma');
  bits.skip(1);
  if (bits.flag()) skipScalingLists(bits, chromaFormat === 3 ? 12 : 8);
  return { chromaFormat, separatePlanes, lumaDepth, chromaDepth };
}

/** §7.3.2.1.1.1. */
function skipScalingLists(bits: BitReader, lists: number): void {
  for (let list = 0; list < lists; list++) {
    if (!bits.flag()) continue;
    let last = 8;
    for (let i = 0; i < (list < 6 ? 16 : 64); i++) {
      const next = (last + bits.se() + 256) % 256;
      if (next === 0) break;
      last = next;
    }
  }
}

/** Gives `pic_order_cnt_type`; 2 means that frames are shown in the order in which they come. */
function readPictureOrder(bits: BitReader): number {
  const type = atMost(bits, 2, 'pic_order_cnt_type');
  if (type === 0) atMost(bits, 12, 'log2_max_pic_order_cnt_lsb');
  if (type === 1) {
    bits.skip(1);
    bits.se();
    bits.se();
    const cycle = atMost(bits, 255, 'num_ref_frames_in_pic_order_cnt_cycle');
    for (let i = 0; i < cycle; i++) bits.se();
  }
  return type;
}

function readSize(bits: BitReader, chromaArray: number): { width: number; height: number; macroblocks: number } {
  const columns = atMost(bits, MAX_MACROBLOCKS - 1, 'pic_width_in_mbs') + 1;
  const mapUnits = atMost(bits, MAX_MACROBLOCKS - 1, 'pic_height_in_map_units') + 1;
  const fieldRows = bits.flag() ? 1 : 2;
  if (fieldRows === 2) bits.skip(1);
  bits.skip(1);
  const [left, right, top, bottom] = bits.flag() ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
  const cropX = chromaArray === 1 || chromaArray === 2 ? 2 : 1;
  const cropY = (chromaArray === 1 ? 2 : 1) * fieldRows;
  const width = columns * 16 - cropX * (left + right);
  const height = mapUnits * fieldRows * 16 - cropY * (top + bottom);
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) throw bits.error(`A picture of ${width}×${height}`);
  return { width, height, macroblocks: columns * mapUnits * fieldRows };
}

/** What video usability information states, of what is looked for. */
type Usability = { readonly [Key in 'reorderDepth' | 'frameRate']: number | undefined };

const NOTHING_STATED: Usability = { reorderDepth: undefined, frameRate: undefined };

/** Reads the VUI, annex E.1.1. */
function readUsability(bits: BitReader): Usability {
  const extendedSar = 255;
  if (bits.flag() && bits.bits(8) === extendedSar) bits.skip(32);
  if (bits.flag()) bits.skip(1);
  if (bits.flag()) {
    bits.skip(4);
    if (bits.flag()) bits.skip(24);
  }
  if (bits.flag()) {
    bits.ue();
    bits.ue();
  }
  const frameRate = bits.flag() ? readFrameRate(bits) : undefined;
  const nal = bits.flag();
  if (nal) skipHrd(bits);
  const vcl = bits.flag();
  if (vcl) skipHrd(bits);
  if (nal || vcl) bits.skip(1);
  bits.skip(1);
  if (!bits.flag()) return { reorderDepth: undefined, frameRate };
  bits.skip(1);
  for (let field = 0; field < 4; field++) bits.ue();
  return { reorderDepth: bits.ue(), frameRate };
}

/** Two ticks are a frame, of which each is a field. What isn't fixed is no frame rate: many encoders put their clock there. */
function readFrameRate(bits: BitReader): number | undefined {
  const tick = bits.bits(32);
  const scale = bits.bits(32);
  return bits.flag() ? frameRateOf((2 * tick) / scale) : undefined;
}

/** Annex E.1.2. */
function skipHrd(bits: BitReader): void {
  const count = atMost(bits, 31, 'cpb_cnt') + 1;
  bits.skip(8);
  for (let i = 0; i < count; i++) {
    bits.ue();
    bits.ue();
    bits.skip(1);
  }
  bits.skip(20);
}

/** MaxDpbFrames, which holds where nothing is stated: annex A.3.1 and E.2.1. */
function inferredDepth(level: number, macroblocks: number): number {
  const [, dpb] = MAX_DPB_MACROBLOCKS.find(([upTo]) => level <= upTo) ?? [0, Infinity];
  return Math.min(MAX_REORDER_DEPTH, Math.floor(dpb / macroblocks));
}

function atMost(bits: BitReader, most: number, name: string): number {
  const value = bits.ue();
  if (value > most) throw bits.error(`${name} is ${value}, where ${most} is the most`);
  return value;
}

/** The numbers of a picture parameter set and of the SPS that it refers to, §7.3.2.2. @throws MediaError `malformed-media`. */
export function readPps(unit: Uint8Array, place: BytePlace): { readonly id: number; readonly spsId: number } {
  // Both numbers are in the first bytes; what follows isn't looked at.
  const bits = new BitReader(unescapeNalUnit(unit.subarray(0, 16)), place);
  return { id: atMost(bits, 255, 'PPS number'), spsId: atMost(bits, 31, 'SPS number') };
}

/** The number of the PPS that a slice refers to, §7.3.3. @throws MediaError `malformed-media`. */
export function readPpsOfSlice(unit: Uint8Array, place: BytePlace): number {
  const bits = new BitReader(unescapeNalUnit(unit.subarray(0, 16)), place);
  // The number of its first macroblock, and its type.
  bits.ue();
  bits.ue();
  return atMost(bits, 255, 'PPS number');
}

/** Reads an `avcC`: ISO/IEC 14496-15 §5.3.3.1, AVCDecoderConfigurationRecord. */
export function readH264Config(config: DecoderConfig, name: string): CodecDetails {
  const reader = config.reader();
  if (reader.u8() !== 1) throw reader.error('Not the first version of an H.264 configuration', 0);
  const codec = `${name}.${hex(reader.u8())}${hex(reader.u8())}${hex(reader.u8())}`;
  reader.skip(1);
  // Frames may bring their own.
  const count = reader.u8() & 0x1f;
  if (count === 0) return { codec };
  const { frameRate, presumedReorder } = readSps(reader.bytes(reader.u16()), config.place);
  return { codec, ...(frameRate !== undefined && { frameRate }), ...(presumedReorder !== undefined && { presumedReorder }) };
}
