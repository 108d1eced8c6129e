import type { Chunk, InitSegment, Track, TrackSpan } from '../chunk';
import { Box } from '../mp4/box';
import { boxAt } from '../mp4/box-scanner';
import { FragmentReader, type TrackHeader } from '../mp4/fragment-reader';
import { writeFragment, type Sample, type TrackSamples } from '../mp4/fragment-writer';
import { initWithout, type Mp4Init, readInit } from '../mp4/init-segment';
import { SYNC_SAMPLE, type TrackRun } from '../mp4/track-run';
import type { BridgeWriter, PictureBridge } from './bridge';
import type { KeptGop } from './kept-gop';
import type { SilentPacket } from './silence';

/** Seconds between two frames that are only to be decoded: so little that no display has time to show them. */
const STEP = 0.0001;
/** What the fields of a `trun` hold, ticks. */
const MAX_DURATION = 2 ** 32 - 1;
const MAX_OFFSET = 2 ** 31 - 1;

/** Writes bridges as fragments, each of one track. */
export class Mp4BridgeWriter implements BridgeWriter {
  readonly #segment: InitSegment;
  readonly #init: Mp4Init;
  readonly #moovStart: number;
  #sequence = 0;

  constructor(segment: InitSegment) {
    this.#segment = segment;
    const first = Box.at(segment.bytes, 0);
    this.#moovStart = first.type === 'moov' ? 0 : first.bytes.length;
    this.#init = readInit(undefined, Box.at(segment.bytes.subarray(this.#moovStart), this.#moovStart));
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
    const step = stepOf(track);
    const first = Math.round(start * track.timescale);
    const order = shownOrder(content.samples);
    // No picture may be shown before it is decoded.
    const delay = Math.max(0, ...order.map((rank, i) => i - rank));
    const lastRank = order.length - 1;
    const shown = (rank: number): number => first + (rank + delay) * step;
    const lastShown = Math.min(Math.max(shown(lastRank), Math.round(shownAt * track.timescale)), first + MAX_OFFSET);
    const samples = content.samples.map((sample, i): Sample => {
      const rank = order[i] ?? i;
      const time = first + i * step;
      const isLast = i === lastRank;
      const duration = isLast ? Math.min(lastShown - time + Math.round(lasts * track.timescale), MAX_DURATION) : step;
      return { ...sample, time, duration, compositionOffset: (rank === lastRank ? lastShown : shown(rank)) - time };
    });
    const last = samples[lastRank];
    if (last === undefined) return [];
    const span: TrackSpan = { trackId: track.id, time: first, duration: last.time + last.duration - first, estimated: false };
    return [this.#chunk(track, { ...content, samples }, { span, start: first / track.timescale, end: lastShown / track.timescale })];
  }

  pictureTime({ chunks }: KeptGop): number {
    const track = this.#trackOf('video');
    const frames = chunks.reduce((sum, chunk) => sum + this.frames(chunk), 0);
    return track === undefined ? 0 : (frames * stepOf(track)) / track.timescale;
  }

  frames(chunk: Chunk): number {
    const track = this.#trackOf('video');
    let frames = 0;
    if (track !== undefined) this.#eachRun(chunk.bytes, track, ({ count }) => (frames += count));
    return frames;
  }

  initWithout(kind: Track['kind']): InitSegment {
    return initWithout(this.#segment, kind, this.#moovStart);
  }

  chunkWithout(chunk: Chunk, kind: Track['kind']): Chunk | undefined {
    const track = this.#segment.tracks.find((other) => other.kind !== kind);
    const span = chunk.spans.find(({ trackId }) => trackId === track?.id);
    if (track === undefined || span === undefined) return undefined;
    const joinable = chunk.joinable || track.kind === 'audio';
    if (chunk.spans.length === 1) return { ...chunk, joinable };
    const place = { span, start: span.time / track.timescale, end: (span.time + span.duration) / track.timescale };
    return { ...this.#chunk(track, this.#samplesOf(chunk, track), place), joinable };
  }

  #chunk(track: Track, content: TrackContent, { span, start, end }: { span: TrackSpan; start: number; end: number }): Chunk {
    this.#sequence = (this.#sequence + 1) % 2 ** 32;
    const bytes = writeFragment(this.#sequence, [{ trackId: track.id, ...content }]);
    const hasVideo = track.kind === 'video';
    return { bytes, joinable: hasVideo, hasVideo, start, end, spans: [span] };
  }

  #read({ chunks, whole }: KeptGop, track: Track): TrackContent {
    const contents = chunks.map((chunk) => this.#samplesOf(chunk, track, whole ? Infinity : 1));
    const version = Math.max(0, ...contents.map((content) => content.version));
    return { samples: contents.flatMap(({ samples }) => samples), version, sampleDescription: contents[0]?.sampleDescription };
  }

  /** The first samples of a track in a chunk, `most` of them. */
  #samplesOf({ bytes }: Chunk, track: Track, most = Infinity): TrackContent {
    const samples: Sample[] = [];
    let version = 0;
    let sampleDescription: number | undefined;
    let stated: number | undefined;
    this.#eachRun(bytes, track, (run, { header, at, time }) => {
      sampleDescription ??= header.sampleDescription;
      stated ??= header.defaultDuration;
      version = Math.max(version, Math.min(run.version, 1));
      for (let i = 0; i < run.count && samples.length < most; i++) {
        const size = run.sampleSize(i);
        const duration = run.sampleDuration(i);
        samples.push({ time, duration, flags: run.sampleFlags(i), compositionOffset: run.compositionOffset(i), data: [bytes.subarray(at, at + size)] });
        time += duration;
        at += size;
      }
    });
    const [only, ...more] = samples;
    const isGuess = more.length === 0 && only !== undefined && stated !== undefined && stated > 0 && stated < only.duration;
    return { samples, version, sampleDescription, guess: isGuess ? stated : undefined };
  }

  /** Goes over the runs of a track in a chunk, with where the data of each begins, and at which time. */
  #eachRun(bytes: Uint8Array, track: Track, visit: (run: TrackRun, place: RunPlace) => void): void {
    const reader = new FragmentReader(boxAt({ bytes, origin: 0, path: '' }, 0), this.#init);
    for (let header = reader.nextTrack(); header; header = reader.nextTrack()) {
      let time = header.time ?? 0;
      for (let run = reader.nextRun(); run; run = reader.nextRun()) {
        if (header.track?.id !== track.id) continue;
        visit(run, { header, at: reader.dataStart, time });
        time += run.duration;
      }
    }
  }

  #trackOf(kind: Track['kind']): Track | undefined {
    return this.#segment.tracks.find((track) => track.kind === kind);
  }
}

/** Samples of one track, with what their `traf` says. */
type TrackContent = Omit<TrackSamples, 'trackId'>;

/** Where a run of samples lies. */
interface RunPlace {
  readonly header: TrackHeader;
  /** Index of the first byte of its data. */
  readonly at: number;
  /** Decode time of its first sample, ticks. */
  readonly time: number;
}

/** Ticks between two frames that are only to be decoded. */
function stepOf({ timescale }: Track): number {
  return Math.max(1, Math.round(STEP * timescale));
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
