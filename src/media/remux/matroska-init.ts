import type { BytePlace } from '../byte-reader';
import type { DroppedTrack } from '../chunk';
import type { Element } from '../webm/element';
import { ElementId } from '../webm/element-id';
import { chooseEntries, readTimestampScale, type WebmInit } from '../webm/init-segment';
import { audioShape, readTrackFields, type TrackEntryFields, type WebmTrack } from '../webm/webm-track';

/** What a track is in MP4: the type of its sample entry. */
type RemuxCodec = 'avc1' | 'Opus' | 'mp4a';

/** A track that becomes one of MP4. */
export interface MatroskaTrack {
  readonly codec: RemuxCodec;
  /** CodecPrivate, if it has some. */
  readonly config: Uint8Array | undefined;
  /** Of sound; 1 if it isn't stated. */
  readonly channels: number;
  /** What a block lasts, nanoseconds, if it is stated. */
  readonly defaultDuration: number | undefined;
  /** What is to be subtracted from the times of its blocks, nanoseconds: RFC 9559 §5.1.4.1.25. */
  readonly codecDelay: number;
  /** Of `config`, or of the CodecID. */
  readonly place: BytePlace;
}

/** The Info and Tracks of Matroska that becomes MP4. */
export interface MatroskaInit extends Pick<WebmInit, 'timestampScale' | 'tracks' | 'dropped'> {
  /** By their numbers in Matroska. */
  readonly sources: ReadonlyMap<number, MatroskaTrack>;
  /** Tracks of video or audio that aren't passed on. */
  readonly named: readonly DroppedTrack[];
}

/** Nanoseconds: ten seconds. No encoder has such a delay. */
const MAX_CODEC_DELAY = 1e10;

/** https://www.matroska.org/technical/codec_specs.html */
const AVC_ID = 'V_MPEG4/ISO/AVC';
const CODECS: readonly (readonly [prefix: string, codec: RemuxCodec])[] = [
  [AVC_ID, 'avc1'],
  ['A_OPUS', 'Opus'],
  ['A_AAC', 'mp4a'],
];

/** Whether the video that is passed on is H.264, which browsers take only in MP4. */
export function wantsRemux(tracks: Element): boolean {
  return chooseEntries(tracks).passedOn.some(({ entry }) => entry.child(ElementId.CodecID)?.text() === AVC_ID);
}

/**
 * Reads Info and Tracks (RFC 9559 §5.1.2, §5.1.4) of what becomes MP4.
 * @throws MediaError `unsupported-codec`, `unsupported-layout` or `malformed-media`.
 */
export function readMatroskaInit(info: Element | undefined, tracks: Element): MatroskaInit {
  const timestampScale = readTimestampScale(info);
  const sources = new Map<number, MatroskaTrack>();
  const described = new Map<number, WebmTrack>();
  const { passedOn, dropped, named } = chooseEntries(tracks);
  for (const { id, entry } of passedOn) {
    const fields = readTrackFields(entry);
    const source = readSource(fields);
    sources.set(id, source);
    described.set(id, { id, kind: fields.kind, codec: source.codec, timescale: 1e9 / timestampScale, defaultDuration: fields.defaultDuration });
  }
  return { timestampScale, tracks: described, dropped, named, sources };
}

function readSource({ codecId, codecPrivate, kind, audio, defaultDuration, codecDelay }: TrackEntryFields): MatroskaTrack {
  const id = codecId.text();
  const codec = CODECS.find(([prefix]) => id.startsWith(prefix))?.[1];
  if (!codec || (codec === 'avc1') !== (kind === 'video')) {
    throw codecId.error('unsupported-codec', `"${id}" beside H.264 can't be played by browsers: send H.264 with Opus or AAC`);
  }
  const { channels = 1 } = kind === 'audio' ? audioShape(audio) : {};
  if (codecDelay > MAX_CODEC_DELAY) throw codecId.error('malformed-media', `A CodecDelay of ${codecDelay} ns`);
  return { codec, config: codecPrivate?.payload, channels, defaultDuration, codecDelay, place: (codecPrivate ?? codecId).place };
}
