import { allocateMedia, type DroppedTrack, type InitSegment, type MediaBytes, mediaType, type Track } from '../chunk';
import { MAX_TRACKS } from '../container-parser';
import { MediaError } from '../media-error';
import { chooseTracks } from '../track-choice';
import { Box } from './box';
import { readShift, shiftsOf, type TrackEdit } from './edit-list';
import { liveMoov } from './live-moov';
import { describeTrak, nameTrak, readTrak, readTrex, type Mp4Track, type SampleDefaults } from './mp4-track';
import { type NalTrack, readNalTrack } from './nal-track';

/** What fragments need to know of their `moov`. */
export interface Mp4Init {
  readonly segment: InitSegment;
  readonly tracks: ReadonlyMap<number, Mp4Track>;
  /** The tracks that aren't passed on, by their numbers: how far their data reaches decides where that of the others begins. */
  readonly dropped: ReadonlyMap<number, SampleDefaults | undefined>;
  /** By how many ticks the times of each track are moved: see `shiftsOf`. */
  readonly shifts: ReadonlyMap<number, number>;
  /** The track of video, if its samples are NAL units. */
  readonly pictures: NalTrack | undefined;
  /** Where the `moov` begins in the bytes of the segment. */
  readonly moovStart: number;
  /** Of the first byte of this file in the publisher's stream: absolute data offsets count from there. */
  readonly fileStart: number;
}

/**
 * Reads a `moov` (ISO/IEC 14496-12 §8.2.1) and makes the init segment that viewers get.
 * @param fileStart see `Mp4Init`.
 * @throws MediaError `not-fragmented`, `unsupported-codec`, `unsupported-layout` or `malformed-media`.
 */
export function readInit(ftyp: Uint8Array | undefined, moov: Box, fileStart = 0): Mp4Init {
  const children = moov.children();
  const mvex = children.find((box) => box.type === 'mvex');
  const traks = children.filter((box) => box.type === 'trak');
  if (!mvex) {
    throw new MediaError('not-fragmented', 'The moov box has no "mvex": the file is not fragmented', { offset: moov.offset, path: moov.path });
  }
  if (traks.length === 0) throw moov.malformed('The moov box has no track');
  if (traks.length > MAX_TRACKS) {
    const message = `${traks.length} tracks, where ${MAX_TRACKS} are allowed: let the muxer leave some out ("-map")`;
    throw new MediaError('unsupported-layout', message, { offset: moov.offset, path: moov.path });
  }
  const defaults = readDefaults(mvex);
  const contents = traks.map((trak) => readTrak(trak));
  const chosen = chooseTracks(contents.flatMap(({ candidate }) => candidate ?? []));
  const tracks = new Map<number, Mp4Track>();
  const described: Track[] = [];
  const dropped = new Map<number, SampleDefaults | undefined>();
  const named: DroppedTrack[] = [];
  const movie = readMovieTimescale(children);
  const edits: TrackEdit[] = [];
  let pictures: NalTrack | undefined;
  for (const { id, trak, candidate, cover } of contents) {
    if (tracks.has(id) || dropped.has(id)) throw trak.malformed(`Two tracks have the number ${id}`);
    if (!candidate || !chosen.has(id)) {
      dropped.set(id, defaults.get(id));
      const name = candidate ? nameTrak(trak, candidate) : cover;
      if (name) named.push(name);
      continue;
    }
    const track = describeTrak(trak, candidate);
    described.push(track);
    edits.push({ id, timescale: track.timescale, shift: readShift(trak, { movie, track: track.timescale }) });
    const { kind, codec, timescale } = track;
    if (kind === 'video') pictures = readNalTrack(trak, id);
    tracks.set(id, { id, kind, codec, timescale, defaults: defaultsOf(defaults, id, mvex) });
  }
  if (tracks.size === 0) {
    throw new MediaError('unsupported-codec', 'No track is video or audio', { offset: moov.offset, path: moov.path });
  }
  const bytes = joinMedia([...(ftyp ? [ftyp] : []), ...liveMoov(moov, dropped)]);
  const segment: InitSegment = { container: 'mp4', mime: mediaType('mp4', described), tracks: described, ...(named.length > 0 && { dropped: named }), bytes };
  return { segment, tracks, dropped, shifts: shiftsOf(edits), pictures, moovStart: ftyp?.length ?? 0, fileStart };
}

/** The same init segment, which `readInit` has made, without its track of that kind. @param moovStart where its `moov` begins. */
export function initWithout(segment: InitSegment, kind: Track['kind'], moovStart: number): InitSegment {
  const tracks = segment.tracks.filter((track) => track.kind !== kind);
  const dropped = new Set(segment.tracks.flatMap((track) => (track.kind === kind ? [track.id] : [])));
  const moov = Box.at(segment.bytes.subarray(moovStart), moovStart);
  const bytes = joinMedia([segment.bytes.subarray(0, moovStart), ...liveMoov(moov, dropped)]);
  return { ...segment, mime: mediaType('mp4', tracks), tracks, bytes };
}

/** §8.2.2. Only empty edits want it. */
function readMovieTimescale(children: readonly Box[]): number {
  const mvhd = children.find((box) => box.type === 'mvhd');
  if (!mvhd) return 0;
  const { version, reader } = mvhd.fullBox();
  reader.skip(version === 1 ? 16 : 8);
  return reader.u32();
}

/** §8.8.1, §8.8.3. */
function readDefaults(mvex: Box): Map<number, SampleDefaults> {
  const defaults = new Map<number, SampleDefaults>();
  for (const box of mvex.children()) {
    if (box.type !== 'trex') continue;
    const trex = readTrex(box);
    defaults.set(trex.id, trex.defaults);
  }
  return defaults;
}

function defaultsOf(defaults: ReadonlyMap<number, SampleDefaults>, id: number, mvex: Box): SampleDefaults {
  const found = defaults.get(id);
  if (!found) throw mvex.malformed(`Track ${id} has no "trex"`);
  return found;
}

/** All pieces, one after the other. */
export function joinMedia(pieces: readonly Uint8Array[]): MediaBytes {
  const joined = allocateMedia(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
