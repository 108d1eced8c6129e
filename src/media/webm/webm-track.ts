import type { Track } from '../chunk';
import { codecString, refuseEncodings } from './codec-string';
import type { Element } from './element';
import { ElementId } from './element-id';

/** A track that is passed on. */
export interface WebmTrack {
  readonly track: Track;
  /** What the muxer says that a block lasts, in nanoseconds. */
  readonly defaultDuration: number | undefined;
}

/** A TrackEntry: its number, and its description if Media Source Extensions take such a track. */
export interface TrackEntryContent {
  readonly id: number;
  readonly track: WebmTrack | undefined;
}

const VIDEO_TYPE = 1;
const AUDIO_TYPE = 2;

/** Reads a TrackEntry, RFC 9559 §5.1.4.1. Subtitles, buttons and other tracks have no description. */
export function readTrackEntry(entry: Element, timescale: number): TrackEntryContent {
  const fields = new Map(entry.children().map((element) => [element.id, element]));
  const id = fields.get(ElementId.TrackNumber)?.uint() ?? 0;
  if (id === 0) throw entry.error('malformed-media', 'A track has no number');
  const kind = kindOf(fields.get(ElementId.TrackType)?.uint());
  if (!kind) return { id, track: undefined };
  const codecId = fields.get(ElementId.CodecID);
  if (!codecId) throw entry.error('malformed-media', `Track ${id} has no CodecID`);
  const codec = codecString(codecId, fields.get(ElementId.CodecPrivate));
  const encodings = fields.get(ElementId.ContentEncodings);
  if (encodings) refuseEncodings(encodings);
  const shape = kind === 'video' ? videoShape(fields.get(ElementId.Video)) : audioShape(fields.get(ElementId.Audio));
  const defaultDuration = fields.get(ElementId.DefaultDuration)?.uint();
  return { id, track: { track: { id, kind, codec, timescale, ...shape }, defaultDuration: defaultDuration === 0 ? undefined : defaultDuration } };
}

function kindOf(type: number | undefined): Track['kind'] | undefined {
  if (type === VIDEO_TYPE) return 'video';
  return type === AUDIO_TYPE ? 'audio' : undefined;
}

/** RFC 9559 §5.1.4.1.28. */
function videoShape(video: Element | undefined): Pick<Track, 'width' | 'height'> {
  const width = video?.child(ElementId.PixelWidth)?.uint();
  const height = video?.child(ElementId.PixelHeight)?.uint();
  return { ...(width !== undefined && { width }), ...(height !== undefined && { height }) };
}

/** RFC 9559 §5.1.4.1.29, with its defaults. */
function audioShape(audio: Element | undefined): Pick<Track, 'channels' | 'sampleRate'> {
  return { channels: audio?.child(ElementId.Channels)?.uint() ?? 1, sampleRate: audio?.child(ElementId.SamplingFrequency)?.float() ?? 8000 };
}
