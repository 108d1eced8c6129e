import type { Chunk } from '../media/chunk';
import type { StreamSample } from '../protocol/stream-detail';
import type { Clock } from '../relay/clock';
import type { Epoch } from '../relay/epoch';
import type { Stream } from '../relay/stream';
import type { StreamRegistry } from '../relay/stream-registry';

/** How much is kept of each stream: two minutes. */
const MAX_SAMPLES = 120;

/** What is known of how one stream went. */
export interface StreamHistory {
  /** Oldest first. */
  readonly samples: readonly StreamSample[];
  /** Time between the last two keyframes, seconds. */
  readonly gop: number | undefined;
  /** Media since its newest keyframe, or since its epoch began, seconds; undefined without video. */
  readonly sinceKeyframe: number | undefined;
}

interface Tape {
  readonly stream: Stream;
  readonly samples: StreamSample[];
  epoch: string;
  position: number;
  /** Media time of the newest keyframe that was seen, seconds. */
  keyframe: number | undefined;
  /** Whether that is a last picture that was sent again. */
  stoodIn: boolean;
  gop: number | undefined;
  /** Media time at which its epoch was seen first, seconds. */
  begin: number | undefined;
  sinceKeyframe: number | undefined;
}

const NOTHING: StreamHistory = { samples: [], gop: undefined, sinceKeyframe: undefined };

/** How each stream went lately. Nothing of it is counted while media comes: it is looked at once a second. */
export class StreamHistories {
  readonly #registry: StreamRegistry;
  readonly #clock: Clock;
  readonly #tapes = new Map<string, Tape>();
  #sampledAt: number;

  constructor({ registry, clock }: { registry: StreamRegistry; clock: Clock }) {
    this.#registry = registry;
    this.#clock = clock;
    this.#sampledAt = clock.now();
  }

  /** How a stream went; nothing of one that isn't there. */
  of(name: string): StreamHistory {
    return this.#tapes.get(name) ?? NOTHING;
  }

  /** Looks at every stream. To be called once a second. */
  sample(): void {
    const now = this.#clock.now();
    const seconds = (now - this.#sampledAt) / 1000;
    this.#sampledAt = now;
    for (const name of this.#tapes.keys()) if (this.#registry.get(name)?.epoch === undefined) this.#tapes.delete(name);
    if (seconds <= 0) return;
    for (const stream of this.#registry.streams) if (stream.epoch !== undefined) this.#sampleStream(stream, stream.epoch, seconds);
  }

  #sampleStream(stream: Stream, epoch: Epoch, seconds: number): void {
    const tape = this.#tapeOf(stream, epoch);
    const newEpoch = tape.epoch !== epoch.id;
    const bytes = epoch.position - (newEpoch ? 0 : tape.position);
    tape.epoch = epoch.id;
    tape.position = epoch.position;
    tape.samples.push({ at: this.#clock.wall(), bitrate: Math.round((bytes * 8) / seconds), viewers: stream.viewers });
    if (tape.samples.length > MAX_SAMPLES) tape.samples.shift();
    const [newestChunk, chunkBefore] = keyframes(epoch);
    const newest = newestChunk?.start;
    const before = chunkBefore?.start;
    const last = before ?? (newEpoch || newest === tape.keyframe ? undefined : tape.keyframe);
    if (newEpoch) tape.gop = undefined;
    // A last picture that is sent again says nothing of how the publisher encodes.
    const stoodIn = chunkBefore === undefined ? tape.stoodIn : chunkBefore.standsIn === true;
    if (!stoodIn && newestChunk?.standsIn === undefined && newest !== undefined && last !== undefined && newest > last) tape.gop = newest - last;
    if (newestChunk !== undefined) tape.stoodIn = newestChunk.standsIn === true;
    tape.keyframe = newest ?? (newEpoch ? undefined : tape.keyframe);
    if (newEpoch) tape.begin = undefined;
    const { start, end } = epoch.window.newest?.chunk ?? {};
    tape.begin ??= start;
    const since = tape.keyframe ?? tape.begin;
    const hasVideo = epoch.init.tracks.some(({ kind }) => kind === 'video');
    tape.sinceKeyframe = hasVideo && end !== undefined && since !== undefined ? Math.max(0, end - since) : undefined;
  }

  #tapeOf(stream: Stream, epoch: Epoch): Tape {
    const known = this.#tapes.get(stream.name);
    if (known?.stream === stream) return known;
    const tape: Tape = { stream, samples: [], epoch: epoch.id, position: epoch.position, keyframe: undefined, stoodIn: false, gop: undefined, begin: undefined, sinceKeyframe: undefined };
    this.#tapes.set(stream.name, tape);
    return tape;
  }
}

/** The last two keyframes that are held, the newest first. */
function keyframes({ window }: Epoch): (Chunk | undefined)[] {
  const [newest, before] = window.keyframes();
  return [newest?.chunk, before?.chunk];
}
