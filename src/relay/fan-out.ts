import { SluiceError } from '../protocol/error-code';
import type { ViewerTransport } from '../protocol/viewer-info';
import type { Failed } from './clock';
import type { DeliveryInterval, DeliveryPace } from './delivery-pace';
import type { DeliveryTick } from './delivery-tick';
import { joinChunks, MAX_JOINED } from './join-chunks';
import type { HeldChunk, MediaMessage } from './media-message';
import type { Viewer } from './viewer';

/** Viewers that are sent media at the same moments. */
interface DeliveryClass {
  /** What they chose; the default goes with the load. */
  readonly interval: DeliveryInterval | undefined;
  readonly viewers: Set<Viewer>;
  /** What is to be sent to them at the next beat. */
  readonly pending: HeldChunk[];
  pendingBytes: number;
}

/** After so many beats with nothing to send, the beat is no longer listened to: one second. */
const IDLE_BEATS = 50;

/**
 * The viewers of one stream, and how chunks reach them: at once, or gathered and sent as one message, which all viewers of
 * one interval share. A viewer whose door throws is let go; the others don't notice.
 */
export class FanOut {
  readonly #name: string;
  readonly #tick: DeliveryTick;
  readonly #pace: DeliveryPace;
  readonly #now: () => number;
  readonly #failed: Failed;
  readonly #classes = new Map<DeliveryInterval | undefined, DeliveryClass>();
  readonly #classOf = new Map<Viewer, DeliveryClass>();
  #stopListening: (() => void) | undefined;
  #idleBeats = 0;
  /** The newest joined messages: classes that fall due together share them. */
  #joined: readonly MediaMessage[] = [];

  constructor(options: { name: string; tick: DeliveryTick; pace: DeliveryPace; now: () => number; failed: Failed }) {
    this.#name = options.name;
    this.#tick = options.tick;
    this.#pace = options.pace;
    this.#now = options.now;
    this.#failed = options.failed;
  }

  /** How many viewers there are. */
  get size(): number {
    return this.#classOf.size;
  }

  /** Every viewer, in the order in which they came. */
  get viewers(): Iterable<Viewer> {
    return this.#classOf.keys();
  }

  /** How many there are by each door. */
  countTransports(counts: Map<ViewerTransport, number>): void {
    for (const { transport } of this.#classOf.keys()) counts.set(transport, (counts.get(transport) ?? 0) + 1);
  }

  /** Adds a viewer that is sent media every `interval` ms, or as the load allows. */
  add(viewer: Viewer, interval?: DeliveryInterval): void {
    let group = this.#classes.get(interval);
    if (group === undefined) {
      group = { interval, viewers: new Set(), pending: [], pendingBytes: 0 };
      this.#classes.set(interval, group);
    }
    group.viewers.add(viewer);
    this.#classOf.set(viewer, group);
  }

  /** Forgets a viewer. */
  remove(viewer: Viewer): void {
    const group = this.#classOf.get(viewer);
    if (group === undefined) return;
    this.#classOf.delete(viewer);
    group.viewers.delete(viewer);
    if (group.viewers.size === 0) this.#classes.delete(group.interval);
  }

  /** Passes on the newest chunk, at `now`. */
  deliver(held: HeldChunk, now: number): void {
    for (const group of this.#classes.values()) {
      if (group.pending.length === 0 && this.#intervalOf(group) === 0) this.#send(group, held, now);
      else this.#gather(group, held, now);
    }
  }

  /** Sends what was gathered: what follows is no longer of the same flow. */
  flush(): void {
    const now = this.#now();
    for (const group of this.#classes.values()) this.#flush(group, now);
    this.#joined = [];
  }

  /** Does the same for every viewer. */
  each(run: (viewer: Viewer) => void): void {
    for (const viewer of this.#classOf.keys()) this.guard(viewer, () => run(viewer));
  }

  /** Does something for one viewer, which is let go if that throws. */
  guard(viewer: Viewer, run: () => void): void {
    try {
      run();
    } catch (cause) {
      this.#letGo(viewer, cause);
    }
  }

  /** Listens to the beat no longer. */
  dispose(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
  }

  #intervalOf({ interval }: DeliveryClass): DeliveryInterval {
    return interval ?? this.#pace.interval;
  }

  #gather(group: DeliveryClass, held: HeldChunk, now: number): void {
    group.pending.push(held);
    group.pendingBytes += held.bytes.length;
    this.#idleBeats = 0;
    this.#stopListening ??= this.#tick.listen(() => this.#beat());
    if (group.pendingBytes >= MAX_JOINED || this.#intervalOf(group) === 0) this.#flush(group, now);
  }

  #beat(): void {
    const now = this.#now();
    this.#idleBeats++;
    for (const group of this.#classes.values()) {
      if (this.#tick.isDue(this.#intervalOf(group))) this.#flush(group, now);
    }
    if (this.#idleBeats > IDLE_BEATS) this.dispose();
  }

  #flush(group: DeliveryClass, now: number): void {
    if (group.pending.length === 0) return;
    const messages = this.#join(group.pending);
    group.pending.length = 0;
    group.pendingBytes = 0;
    for (const message of messages) this.#send(group, message, now);
  }

  #join(chunks: readonly HeldChunk[]): readonly MediaMessage[] {
    const known = this.#joined;
    const same = known[0]?.from === chunks[0]?.from && known[known.length - 1]?.position === chunks[chunks.length - 1]?.position;
    if (!same) this.#joined = joinChunks(chunks);
    return this.#joined;
  }

  /** The hot loop: one call a viewer. */
  #send(group: DeliveryClass, message: MediaMessage, now: number): void {
    for (const viewer of group.viewers) {
      try {
        viewer.deliver(message, now);
      } catch (cause) {
        this.#letGo(viewer, cause);
      }
    }
  }

  #letGo(viewer: Viewer, cause: unknown): void {
    this.#failed(cause, 'a viewer');
    try {
      viewer.fail(new SluiceError('internal', `Cannot serve a viewer of "${this.#name}"`, { cause }));
    } catch {
      // The door is broken for good: its socket's own close event frees what it holds.
    }
  }
}
