import type { Arrivals } from './arrival-meter';
import { SILENCE_REACH } from './silence';
import type { SoundPath } from './sound-outlet';
import { TargetBuffer } from './target-buffer';

/** What the player sees of itself. Seconds, of the presentation but for `now`. */
export interface PlayerView {
  readonly position: number;
  /** The live edge: up to here all tracks have come. */
  readonly edge: number;
  /** Where the media that is there around `position`, or else next behind it, begins; undefined if there is none. */
  readonly from: number | undefined;
  /** How media arrives, by the same clock as `now`, its `lateness` against presentation time. */
  readonly arrivals: Arrivals | undefined;
  /** Monotonic. */
  readonly now: number;
}

/** What the player should do. */
export interface Advice {
  /** Go there at once. */
  readonly seek?: number;
  readonly rate: number;
}

/** The playback rate stays within this of 1: browsers keep the pitch, and few people hear it. */
const MAX_STEP = 0.08;
/**
 * With sound and less media ahead than `NEAR`, seconds, it stays within this, where the pitch need not be kept; it may be more again
 * from `FAR` on. Seen, on a busy machine: as Chromium begins or ends to keep the pitch, its sound may run dry if less than 0.2 s is ahead.
 */
export const SMALL_STEP = 0.03;
const NEAR: Record<SoundPath, number> = { none: 0, silence: 0, element: 0.3, 'web-audio': 0.12 };
const FAR: Record<SoundPath, number> = { none: 0, silence: 0, element: 0.4, 'web-audio': 0.16 };
/** Rates are multiples of this: each new one costs the browser a little. */
const STEP = 0.01;
/** An error is made good over so many seconds. A page that is blocked for as long while it hurries ends where it wanted to. */
const HURRY_TIME = 2;
/** The same for too small a buffer, which is more urgent. */
const SLOW_TIME = 1;
/** An error from which on it is made good, and one that is none. Beside silence nobody hears it, and a picture more or less is all there is. */
const ENTER: Record<SoundPath, number> = { none: 0.02, silence: 0.008, element: 0.02, 'web-audio': 0.02 };
const LEAVE: Record<SoundPath, number> = { none: 0.01, silence: 0.003, element: 0.01, 'web-audio': 0.01 };
/** So much too far behind, it jumps. */
const JUMP = 0.6;
/** Over so many seconds errors are averaged, and after a seek nothing is judged. */
const AVERAGE = 0.4;
const SETTLE = 0.5;
/** What a seek costs until one has shown it. */
const FIRST_COST = 0.05;
/** It seeks no closer to the live edge than this: there has to be something to show. */
const LATEST = 0.01;
/** The buffer is watched over this time, and at least over that in which new media comes. */
const ROOM_TIME = 1;
/** A position that far past the live edge is no position: times have begun anew, or (`SILENCE_REACH`) a long silence has led it there. It goes back once media is there. */
const LOST = 1;

/** One look: how far behind where it should be, and how much media was ahead. */
interface Look {
  readonly at: number;
  readonly error: number;
  readonly ahead: number;
}

/**
 * Keeps the player a target buffer away from the live edge: by small steps of the playback rate, or one seek where it is far away.
 * It steers by the time at which media of a position is shown, which moves smoothly, whether media comes by frames or by GOPs;
 * and never hurries into media that isn't there. Pure.
 */
export class LatencyController {
  readonly #target: TargetBuffer;
  readonly #sound: SoundPath;
  #looks: Look[] = [];
  #correcting = false;
  #near = false;
  /** The live edge when the position was last not too far past it. */
  #knownEdge = NaN;
  #rate = 1;
  #settledAt = -Infinity;
  /** What a seek costs, seconds: as long as decoding takes, the live edge moves on. */
  #cost = FIRST_COST;
  #judgeCost = false;

  /** @param options `target`: seconds, in place of what it would find. */
  constructor({ sound, target }: { sound: SoundPath; target?: number | undefined }) {
    this.#target = new TargetBuffer({ sound, fixed: target });
    this.#sound = sound;
  }

  /** How much media it tries to hold ahead of the picture, seconds. */
  get target(): number {
    return this.#target.seconds;
  }

  /** Where to begin, seconds. */
  start(view: Omit<PlayerView, 'position'>): number {
    this.#target.update(view.now, view.arrivals);
    return this.#seek(view).seek ?? view.edge;
  }

  /** The player has run dry: it holds more from now on, unless that says nothing of the network. */
  ranDry(now: number): void {
    this.#target.ranDry(now);
  }

  /** The player was paused, or moved by somebody else: what was seen before is void. */
  forget(now: number): void {
    this.#looks = [];
    this.#correcting = false;
    this.#rate = 1;
    this.#settledAt = now + SETTLE;
  }

  /** Call whenever something may have changed, and before media is appended. */
  advise(view: PlayerView): Advice {
    const { position, edge, from, now, arrivals } = view;
    this.#target.update(now, arrivals);
    if (position > edge + (this.#sound === 'silence' ? SILENCE_REACH : LOST)) {
      // With nothing new there, it would only show again what it has shown.
      const isNew = edge !== this.#knownEdge && !(from !== undefined && from > edge);
      return isNew ? this.#seek(view) : { rate: 1 };
    }
    this.#knownEdge = edge;
    if (from !== undefined && position < from) return this.#seek(view);
    if (now < this.#settledAt) return { rate: this.#rate };
    this.#look(view);
    const { error, room, known } = this.#judge(view);
    if (!known) return { rate: this.#rate };
    if (this.#judgeCost) {
      this.#cost = Math.max(0, this.#cost + error);
      this.#judgeCost = false;
    }
    if (Math.min(error, room) > JUMP + this.#cost) return this.#seek(view);
    const urgent = room + this.#target.floor / 2;
    this.#near = edge - position < (this.#near ? FAR : NEAR)[this.#sound];
    this.#rate = this.#rateFor(urgent < 0 ? Math.min(error, urgent) : Math.min(error, Math.max(0, room)));
    return { rate: this.#rate };
  }

  #look(view: PlayerView): void {
    const { position, edge, now, arrivals } = view;
    this.#looks.push({ at: now, error: this.#ideal(view) - position, ahead: edge - position });
    const memory = Math.max(ROOM_TIME, 1.5 * (arrivals?.interval ?? 0));
    while ((this.#looks[0]?.at ?? now) < now - memory) this.#looks.shift();
  }

  /** The error of late, how much media could do without being there, and whether that is known yet. */
  #judge({ now }: PlayerView): { error: number; room: number; known: boolean } {
    const recent = this.#looks.filter(({ at }) => at >= now - AVERAGE);
    const error = recent.reduce((sum, look) => sum + look.error, 0) / recent.length;
    const room = Math.min(...this.#looks.map(({ ahead }) => ahead)) - this.#target.floor;
    return { error, room, known: now - (this.#looks[0]?.at ?? now) >= AVERAGE / 2 };
  }

  /** Where the player should be, by how media comes; without that knowledge, by what has come. */
  #ideal({ edge, now, arrivals }: Omit<PlayerView, 'position'>): number {
    const { seconds } = this.#target;
    if (arrivals === undefined) return edge - seconds;
    return now - arrivals.lateness + arrivals.interval / 2 - seconds;
  }

  #rateFor(error: number): number {
    this.#correcting = Math.abs(error) > (this.#correcting ? LEAVE : ENTER)[this.#sound];
    if (!this.#correcting) return 1;
    const step = error / (error > 0 ? HURRY_TIME : SLOW_TIME);
    const steps = Math.max(1, Math.min((this.#near ? SMALL_STEP : MAX_STEP) / STEP, Math.round(Math.abs(step) / STEP)));
    return 1 + Math.sign(error) * steps * STEP;
  }

  #seek(view: Omit<PlayerView, 'position'>): Advice {
    this.forget(view.now);
    this.#target.jumped(view.now);
    this.#judgeCost = true;
    return { rate: 1, seek: Math.max(Math.min(this.#ideal(view) + this.#cost, view.edge - LATEST), view.from ?? 0) };
  }
}
