import { type DroppedTrack, type InitSegment, mediaType, type Track } from '../chunk';
import { MAX_TRACKS } from '../container-parser';
import { chooseTracks } from '../track-choice';
import { Element } from './element';
import { ElementId } from './element-id';
import { joinMedia, writeElement } from './element-writer';
import { describeTrackEntry, nameTrackEntry, readTrackEntry, readTrackNumber, type TrackEntryContent, type WebmTrack } from './webm-track';

/** What blocks need to know of the Info and Tracks before them. */
export interface WebmInit {
  readonly segment: InitSegment;
  /** Nanoseconds a tick. */
  readonly timestampScale: number;
  readonly tracks: ReadonlyMap<number, WebmTrack>;
  /** Numbers of the tracks that aren't passed on. */
  readonly dropped: ReadonlySet<number>;
}

/** Nanoseconds, RFC 9559 §5.1.2.9. */
const DEFAULT_TIMESTAMP_SCALE = 1_000_000;

/** A tick of more than a second is no time of media. */
const MAX_TIMESTAMP_SCALE = 1e9;

/** What is kept of Info: no Duration, since the stream is live. */
const KEPT_INFO: ReadonlySet<number> = new Set([ElementId.TimestampScale, ElementId.MuxingApp, ElementId.WritingApp]);

/**
 * A DateUTC (RFC 9559 §5.1.2.11): 2001, always the same. With one, and no duration, Chromium takes the stream as live, and shows a picture without
 * waiting for the three that follow: those may not come while video has stopped.
 */
const LIVE_DATE = new Uint8Array(8);

/**
 * What is kept of a TrackEntry, and of its Video and Audio. Chromium (156) refuses an init segment with any element that it doesn't
 * know, such as the LanguageBCP47 that mkvmerge and ffmpeg write. AlphaMode goes with the BlockAdditions that hold the alpha channel:
 * without them, transparent would be black.
 */
const KEPT_ENTRY: ReadonlySet<number> = new Set([
  ElementId.TrackNumber,
  ElementId.TrackUID,
  ElementId.TrackType,
  ElementId.FlagLacing,
  ElementId.TrackName,
  ElementId.Language,
  ElementId.CodecID,
  ElementId.CodecPrivate,
  ElementId.CodecDelay,
  ElementId.SeekPreRoll,
  ElementId.DefaultDuration,
  ElementId.Video,
  ElementId.PixelWidth,
  ElementId.PixelHeight,
  ElementId.PixelCropBottom,
  ElementId.PixelCropTop,
  ElementId.PixelCropLeft,
  ElementId.PixelCropRight,
  ElementId.DisplayWidth,
  ElementId.DisplayHeight,
  ElementId.DisplayUnit,
  ElementId.StereoMode,
  ElementId.Colour,
  ElementId.Projection,
  ElementId.Audio,
  ElementId.SamplingFrequency,
  ElementId.OutputSamplingFrequency,
  ElementId.Channels,
  ElementId.BitDepth,
]);

/** EBML version 1, IDs of 4 bytes, sizes of 8, DocType "webm" version 4, for readers of version 2: RFC 8794 §11.2. */
const EBML_HEADER = [
  0x1a, 0x45, 0xdf, 0xa3, 0x9f, 0x42, 0x86, 0x81, 0x01, 0x42, 0xf7, 0x81, 0x01, 0x42, 0xf2, 0x81, 0x04, 0x42, 0xf3, 0x81, 0x08,
  0x42, 0x82, 0x84, 0x77, 0x65, 0x62, 0x6d, 0x42, 0x87, 0x81, 0x04, 0x42, 0x85, 0x81, 0x02,
];

/** A Segment of unknown size. */
const SEGMENT_HEADER = [0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

/** Refuses what is EBML but not Matroska. @throws MediaError `not-a-container`. */
export function checkDocType(header: Element): void {
  const docType = header.child(ElementId.DocType)?.text() ?? '';
  if (docType === 'webm' || docType === 'matroska') return;
  throw header.error('not-a-container', `Not WebM: an EBML document of type "${docType}"`);
}

/**
 * Reads Info and Tracks (RFC 9559 §5.1.2, §5.1.4) and makes the init segment that viewers get.
 * @throws MediaError `unsupported-codec`, `unsupported-layout` or `malformed-media`.
 */
export function readInit(info: Element | undefined, tracks: Element): WebmInit {
  const timestampScale = readTimestampScale(info);
  const timescale = 1e9 / timestampScale;
  const described = new Map<number, WebmTrack>();
  const list: Track[] = [];
  const kept: Uint8Array[] = [];
  const choice = chooseEntries(tracks);
  for (const { id, entry } of choice.passedOn) {
    const { track, defaultDuration } = describeTrackEntry(entry, timescale);
    const { kind, codec } = track;
    described.set(id, { id, kind, codec, timescale, defaultDuration });
    list.push(track);
    kept.push(writeMaster(entry, KEPT_ENTRY));
  }
  if (described.size === 0) throw tracks.error('unsupported-codec', 'No track is video or audio');
  const bytes = joinMedia([
    Uint8Array.from([...EBML_HEADER, ...SEGMENT_HEADER]),
    // Browsers want an Info, even where it says nothing else.
    writeElement(ElementId.Info, [...(info ? keptChildren(info, KEPT_INFO) : []), writeElement(ElementId.DateUTC, [LIVE_DATE])]),
    writeElement(ElementId.Tracks, kept),
  ]);
  const { dropped, named } = choice;
  return { segment: { container: 'webm', mime: mediaType('webm', list), tracks: list, ...(named.length > 0 && { dropped: named }), bytes }, timestampScale, tracks: described, dropped };
}

/** The entries of Tracks, sorted into those that are passed on and the others. */
interface EntryChoice {
  readonly passedOn: readonly TrackEntryContent[];
  /** Numbers of the tracks that aren't passed on. */
  readonly dropped: ReadonlySet<number>;
  /** Those of them that are video or audio. */
  readonly named: readonly DroppedTrack[];
}

/** Chooses the tracks to pass on. @throws MediaError `malformed-media`, `unsupported-layout`. */
export function chooseEntries(tracks: Element): EntryChoice {
  const contents = trackEntries(tracks).map((entry) => readTrackEntry(entry));
  const twice = contents.find(({ id }, at) => contents.findIndex((other) => other.id === id) !== at);
  if (twice !== undefined) throw twice.entry.error('malformed-media', `Two tracks have the number ${twice.id}`);
  const chosen = chooseTracks(contents.flatMap(({ candidate }) => candidate ?? []));
  const others = contents.filter(({ id }) => !chosen.has(id));
  return {
    passedOn: contents.filter(({ id }) => chosen.has(id)),
    dropped: new Set(others.map(({ id }) => id)),
    named: others.flatMap(({ entry, candidate }) => (candidate === undefined ? [] : [nameTrackEntry(entry, candidate)])),
  };
}

/** The Segment in the bytes of an init segment that `readInit` has made. */
export function segmentOf({ bytes }: InitSegment): Element {
  const offset = EBML_HEADER.length + SEGMENT_HEADER.length;
  return new Element(ElementId.Segment, bytes.subarray(offset), { offset, path: 'Segment' });
}

/** The same init segment, which `readInit` has made, without its track of that kind. */
export function initWithout(segment: InitSegment, kind: Track['kind']): InitSegment {
  const tracks = segment.tracks.filter((track) => track.kind !== kind);
  const isKept = (entry: Element): boolean => tracks.some(({ id }) => id === readTrackNumber(entry));
  const parts = segmentOf(segment).children().map((part) => writeElement(part.id, part.id === ElementId.Tracks ? keptEntries(part, isKept) : [part.payload]));
  const bytes = joinMedia([Uint8Array.from([...EBML_HEADER, ...SEGMENT_HEADER]), ...parts]);
  return { ...segment, mime: mediaType('webm', tracks), tracks, bytes };
}

function keptEntries(tracks: Element, isKept: (entry: Element) => boolean): Uint8Array[] {
  return trackEntries(tracks).filter(isKept).map(({ id, payload }) => writeElement(id, [payload]));
}

/** Nanoseconds a tick, RFC 9559 §5.1.2.9. */
export function readTimestampScale(info: Element | undefined): number {
  const timestampScale = info?.child(ElementId.TimestampScale)?.uint() ?? DEFAULT_TIMESTAMP_SCALE;
  if (info && (timestampScale === 0 || timestampScale > MAX_TIMESTAMP_SCALE)) throw info.error('malformed-media', `TimestampScale is ${timestampScale}`);
  return timestampScale;
}

/** The entries of Tracks: at least one, and `MAX_TRACKS` at most. */
export function trackEntries(tracks: Element): Element[] {
  const entries = tracks.children().filter(({ id }) => id === ElementId.TrackEntry);
  if (entries.length === 0) throw tracks.error('malformed-media', 'No track');
  if (entries.length <= MAX_TRACKS) return entries;
  throw tracks.error('unsupported-layout', `${entries.length} tracks, where ${MAX_TRACKS} are allowed: let the muxer leave some out ("-map")`);
}

/** An element with those of its children whose IDs are in `kept`, and of Video and Audio among them the same. */
function writeMaster(master: Element, kept: ReadonlySet<number>): Uint8Array {
  return writeElement(master.id, keptChildren(master, kept));
}

function keptChildren(master: Element, kept: ReadonlySet<number>): Uint8Array[] {
  const children = master.children().filter(({ id }) => kept.has(id));
  return children.map((child) => (child.id === ElementId.Video || child.id === ElementId.Audio ? writeMaster(child, kept) : writeElement(child.id, [child.payload])));
}
