import type { DroppedTrack, Track } from '../chunk';
import { frameRateOf } from '../codecs/codec-details';
import type { TrackCandidate } from '../track-choice';
import { readCodec, refuseEncodings } from './codec-string';
import type { Element } from './element';
import { ElementId } from './element-id';

/** What blocks need to know of a track that is passed on. All have the same fields, which lets the code that reads them be compiled for one shape. */
export interface WebmTrack extends Pick<Track, 'id' | 'kind' | 'codec' | 'timescale'> {
  /** What the muxer says that a block lasts, in nanoseconds. */
  readonly defaultDuration: number | undefined;
}

/** A TrackEntry as far as it says whether it is passed on. */
export interface TrackEntryContent {
  readonly id: number;
  readonly entry: Element;
  /** Undefined for subtitles, buttons and other tracks that no player shows. */
  readonly candidate: TrackCandidate | undefined;
}

/** A TrackEntry that is passed on. */
interface DescribedTrack {
  readonly track: Track;
  /** What the muxer says that a block lasts, in nanoseconds. */
  readonly defaultDuration: number | undefined;
}

const VIDEO_TYPE = 1;
const AUDIO_TYPE = 2;

/** The fields of a TrackEntry that every kind of output needs. */
export interface TrackEntryFields {
  readonly id: number;
  readonly kind: Track['kind'];
  readonly codecId: Element;
  readonly codecPrivate: Element | undefined;
  /** What a block lasts, nanoseconds, if it is stated. */
  readonly defaultDuration: number | undefined;
  /** What is to be subtracted from the times of blocks, nanoseconds: the decoder gives so much before the sound begins. RFC 9559 §5.1.4.1.25. */
  readonly codecDelay: number;
  readonly video: Element | undefined;
  readonly audio: Element | undefined;
}

/** Reads what a TrackEntry is, RFC 9559 §5.1.4.1. */
export function readTrackEntry(entry: Element): TrackEntryContent {
  const id = readTrackNumber(entry);
  const kind = kindOf(entry.child(ElementId.TrackType)?.uint());
  if (!kind) return { id, entry, candidate: undefined };
  const video = entry.child(ElementId.Video);
  const area = (video?.child(ElementId.PixelWidth)?.uint() ?? 0) * (video?.child(ElementId.PixelHeight)?.uint() ?? 0);
  return { id, entry, candidate: { id, kind, isDefault: (entry.child(ElementId.FlagDefault)?.uint() ?? 1) !== 0, area } };
}

/** Names a track that isn't passed on. */
export function nameTrackEntry(entry: Element, { id, kind }: TrackCandidate): DroppedTrack {
  return { id, kind, codec: entry.child(ElementId.CodecID)?.text() ?? 'unknown' };
}

/** Describes a track that is passed on. @throws MediaError `unsupported-codec` with the way out, or `malformed-media`. */
export function describeTrackEntry(entry: Element, timescale: number): DescribedTrack {
  const { id, kind, codecId, codecPrivate, defaultDuration, ...fields } = readTrackFields(entry);
  const details = readCodec(codecId, codecPrivate);
  const shape = kind === 'video' ? videoShape(fields.video ?? entry, defaultDuration) : audioShape(fields.audio);
  // A decoder believes its own configuration.
  return { track: { id, kind, timescale, ...shape, ...details }, defaultDuration };
}

/** The number of a TrackEntry. */
export function readTrackNumber(entry: Element): number {
  const id = entry.child(ElementId.TrackNumber)?.uint() ?? 0;
  if (id === 0) throw entry.error('malformed-media', 'A track has no number');
  return id;
}

/** The fields of a TrackEntry of video or audio, whose blocks are as its codec made them. */
export function readTrackFields(entry: Element): TrackEntryFields {
  const id = readTrackNumber(entry);
  const fields = new Map(entry.children().map((element) => [element.id, element]));
  const kind = kindOf(fields.get(ElementId.TrackType)?.uint());
  if (!kind) throw entry.error('malformed-media', `Track ${id} is neither video nor audio`);
  const codecId = fields.get(ElementId.CodecID);
  if (!codecId) throw entry.error('malformed-media', `Track ${id} has no CodecID`);
  const encodings = fields.get(ElementId.ContentEncodings);
  if (encodings) refuseEncodings(encodings);
  return {
    id,
    kind,
    codecId,
    codecPrivate: fields.get(ElementId.CodecPrivate),
    defaultDuration: fields.get(ElementId.DefaultDuration)?.uint() || undefined,
    codecDelay: fields.get(ElementId.CodecDelay)?.uint() ?? 0,
    video: fields.get(ElementId.Video),
    audio: fields.get(ElementId.Audio),
  };
}

function kindOf(type: number | undefined): Track['kind'] | undefined {
  if (type === VIDEO_TYPE) return 'video';
  return type === AUDIO_TYPE ? 'audio' : undefined;
}

/** RFC 9559 §5.1.4.1.28. Browsers refuse a video track that doesn't say how large it is. */
function videoShape(video: Element, defaultDuration: number | undefined): Pick<Track, 'width' | 'height' | 'frameRate'> {
  const width = video.child(ElementId.PixelWidth)?.uint() ?? 0;
  const height = video.child(ElementId.PixelHeight)?.uint() ?? 0;
  if (width === 0 || height === 0) throw video.error('malformed-media', `Video of ${width}×${height} pixels`);
  const frameRate = defaultDuration === undefined ? undefined : frameRateOf(defaultDuration / 1e9);
  return { width, height, ...(frameRate !== undefined && { frameRate }) };
}

/** RFC 9559 §5.1.4.1.29, with its defaults. */
export function audioShape(audio: Element | undefined): { readonly channels: number; readonly sampleRate: number } {
  const channels = audio?.child(ElementId.Channels)?.uint() ?? 1;
  const sampleRate = audio?.child(ElementId.SamplingFrequency)?.float() ?? 8000;
  const possible = channels > 0 && sampleRate > 0 && sampleRate < Infinity;
  if (audio && !possible) throw audio.error('malformed-media', `Sound of ${channels} channels at ${sampleRate} Hz`);
  return { channels, sampleRate };
}
