import type { Chunk, InitSegment, Track } from '../media/chunk';
import { MediaError } from '../media/media-error';
import { FragmentMerger, type FragmentPieces, type MergedFragments } from '../media/mp4/fragment-merger';
import { unbridged } from '../media/remux/unbridged';
import { WebmFragments } from '../media/remux/webm-fragments';
import type { Fragment } from './fragment';
import type { MediaInit } from './segment';

/** A chunk, and the relay's Unix time in ms at which its `start` was captured, or failing that received. */
interface ArrivedChunk {
  readonly chunk: Chunk;
  readonly wall: number;
}

/** What writes the chunks of one container. */
interface ChunkWriter {
  readonly init: InitSegment | undefined;
  /** `moof` and `mdat`, in pieces that share the payload; with `duration`, in ticks, in place of what was only a guess. */
  write(chunk: Chunk, duration: number): readonly Uint8Array[];
  /** The same of a chunk whose durations are all known. */
  pass(chunk: Chunk): readonly Uint8Array[];
}

/** A frame that lasts longer than this, seconds, was followed by a gap: its guess stands. */
const LONGEST_FRAME = 4;

/**
 * The media of one epoch, as fragmented MP4 whose durations are true: segments are listed by them. Where a container doesn't say how
 * long a frame of video lasts, the next frame tells, and the frame waits for it.
 */
export class FragmentSource {
  readonly #writer: ChunkWriter;
  readonly #hasVideo: boolean;
  readonly #tracks: number;
  #merger: FragmentMerger | undefined;
  #waiting: ArrivedChunk | undefined;

  /** @throws MediaError `unsupported-codec` if fragmented MP4 doesn't take a codec of it. */
  constructor(segment: InitSegment) {
    this.#writer = segment.container === 'webm' ? webmWriter(segment) : mp4Writer(segment);
    this.#hasVideo = segment.tracks.some(({ kind }) => kind === 'video');
    this.#tracks = segment.tracks.length;
  }

  /** What the init segment says, or nothing until a keyframe has told it. */
  get init(): Omit<MediaInit, 'number'> | undefined {
    const segment = this.#writer.init;
    return segment && describe(segment);
  }

  /** What is whole with this chunk: itself, or the one that waited for it. */
  take(chunk: Chunk, wall: number): Fragment[] {
    if (!chunk.hasVideo) return [this.#fragment({ chunk, wall }, this.#writer.pass(chunk), chunk.end)];
    const before = this.#finish(chunk.start, chunk.standsIn);
    if (chunk.spans.some(({ estimated }) => estimated)) {
      this.#waiting = { chunk, wall };
      return before;
    }
    return [...before, this.#fragment({ chunk, wall }, this.#writer.pass(chunk), chunk.end)];
  }

  /** What waits, where nothing comes behind it. */
  flush(): Fragment[] {
    return this.#finish(undefined);
  }

  /** The same media in as few fragments as possible: see `FragmentMerger`. Undefined where they stay as they are. */
  merge(fragments: readonly FragmentPieces[]): MergedFragments | undefined {
    const { init } = this.#writer;
    if (init === undefined) return undefined;
    try {
      this.#merger ??= new FragmentMerger(init.bytes);
      return this.#merger.merge(fragments);
    } catch (thrown) {
      // Most players play them as they are, too.
      if (thrown instanceof MediaError) return undefined;
      throw thrown;
    }
  }

  /** What waits ends where the next frame begins. */
  #finish(next: number | undefined, standsIn?: true): Fragment[] {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) return [];
    const { chunk } = waiting;
    const [span] = chunk.spans;
    const isNext = next !== undefined && next > chunk.start && next - chunk.start <= LONGEST_FRAME;
    const end = isNext ? next : chunk.end;
    const ticks = span === undefined ? 0 : Math.round((span.duration * (end - chunk.start)) / (chunk.end - chunk.start || 1));
    // The sound that came since is ahead of it where its picture has stopped, and what stands in for that goes by the sound.
    const last = standsIn ? { ...waiting, chunk: { ...chunk, standsIn } } : waiting;
    return [this.#fragment(last, this.#writer.write(chunk, ticks), end)];
  }

  #fragment({ chunk, wall }: ArrivedChunk, pieces: readonly Uint8Array[], end: number): Fragment {
    const { start, joinable, hasVideo, spans, standsIn } = chunk;
    const leads = hasVideo || !this.#hasVideo || standsIn === true;
    const bridge = standsIn && (hasVideo ? 'picture' : 'sound');
    return { pieces, start, end, joinable, leads, bridge, complete: spans.length >= this.#tracks, wall };
  }
}

/** What comes as fragmented MP4 is passed on. */
function mp4Writer(init: InitSegment): ChunkWriter {
  return { init, write: ({ bytes }, duration) => unbridged(bytes, duration), pass: ({ bytes }) => [bytes] };
}

function webmWriter(segment: InitSegment): ChunkWriter {
  const fragments = new WebmFragments(segment);
  return {
    get init() {
      return fragments.init;
    },
    write: (chunk, duration) => fragments.write(chunk, duration),
    pass: (chunk) => fragments.write(chunk, chunk.spans[0]?.duration ?? 0),
  };
}

/** What playlists tell of an init segment: video first, as players expect it. */
function describe({ bytes, tracks }: InitSegment): Omit<MediaInit, 'number'> {
  const video = tracks.find(({ kind }) => kind === 'video');
  const audio = tracks.filter(({ kind }) => kind === 'audio');
  const codecs = [...(video === undefined ? [] : [video]), ...audio].map(({ codec }: Track) => codec);
  const { width, height, frameRate } = video ?? {};
  return {
    bytes,
    codecs: [...new Set(codecs)],
    hasVideo: video !== undefined,
    size: width === undefined || height === undefined ? undefined : { width, height },
    frameRate,
  };
}
