import { ArrivalMeter } from '../../player/video/arrival-meter';
import { LatencyController } from '../../player/video/latency-controller';
import type { SoundPath } from '../../player/video/sound-outlet';

/** A piece of media on its way: up to which media time it goes, and when it is here. Seconds. */
export interface Arrival {
  readonly at: number;
  readonly edge: number;
}

/** How a trace of arrivals is made. Seconds. */
export interface TraceShape {
  readonly seconds: number;
  /** Media in a piece. */
  readonly interval: number;
  /** How late the piece that ends at that time is. A connection keeps the order: no piece comes before the one before it. */
  readonly late?: (edge: number) => number;
  /** Parts of a million that the publisher's clock is slow by. */
  readonly drift?: number;
}

/** Media that is captured in real time, and comes as `shape` says. */
export function* trace({ seconds, interval, late = () => 0, drift = 0 }: TraceShape): Generator<Arrival> {
  let at = 0;
  for (let i = 1; i * interval <= seconds; i++) {
    const edge = i * interval;
    at = Math.max(at, edge * (1 + drift / 1e6) + late(edge));
    yield { at, edge };
  }
}

/** Numbers from 0 to 1 that are the same in each run. */
export function randomNumbers(seed = 1): () => number {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

/** How often a player looks at itself, seconds, unless a test says otherwise. */
const LOOK = 0.1;

/** How long a seek takes, seconds. */
const SEEK = 0.05;

/** What a player saw between two times. */
export interface Seen {
  stalls: number;
  seeks: number;
  /** Rates that it played at. */
  readonly rates: Set<number>;
  /** Seconds from capture to the picture, at each look. */
  readonly latencies: number[];
}

/** A player that heeds a controller, in a time that passes only as media comes. */
export class Playback {
  readonly controller: LatencyController;
  readonly #meter = new ArrivalMeter();
  readonly #look: number;
  now = 0;
  position: number | undefined;
  edge = 0;
  rate = 1;
  #seekingUntil = 0;
  #starved = false;
  #seen: Seen = newSeen();

  constructor({ look = LOOK, ...options }: { sound: SoundPath; target?: number; look?: number }) {
    this.#look = look;
    this.controller = new LatencyController(options);
    this.#meter.arrived(0, 0);
  }

  /** Plays all of the trace, and tells what was seen from `from` on. */
  play(arrivals: Iterable<Arrival>, from = 0): Seen {
    this.#seen = newSeen();
    let counts = this.now >= from;
    for (const { at, edge } of arrivals) {
      while (this.now + this.#look < at) this.#step(this.now + this.#look);
      this.#step(at);
      if (!counts && at >= from) {
        this.#seen = newSeen();
        counts = true;
      }
      this.edge = edge;
      this.#meter.arrived(at, edge);
      if (this.position === undefined) this.#seek(this.controller.start(this.#view));
      this.#advise();
    }
    return this.#seen;
  }

  /** Seconds of media ahead of the picture. */
  get ahead(): number {
    return this.edge - (this.position ?? 0);
  }

  get #view(): Parameters<LatencyController['advise']>[0] {
    return { position: this.position ?? 0, edge: this.edge, from: 0, arrivals: this.#meter.arrivals, now: this.now };
  }

  #step(to: number): void {
    const passed = to - this.now;
    this.now = to;
    if (this.position === undefined) return;
    const played = Math.min(passed, Math.max(0, to - this.#seekingUntil));
    const wanted = this.position + played * this.rate;
    this.position = Math.min(wanted, this.edge);
    const starved = wanted > this.edge + 1e-9;
    if (starved && !this.#starved) {
      this.#seen.stalls++;
      this.controller.ranDry(this.now);
    }
    this.#starved = starved;
    this.#advise();
    this.#seen.latencies.push(this.now - this.position);
  }

  #advise(): void {
    const { seek, rate } = this.controller.advise(this.#view);
    this.rate = rate;
    this.#seen.rates.add(rate);
    if (seek === undefined) return;
    this.#seen.seeks++;
    this.#seek(seek);
  }

  #seek(to: number): void {
    this.position = to;
    this.#seekingUntil = this.now + SEEK;
  }
}

function newSeen(): Seen {
  return { stalls: 0, seeks: 0, rates: new Set(), latencies: [] };
}
