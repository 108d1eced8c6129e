import { guard } from '../base/guard';
import type { RelayEvent, RelayEventBody } from '../protocol/api-event';
import type { SourceInfo } from '../protocol/source-info';
import { shownName } from '../protocol/stream-name';
import type { Clock } from '../relay/clock';
import type { MissingKeyframe, Refusal, RelayObserver, StoppedTracks, TimesJump } from '../relay/relay-observer';
import type { StreamRegistry } from '../relay/stream-registry';

/** How many of the newest events are held for who comes, or comes back. */
const MAX_HELD = 200;
/** How many kinds of the same thing a second are told apart; more of them are still counted by the metrics. */
const MAX_FOLDED = 50;
/** So many ids fit between two relays that were started one millisecond apart. */
const IDS_PER_MS = 1_000;

/** Takes each event as it happens. */
export type EventListener = (event: RelayEvent) => void;

type Folded<Type extends RelayEventBody['type']> = Map<string, Extract<RelayEventBody, { type: Type }>>;

/**
 * What happens in the relay, as events with numbers, of which the newest are held. What a client can cause again and again
 * is gathered for a second and told as one event.
 */
export class RelayEvents implements RelayObserver {
  readonly #registry: StreamRegistry;
  readonly #clock: Clock;
  readonly #refused: (refusal: Refusal) => void;
  readonly #held: RelayEvent[] = [];
  readonly #listeners = new Set<EventListener>();
  readonly #refusals: Folded<'publisher-refused'> = new Map();
  readonly #jumps: Folded<'times-jumped'> = new Map();
  readonly #missing: Folded<'keyframe-missing'> = new Map();
  readonly #slow: Folded<'viewer-too-slow'> = new Map();
  readonly #moves = new Map<string, { joined: number; left: number }>();
  #newest: number;
  #last = { at: 0, received: 0, sent: 0 };
  #rates = { bytesInPerSecond: 0, bytesOutPerSecond: 0 };

  /** `refused` is called for each refusal, before the event of its second. */
  constructor({ registry, clock, refused = () => undefined }: { registry: StreamRegistry; clock: Clock; refused?: (refusal: Refusal) => void }) {
    this.#registry = registry;
    this.#clock = clock;
    this.#refused = refused;
    // Later than any of an earlier run, so that who comes back after a restart misses nothing.
    this.#newest = clock.wall() * IDS_PER_MS;
    this.#last.at = clock.now();
  }

  /** Tells `listener` from now on, until the returned function is called. */
  listen(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The events that are held behind the one of that id; all of them if it isn't known. */
  after(id: number | undefined): readonly RelayEvent[] {
    return id === undefined || id > this.#newest ? [...this.#held] : this.#held.filter((event) => event.id > id);
  }

  /** How things stand. */
  stats(): RelayEvent {
    let viewers = 0;
    for (const count of this.#registry.census().viewers.values()) viewers += count;
    return { type: 'stats', streams: this.#registry.list(), viewers, ...this.#rates, id: this.#newest, at: this.#clock.wall() };
  }

  /** Tells what was gathered, and how things stand. To be called once a second. */
  tick(): void {
    this.#measure();
    for (const refusal of this.#refusals.values()) this.#emit(refusal);
    this.#refusals.clear();
    for (const jump of this.#jumps.values()) this.#emit(jump);
    this.#jumps.clear();
    for (const missing of this.#missing.values()) this.#emit(missing);
    this.#missing.clear();
    for (const slow of this.#slow.values()) this.#emit(slow);
    this.#slow.clear();
    for (const [name, { joined, left }] of this.#moves) {
      const stream = this.#registry.get(name);
      // Anybody may wait for a stream that there isn't.
      if (stream?.published === true) this.#emit({ type: 'viewers-changed', name, joined, left, viewers: stream.viewers });
    }
    this.#moves.clear();
    if (this.#listeners.size > 0) this.#tell(this.stats());
  }

  streamLive(stream: Parameters<RelayObserver['streamLive']>[0]): void {
    this.#emit({ type: 'stream-live', ...stream });
  }

  streamHeld(name: string): void {
    this.#emit({ type: 'stream-held', name });
  }

  streamEnded(stream: Parameters<RelayObserver['streamEnded']>[0]): void {
    this.#emit({ type: 'stream-ended', ...stream });
  }

  sourceChanged(source: SourceInfo): void {
    this.#emit({ type: 'source-state', source });
  }

  publisherRefused(refusal: Refusal): void {
    this.#refused(refusal);
    const { name, address, error: { code, message } } = refusal;
    // The same publisher goes on by another connection.
    if (code === 'replaced') return;
    const key = `${code} ${name}`;
    const count = (this.#refusals.get(key)?.count ?? 0) + 1;
    if (count > 1 || this.#refusals.size < MAX_FOLDED) this.#refusals.set(key, { type: 'publisher-refused', name: shownName(name), address, code, message, count });
  }

  timesJumped({ name, seconds }: TimesJump): void {
    this.#jumps.set(name, { type: 'times-jumped', name, seconds: Math.round(seconds * 1000) / 1000, count: (this.#jumps.get(name)?.count ?? 0) + 1 });
  }

  keyframeMissing({ name, seconds }: MissingKeyframe): void {
    this.#missing.set(name, { type: 'keyframe-missing', name, seconds: Math.round(seconds * 1000) / 1000 });
  }

  /** Not gathered: a track has to be away for more than a second each time. */
  tracksStopped({ name, stopped }: StoppedTracks): void {
    this.#emit({ type: 'tracks-stopped', name, stopped });
  }

  viewerTooSlow(name: string): void {
    this.#slow.set(name, { type: 'viewer-too-slow', name, count: (this.#slow.get(name)?.count ?? 0) + 1 });
  }

  viewerJoined(name: string): void {
    this.#move(name).joined++;
  }

  viewerLeft(name: string): void {
    this.#move(name).left++;
  }

  #move(name: string): { joined: number; left: number } {
    const known = this.#moves.get(name);
    if (known !== undefined) return known;
    const move = { joined: 0, left: 0 };
    this.#moves.set(name, move);
    return move;
  }

  #measure(): void {
    const { receivedBytes: received, sentBytes: sent } = this.#registry.totals;
    const at = this.#clock.now();
    const seconds = (at - this.#last.at) / 1000;
    if (seconds > 0) {
      this.#rates = { bytesInPerSecond: Math.round((received - this.#last.received) / seconds), bytesOutPerSecond: Math.round((sent - this.#last.sent) / seconds) };
    }
    this.#last = { at, received, sent };
  }

  #emit(body: RelayEventBody): void {
    const event: RelayEvent = { ...body, id: ++this.#newest, at: this.#clock.wall() };
    this.#held.push(event);
    if (this.#held.length > MAX_HELD) this.#held.shift();
    this.#tell(event);
  }

  #tell(event: RelayEvent): void {
    for (const listener of [...this.#listeners]) guard('a listener of events', () => listener(event));
  }
}
