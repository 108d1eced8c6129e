import { allocateMedia, type Chunk, type InitSegment } from '../chunk';
import { MediaError } from '../media-error';
import { Box } from '../mp4/box';
import { writeFragmentHead } from '../mp4/fragment-writer';
import { readInit } from '../mp4/init-segment';
import { writeInit } from '../mp4/init-writer';
import { payloadOf } from '../webm/cluster-writer';
import { ElementId } from '../webm/element-id';
import { readTimestampScale, segmentOf, trackEntries } from '../webm/init-segment';
import { audioShape, readTrackFields, type TrackEntryFields, type WebmTrack } from '../webm/webm-track';
import { AudioTrack } from './audio-track';
import { PictureTrack } from './picture-track';
import type { RemuxTrack } from './remux-track';

/** Codecs that WebM has and fragmented MP4 takes. */
const CODECS: ReadonlyMap<string, 'vp09' | 'av01' | 'Opus'> = new Map([
  ['V_VP9', 'vp09'],
  ['V_AV1', 'av01'],
  ['A_OPUS', 'Opus'],
]);

/** Makes fragmented MP4 of the chunks of a WebM stream, which share their payloads: only the boxes before them are new. */
export class WebmFragments {
  /** By their numbers, which stay. */
  readonly #tracks = new Map<number, { readonly source: WebmTrack; readonly remuxed: RemuxTrack }>();
  #init: InitSegment | undefined;
  #sequence = 0;

  /** @throws MediaError `unsupported-codec` if fragmented MP4 doesn't take one of its codecs, or `unsupported-layout`. */
  constructor(segment: InitSegment) {
    const [info, tracks] = [ElementId.Info, ElementId.Tracks].map((id) => segmentOf(segment).child(id));
    const timestampScale = readTimestampScale(info);
    for (const entry of tracks === undefined ? [] : trackEntries(tracks)) {
      const fields = readTrackFields(entry);
      const track = segment.tracks.find(({ id }) => id === fields.id);
      if (track === undefined) continue;
      this.#tracks.set(track.id, { source: { id: track.id, kind: track.kind, codec: track.codec, timescale: track.timescale, defaultDuration: fields.defaultDuration }, remuxed: remuxTrack(fields, { timestampScale, size: track }) });
    }
    this.#describe();
  }

  /** The init segment: nothing before the first keyframe of VP9. */
  get init(): InitSegment | undefined {
    return this.#init;
  }

  /**
   * The `moof` and `mdat` of a chunk, in pieces, with the duration of its frame in the ticks of its span; nothing while there is no init segment.
   * @throws MediaError `malformed-media`.
   */
  write(chunk: Chunk, duration: number): readonly Uint8Array[] {
    const [span] = chunk.spans;
    const track = this.#tracks.get(span?.trackId ?? 0);
    if (span === undefined || track === undefined) return [];
    const payload = payloadOf(chunk.bytes);
    const keyframe = chunk.hasVideo ? chunk.joinable : true;
    const timed = track.remuxed.take({ source: track.source, time: span.time, keyframe, payload, statedDuration: duration }, { offset: 0, path: 'Cluster' });
    if (this.#init === undefined) this.#describe();
    if (timed === undefined || this.#init === undefined) return [];
    this.#sequence = (this.#sequence + 1) % 2 ** 32;
    const head = writeFragmentHead(this.#sequence, [{ trackId: span.trackId, sampleDescription: undefined, version: 1, samples: [timed.sample] }]);
    return [head, ...timed.sample.data];
  }

  #describe(): void {
    const described = [...this.#tracks.values()].flatMap(({ remuxed }) => remuxed.description ?? []);
    if (described.length < this.#tracks.size || described.length === 0) return;
    const { ftyp, moov } = writeInit(described);
    // Read as by everybody behind, so that it is described in the same words.
    const { segment } = readInit(ftyp, Box.at(moov, 0));
    const bytes = allocateMedia(segment.bytes.length);
    bytes.set(segment.bytes);
    this.#init = { ...segment, bytes };
  }
}

function remuxTrack(fields: TrackEntryFields, { timestampScale, size }: { timestampScale: number; size: { readonly width?: number; readonly height?: number } }): RemuxTrack {
  const { id, codecId, codecPrivate, audio, defaultDuration } = fields;
  const codec = CODECS.get(codecId.text());
  const place = (codecPrivate ?? codecId).place;
  const config = codecPrivate?.payload;
  if (codec === undefined) throw new MediaError('unsupported-codec', `"${codecId.text()}" has no place in fragmented MP4`, place);
  if (codec === 'Opus') return new AudioTrack({ codec, config, channels: audioShape(audio).channels, defaultDuration, codecDelay: 0, place }, { id, timestampScale });
  return new PictureTrack({ codec, config, size: { width: size.width ?? 0, height: size.height ?? 0 } }, { id, timestampScale, place });
}
