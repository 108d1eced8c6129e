import type { Chunk, InitSegment, Track, TrackSpan } from '../chunk';
import { Box } from '../mp4/box';
import { boxAt } from '../mp4/box-scanner';
import { FragmentReader } from '../mp4/fragment-reader';
import { writeFragment, type Sample } from '../mp4/fragment-writer';
import { type Mp4Init, readInit } from '../mp4/init-segment';
import { SYNC_SAMPLE } from '../mp4/track-run';
import type { BridgeWriter, PictureBridge } from './bridge';
import type { KeptGop } from './kept-gop';
import type { SilentPacket } from './silence';

/** Seconds between two frames that are only to be decoded: so little that no display has time to show them. */
const STEP = 0.0001;

/** Writes bridges as fragments, each of one track. */
export class Mp4BridgeWriter implements BridgeWriter {
  readonly #segment: InitSegment;
  readonly #init: Mp4Init;
  #sequence = 0;

  constructor(segment: InitSegment) {
    this.#segment = segment;
    const first = Box.at(segment.bytes, 0);
    const moov = first.type === 'moov' ? first : Box.at(segment.bytes.subarray(first.bytes.length), first.bytes.length);
    this.#init = readInit(undefined, moov);
  }

  silence({ bytes, duration }: SilentPacket, { start, count }: { start: number; count: number }): readonly Chunk[] {
    const track = this.#trackOf('audio');
    if (track === undefined) return [];
    const ticks = Math.max(1, Math.round(duration * track.timescale));
    const first = Math.round(start * track.timescale);
    const samples = Array.from({ length: count }, (_, i): Sample => ({ time: first + i * ticks, duration: ticks, flags: SYNC_SAMPLE, compositionOffset: 0, data: [bytes] }));
    const span: TrackSpan = { trackId: track.id, time: first, duration: count * ticks, estimated: false };
    return [this.#chunk(track, { samples, version: 0, sampleDescription: undefined }, { span, start: first / track.timescale, end: (first + count * ticks) / track.timescale })];
  }

  picture(gop: KeptGop, { start, shownAt, lasts }: PictureBridge): readonly Chunk[] {
    const track = this.#trackOf('video');
    if (track === undefined) return [];
    const content = this.#read(gop, track);
    const step = Math.max(1, Math.round(STEP * track.timescale));
    const first = Math.round(start * track.timescale);
    const order = shownOrder(content.samples);
    // No picture may be shown before it is decoded.
    const delay = Math.max(0, ...order.map((rank, i) => i - rank));
    const lastRank = order.length - 1;
    const shown = (rank: number): number => first + (rank + delay) * step;
    const lastShown = Math.max(shown(lastRank), Math.round(shownAt * track.timescale));
    const samples = content.samples.map((sample, i): Sample => {
      const rank = order[i] ?? i;
      const time = first + i * step;
      const isLast = i === lastRank;
      const duration = isLast ? lastShown - time + Math.round(lasts * track.timescale) : step;
      return { ...sample, time, duration, compositionOffset: (rank === lastRank ? lastShown : shown(rank)) - time };
    });
    const last = samples[lastRank];
    if (last === undefined) return [];
    const span: TrackSpan = { trackId: track.id, time: first, duration: last.time + last.duration - first, estimated: false };
    return [this.#chunk(track, { ...content, samples }, { span, start: first / track.timescale, end: lastShown / track.timescale })];
  }

  #chunk(track: Track, { samples, version, sampleDescription }: VideoContent, { span, start, end }: { span: TrackSpan; start: number; end: number }): Chunk {
    this.#sequence = (this.#sequence + 1) % 2 ** 32;
    const bytes = writeFragment(this.#sequence, [{ trackId: track.id, sampleDescription, version, samples }]);
    const hasVideo = track.kind === 'video';
    return { bytes, joinable: hasVideo, hasVideo, start, end, spans: [span] };
  }

  #read({ chunks, whole }: KeptGop, track: Track): VideoContent {
    const samples: Sample[] = [];
    let version = 0;
    let sampleDescription: number | undefined;
    for (const { bytes } of chunks) {
      const moof = boxAt({ bytes, origin: 0, path: '' }, 0);
      const reader = new FragmentReader(moof, this.#init);
      for (let header = reader.nextTrack(); header; header = reader.nextTrack()) {
        const isVideo = header.track?.id === track.id;
        if (isVideo) sampleDescription ??= header.sampleDescription;
        let time = header.time ?? 0;
        for (let run = reader.nextRun(); run; run = reader.nextRun()) {
          if (!isVideo) continue;
          version = Math.max(version, Math.min(run.version, 1));
          let at = reader.dataStart;
          for (let i = 0; i < run.count; i++) {
            const size = run.sampleSize(i);
            samples.push({ time, duration: 0, flags: run.sampleFlags(i), compositionOffset: run.compositionOffset(i), data: [bytes.subarray(at, at + size)] });
            time += run.sampleDuration(i);
            at += size;
          }
        }
      }
    }
    return { samples: whole ? samples : samples.slice(0, 1), version, sampleDescription };
  }

  #trackOf(kind: Track['kind']): Track | undefined {
    return this.#segment.tracks.find((track) => track.kind === kind);
  }
}

/** Samples of one track, with what their `traf` says. */
interface VideoContent {
  readonly samples: readonly Sample[];
  readonly version: number;
  readonly sampleDescription: number | undefined;
}

/** For each sample, the how manieth it is shown. */
function shownOrder(samples: readonly Sample[]): number[] {
  const order: number[] = [];
  samples
    .map(({ time, compositionOffset }, index) => ({ index, at: time + (compositionOffset | 0) }))
    .sort((one, other) => one.at - other.at)
    .forEach(({ index }, rank) => (order[index] = rank));
  return order;
}
