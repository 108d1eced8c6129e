import type { Log } from '../base/log';
import { NewestMap } from '../base/newest-map';
import type { EncodeJpeg } from '../ffmpeg/jpeg-encoder';
import { SluiceError } from '../protocol/error-code';
import type { Clock } from '../relay/clock';
import type { StreamRegistry } from '../relay/stream-registry';

/** How long a picture is taken for new, ms. */
export const SNAPSHOT_AGE = 4_000;
/** How many pictures are made at a time, and how many more may wait for that. */
const MAX_RUNNING = 2;
const MAX_WAITING = 50;
/** How many streams' pictures are held. */
const MAX_HELD = 200;

/** A picture of a stream. */
interface Snapshot {
  readonly jpeg: Buffer;
  /** Says which picture it is, in quotes. */
  readonly etag: string;
}

interface Held {
  readonly etag: string;
  readonly made: Promise<Snapshot>;
  /** When it was asked for, monotonic ms. */
  readonly at: number;
  failed: boolean;
}

interface SnapshotOptions {
  readonly registry: StreamRegistry;
  readonly clock: Clock;
  readonly log: Log;
  /** Finds what makes the pictures, when the first is asked for. @throws if there is nothing. */
  readonly encoder: () => EncodeJpeg;
}

/** Pictures of streams, from their newest keyframes. Each is shared by all who ask for it within some seconds. */
export class Snapshots {
  readonly #options: SnapshotOptions;
  readonly #abort = new AbortController();
  readonly #held = new NewestMap<Held>(MAX_HELD);
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #encode: EncodeJpeg | undefined;

  constructor(options: SnapshotOptions) {
    this.#options = options;
  }

  /**
   * The newest picture of a stream, or one that is a few seconds old.
   * @throws SluiceError `no-stream`, `no-snapshot`, `full`.
   */
  async of(name: string): Promise<Snapshot> {
    const { registry, clock } = this.#options;
    const epoch = registry.get(name)?.epoch;
    if (epoch === undefined) throw new SluiceError('no-stream', `Cannot find the stream "${name}": nobody publishes it`);
    const now = clock.now();
    const known = this.#held.get(name);
    if (known !== undefined && now - known.at < SNAPSHOT_AGE) return known.made;
    const [keyframe] = epoch.window.keyframes();
    if (keyframe === undefined) throw new SluiceError('no-snapshot', `Cannot make a picture of "${name}": no keyframe of it is held`);
    const etag = `"${epoch.id}-${keyframe.position}"`;
    if (known?.etag === etag && !known.failed) return known.made;
    const { container, bytes: init } = epoch.init;
    const held: Held = { etag, made: this.#make(name, { etag, keyframe: { container, init, chunk: keyframe.bytes } }), at: now, failed: false };
    this.#held.set(name, held);
    held.made.catch((error: unknown) => {
      held.failed = true;
      // It wasn't tried.
      if (error instanceof SluiceError && error.code === 'full' && this.#held.get(name) === held) this.#held.delete(name);
    });
    return held.made;
  }

  /** Makes no more. */
  close(): void {
    this.#abort.abort();
  }

  async #make(name: string, { etag, keyframe }: { etag: string; keyframe: Parameters<EncodeJpeg>[0] }): Promise<Snapshot> {
    const { encoder, log } = this.#options;
    await this.#turn();
    try {
      this.#encode ??= encoder();
      return { jpeg: await this.#encode(keyframe, this.#abort.signal), etag };
    } catch (cause) {
      log.warn({ name, reason: (cause as Error).message }, 'Cannot make a picture');
      throw new SluiceError('no-snapshot', `Cannot make a picture of "${name}": none could be made of its newest keyframe`, { cause });
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  /** Waits until another may be made. */
  async #turn(): Promise<void> {
    if (this.#running < MAX_RUNNING) {
      this.#running++;
      return;
    }
    if (this.#waiting.length >= MAX_WAITING) throw new SluiceError('full', 'Cannot make another picture just now: many are being made', { retryAfter: 2 });
    // Whoever has finished leaves it its place.
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
