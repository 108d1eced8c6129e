import { joinBytes } from './container-parser-contract';

/** Bytes from hex digits; blanks are for the reader. */
export function hex(digits: string): Uint8Array {
  return Uint8Array.from(digits.replaceAll(/\s/g, '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function u32(value: number): Uint8Array {
  return hex((value >>> 0).toString(16).padStart(8, '0'));
}

export function u64(value: number): Uint8Array {
  return hex(value.toString(16).padStart(16, '0'));
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** A box with a 32-bit size. */
export function box(type: string, ...content: readonly Uint8Array[]): Uint8Array {
  const payload = joinBytes(content);
  return joinBytes([u32(8 + payload.length), ascii(type), payload]);
}

/** A box with a 64-bit size. */
export function largeBox(type: string, ...content: readonly Uint8Array[]): Uint8Array {
  const payload = joinBytes(content);
  return joinBytes([u32(1), ascii(type), u64(16 + payload.length), payload]);
}

/** The header of a box without the box. */
export function header(type: string, size: number): Uint8Array {
  return size < 2 ** 32 ? joinBytes([u32(size), ascii(type)]) : joinBytes([u32(1), ascii(type), u64(size)]);
}

export function fullBox(type: string, version: number, flags: number, ...content: readonly Uint8Array[]): Uint8Array {
  return box(type, u32(version * 2 ** 24 + flags), ...content);
}

const zeros = (size: number): Uint8Array => new Uint8Array(size);

/** Baseline H.264, level 3.0, 160x120. */
export const AVC_ENTRY = box('avc1', hex('000000000000 0001'), zeros(16), hex('00a00078'), zeros(50), box('avcC', hex('01 42c01e ff e0 00')));

/** Stereo Opus at 48 kHz. */
export const OPUS_ENTRY = box('Opus', hex('000000000000 0001'), zeros(8), hex('0002 0010 0000 0000 bb80 0000'), box('dOps', hex('00 02 0000 0000bb80 0000 00')));

/** Nothing that a player knows. */
export const TIMECODE_ENTRY = box('tmcd', hex('000000000000 0001'), zeros(18));

export interface TrakOptions {
  id: number;
  handler: string;
  entry: Uint8Array;
  timescale?: number;
  /** Of tkhd and mdhd. */
  version?: number;
  duration?: number;
  /** Of tkhd: by default enabled, and in the movie. */
  flags?: number;
  /** An `edts`. */
  edits?: Uint8Array;
}

export function trak({ id, handler, entry, timescale = 1000, version = 0, duration = 0, flags = 3, edits = zeros(0) }: TrakOptions): Uint8Array {
  const times = zeros(version === 1 ? 16 : 8);
  const length = version === 1 ? u64(duration) : u32(duration);
  const stbl = box('stbl', fullBox('stsd', 0, 0, u32(1), entry), fullBox('stsz', 0, 0, u32(0), u32(0)));
  return box(
    'trak',
    fullBox('tkhd', version, flags, times, u32(id), u32(0), length, zeros(60)),
    edits,
    box('mdia', fullBox('mdhd', version, 0, times, u32(timescale), length, u32(0)), fullBox('hdlr', 0, 0, u32(0), ascii(handler), zeros(13)), box('minf', stbl)),
  );
}

/** An `edts` of edits, each of so many ticks of the movie from `mediaTime` on, in ticks of the track; −1 is an empty edit. */
export function edts(version: number, ...edits: readonly { duration: number; mediaTime: number }[]): Uint8Array {
  const time = (value: number): Uint8Array => (version === 1 ? (value < 0 ? hex('ffffffffffffffff') : u64(value)) : u32(value));
  return box('edts', fullBox('elst', version, 0, u32(edits.length), ...edits.map(({ duration, mediaTime }) => joinBytes([time(duration), time(mediaTime), hex('00010000')]))));
}

export function trex(id: number, { duration = 0, size = 0, flags = 0 } = {}): Uint8Array {
  return fullBox('trex', 0, 0, u32(id), u32(1), u32(duration), u32(size), u32(flags));
}

export function mvhd(version = 0, duration = 0): Uint8Array {
  const times = zeros(version === 1 ? 16 : 8);
  return fullBox('mvhd', version, 0, times, u32(1000), version === 1 ? u64(duration) : u32(duration), zeros(80));
}

export const FTYP = box('ftyp', ascii('iso5'), u32(0), ascii('iso5'));
export const VIDEO = 1;
export const AUDIO = 2;
export const videoTrak = trak({ id: VIDEO, handler: 'vide', entry: AVC_ENTRY });
export const audioTrak = trak({ id: AUDIO, handler: 'soun', entry: OPUS_ENTRY, timescale: 100 });

/** One video track at 1000 ticks a second, one audio track at 100. */
export const AV_MOOV = box('moov', mvhd(), videoTrak, audioTrak, box('mvex', trex(VIDEO), trex(AUDIO)));
export const VIDEO_MOOV = box('moov', mvhd(), videoTrak, box('mvex', trex(VIDEO)));
export const AUDIO_MOOV = box('moov', mvhd(), audioTrak, box('mvex', trex(AUDIO)));

export const SYNC = 0x02000000;
export const NON_SYNC = 0x01010000;

export function tfhd(id: number, flags = 0x20000, ...fields: readonly Uint8Array[]): Uint8Array {
  return fullBox('tfhd', 0, flags, u32(id), ...fields);
}

export function tfdt(time: number, version = 1): Uint8Array {
  return fullBox('tfdt', version, 0, version === 1 ? u64(time) : u32(time));
}

export interface SampleOptions {
  duration?: number;
  flags?: number;
  cts?: number;
  data: string;
}

/** A track of a fragment that `fragment` lays out. */
export interface TrackOptions {
  id: number;
  time: number | undefined;
  samples: readonly SampleOptions[];
  tfhd?: Uint8Array;
}

/** A `moof` and `mdat` with all fields of all samples, the tracks' data one behind the other; `between` lies between both. */
export function fragment(tracks: readonly TrackOptions[], between: Uint8Array = zeros(0)): Uint8Array {
  const build = (dataOffsets: readonly number[]): Uint8Array =>
    box('moof', fullBox('mfhd', 0, 0, u32(1)), ...tracks.map((track, i) => traf(track, dataOffsets[i] ?? 0)));
  const moofSize = build([]).length;
  const data = tracks.map(({ samples }) => joinBytes(samples.map((sample) => ascii(sample.data))));
  let at = moofSize + between.length + 8;
  const offsets = data.map(({ length }) => (at += length) - length);
  return joinBytes([build(offsets), between, box('mdat', ...data)]);
}

function traf({ id, time, samples, tfhd: head = tfhd(id) }: TrackOptions, dataOffset: number): Uint8Array {
  const table = samples.map(({ duration = 10, flags = SYNC, cts = 0, data }) => joinBytes([u32(duration), u32(data.length), u32(flags), u32(cts)]));
  return box('traf', head, ...(time === undefined ? [] : [tfdt(time)]), fullBox('trun', 0, 0xf01, u32(samples.length), u32(dataOffset), ...table));
}
