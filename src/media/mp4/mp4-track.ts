import { u32At } from '../big-endian';
import type { DroppedTrack, Track } from '../chunk';
import { MediaError } from '../media-error';
import type { TrackCandidate } from '../track-choice';
import type { Box } from './box';
import { describeAudio, describeVideo, type SampleDescription } from './sample-description';

/** What a `trex` says of the samples of a track that doesn't say it itself, ISO/IEC 14496-12 §8.8.3. */
export interface SampleDefaults {
  readonly duration: number;
  readonly size: number;
  readonly flags: number;
}

/** A flag of `tkhd`, §8.3.2. */
const TRACK_ENABLED = 1;

/** What fragments need to know of a track that is passed on. All have the same fields, which lets the code that reads them be compiled for one shape. */
export interface Mp4Track extends Pick<Track, 'id' | 'kind' | 'codec' | 'timescale'> {
  readonly defaults: SampleDefaults;
}

/** A `trak` as far as it says whether it is passed on. */
interface TrakContent {
  readonly id: number;
  readonly trak: Box;
  /** Undefined for covers, timecode, text, data and other tracks that no player shows. */
  readonly candidate: TrackCandidate | undefined;
  /** What is said of a cover, which isn't passed on. */
  readonly cover?: DroppedTrack;
}

/** Types of images in the metadata of iTunes (JPEG, PNG, BMP), which ffmpeg writes for the names of codecs when it copies a cover. */
const COVER_TYPES: ReadonlySet<number> = new Set([13, 14, 27].map((type) => type * 2 ** 24));

/** Reads what a `trak` is, §8.3.1. */
export function readTrak(trak: Box): TrakContent {
  const { id, enabled, area } = readHeader(trak.child('tkhd'));
  if (id === 0) throw trak.malformed('A track has the number 0');
  const kind = readKind(trak.child('mdia').child('hdlr'));
  if (kind === 'video' && isCover(sampleDescriptions(trak))) return { id, trak, candidate: undefined, cover: { id, kind, codec: 'cover' } };
  return { id, trak, candidate: kind && { id, kind, isDefault: enabled, area } };
}

/** Describes a track that is passed on. @throws MediaError `unsupported-codec`, `unsupported-layout` or `malformed-media`. */
export function describeTrak(trak: Box, { id, kind }: TrackCandidate): Track {
  const mdia = trak.child('mdia');
  const timescale = readTimescale(mdia.child('mdhd'));
  const stbl = mdia.child('minf').child('stbl');
  refuseSamples(stbl);
  return { id, kind, timescale, ...readEntries(stbl.child('stsd'), kind) };
}

/** Names a track that isn't passed on. */
export function nameTrak(trak: Box, { id, kind }: TrackCandidate): DroppedTrack {
  const [entry] = sampleDescriptions(trak).children(8);
  return { id, kind, codec: entry?.type ?? 'unknown' };
}

function sampleDescriptions(trak: Box): Box {
  return trak.child('mdia').child('minf').child('stbl').child('stsd');
}

/** Looks at the type of the first entry of an `stsd`, §8.5.2, which would be no name of a box. */
function isCover({ bytes, headerSize }: Box): boolean {
  const type = headerSize + 12;
  return bytes.length >= type + 4 && COVER_TYPES.has(u32At(bytes, type));
}

/** Reads the defaults in a `trex`. */
export function readTrex(trex: Box): { id: number; defaults: SampleDefaults } {
  const { reader } = trex.fullBox();
  const id = reader.u32();
  reader.skip(4);
  return { id, defaults: { duration: reader.u32(), size: reader.u32(), flags: reader.u32() } };
}

/** §8.3.2. Sides are 16.16 fixed point; of sound they are 0. */
function readHeader(tkhd: Box): { id: number; enabled: boolean; area: number } {
  const { version, flags, reader } = tkhd.fullBox();
  reader.skip(version === 1 ? 16 : 8);
  const id = reader.u32();
  reader.skip((version === 1 ? 12 : 8) + 52);
  const width = reader.u16();
  reader.skip(2);
  return { id, enabled: (flags & TRACK_ENABLED) !== 0, area: width * reader.u16() };
}

/** §8.4.3. */
function readKind(hdlr: Box): Track['kind'] | undefined {
  const { reader } = hdlr.fullBox();
  reader.skip(4);
  const handler = reader.fourCC();
  if (handler === 'vide') return 'video';
  return handler === 'soun' ? 'audio' : undefined;
}

/** §8.4.2. */
function readTimescale(mdhd: Box): number {
  const { version, reader } = mdhd.fullBox();
  reader.skip(version === 1 ? 16 : 8);
  const timescale = reader.u32();
  if (timescale === 0) throw mdhd.malformed('A track has the timescale 0');
  return timescale;
}

/** Samples in `moov` lie outside of all fragments (ffmpeg without `+empty_moov`); Media Source Extensions drop them. */
function refuseSamples(stbl: Box): void {
  const stsz = stbl.children().find((box) => box.type === 'stsz');
  if (!stsz) return;
  const { reader } = stsz.fullBox();
  reader.skip(4);
  if (reader.u32() === 0) return;
  const message = 'The moov box holds samples of its own: add "+empty_moov" to -movflags';
  throw new MediaError('unsupported-layout', message, { offset: stsz.offset, path: stsz.path });
}

/** Descriptions of one track: a muxer that joins files writes a few. Each is read whole. */
export const MAX_SAMPLE_DESCRIPTIONS = 64;

/** §8.5.2. All entries must be known; the first describes the track. */
function readEntries(stsd: Box, kind: Track['kind']): SampleDescription {
  const { version } = stsd.fullBox();
  const boxes = stsd.children(8);
  if (boxes.length > MAX_SAMPLE_DESCRIPTIONS) {
    const message = `A track has ${boxes.length} sample descriptions, where ${MAX_SAMPLE_DESCRIPTIONS} are allowed: encode it as one`;
    throw new MediaError('unsupported-layout', message, { offset: stsd.offset, path: stsd.path });
  }
  const entries = boxes.map((entry) => (kind === 'video' ? describeVideo(entry) : describeAudio(entry, version)));
  const [first] = entries;
  if (!first) throw stsd.malformed('A track has no sample description');
  return first;
}
