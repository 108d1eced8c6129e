/** How many answers count. */
const KEPT = 8;

interface Answer {
  readonly roundTrip: number;
  /** What is to be added to this clock to have the relay's Unix time, ms. */
  readonly offset: number;
}

/** The relay's clock, by what it answered to pings. All times ms; `now` by this context's monotonic clock. */
export class RelayClock {
  readonly #asked = new Map<number, number>();
  #answers: Answer[] = [];
  #lastId = 0;

  /** A ping goes out; gives its id. */
  ask(now: number): number {
    this.#asked.clear();
    this.#asked.set(++this.#lastId, now);
    return this.#lastId;
  }

  /** An answer came, with the relay's Unix time. */
  answer(id: number, wall: number, now: number): void {
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    this.#asked.delete(id);
    this.#answers = [...this.#answers, { roundTrip: now - asked, offset: wall - (asked + now) / 2 }].slice(-KEPT);
  }

  /** The relay's Unix time at `at`; undefined while it isn't known. */
  wall(at: number): number | undefined {
    const { offset } = this.#best ?? {};
    return offset === undefined ? undefined : at + offset;
  }

  /** To the relay and back, at the best of the last times; undefined while it isn't known. */
  get roundTrip(): number | undefined {
    return this.#best?.roundTrip;
  }

  /** The quickest is the one whose offset is the nearest to the truth. */
  get #best(): Answer | undefined {
    return this.#answers.reduce<Answer | undefined>((best, each) => (best === undefined || each.roundTrip < best.roundTrip ? each : best), undefined);
  }
}
