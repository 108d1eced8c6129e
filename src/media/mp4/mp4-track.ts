import type { Track } from '../chunk';
import { MediaError } from '../media-error';
import type { Box } from './box';
import { describeAudio, describeVideo, type SampleDescription } from './sample-description';

/** What a `trex` says of the samples of a track that doesn't say it itself, ISO/IEC 14496-12 §8.8.3. */
export interface SampleDefaults {
  readonly duration: number;
  readonly size: number;
  readonly flags: number;
}

/** What fragments need to know of a track that is passed on. All have the same fields, which lets the code that reads them be compiled for one shape. */
export interface Mp4Track extends Pick<Track, 'id' | 'kind' | 'codec' | 'timescale'> {
  readonly defaults: SampleDefaults;
}

/** A `trak`: its number, and its description if Media Source Extensions take such a track. */
export interface TrakContent {
  readonly id: number;
  readonly track: Track | undefined;
}

/** Reads a `trak`, §8.3.1. Timecode, text, data and other tracks have no description. */
export function readTrak(trak: Box): TrakContent {
  const id = readTrackId(trak.child('tkhd'));
  if (id === 0) throw trak.malformed('A track has the number 0');
  const mdia = trak.child('mdia');
  const kind = readKind(mdia.child('hdlr'));
  if (!kind) return { id, track: undefined };
  const timescale = readTimescale(mdia.child('mdhd'));
  const stbl = mdia.child('minf').child('stbl');
  refuseSamples(stbl);
  return { id, track: { id, kind, timescale, ...readEntries(stbl.child('stsd'), kind) } };
}

/** Reads the defaults in a `trex`. */
export function readTrex(trex: Box): { id: number; defaults: SampleDefaults } {
  const { reader } = trex.fullBox();
  const id = reader.u32();
  reader.skip(4);
  return { id, defaults: { duration: reader.u32(), size: reader.u32(), flags: reader.u32() } };
}

/** §8.3.2. */
function readTrackId(tkhd: Box): number {
  const { version, reader } = tkhd.fullBox();
  reader.skip(version === 1 ? 16 : 8);
  return reader.u32();
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
