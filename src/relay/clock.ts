/** Takes what code threw that nobody waits for, and what that code was. Everything else goes on. */
export type Failed = (error: unknown, where: string) => void;

/** Time, as the relay reads it: replaced by a fake in tests. */
export interface Clock {
  /** Monotonic, ms. */
  now(): number;
  /** Unix time, ms. */
  wall(): number;
  /** Calls `run` once after `ms`, unless the returned function is called before. */
  after(ms: number, run: () => void): () => void;
  /** Calls `run` every `ms` until the returned function is called. */
  every(ms: number, run: () => void): () => void;
}

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  every: (ms, run) => {
    const timer = setInterval(run, ms);
    return () => clearInterval(timer);
  },
};

/** The same time, whose timers end nothing: what they throw is passed to `failed`, and a timer that repeats goes on. */
export function guardClock(clock: Clock, failed: Failed): Clock {
  const guarded = (run: () => void) => (): void => {
    try {
      run();
    } catch (error) {
      failed(error, 'a timer');
    }
  };
  return {
    now: () => clock.now(),
    wall: () => clock.wall(),
    after: (ms, run) => clock.after(ms, guarded(run)),
    every: (ms, run) => clock.every(ms, guarded(run)),
  };
}
