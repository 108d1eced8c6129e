/** Something that our own code threw where no request waits for it, or that nobody foresaw. */
export interface Fault {
  readonly error: unknown;
  /** What ran: a timer, the handler of an event, a request. */
  readonly where: string;
  /** What else belongs on its line in the log. */
  readonly fields?: object;
}

const takers = new Set<(fault: Fault) => void>();
/** An error may pass several places that report it. */
const reported = new WeakSet<object>();

/** Passes every fault of this process to `take`, until the returned function is called. */
export function takeFaults(take: (fault: Fault) => void): () => void {
  takers.add(take);
  return () => void takers.delete(take);
}

/** Reports a fault, the same error only once. Never throws. Returns whether anybody takes faults: no command but `serve` does. */
export function reportFault(error: unknown, where: string, fields?: object): boolean {
  if (takers.size === 0) return false;
  if (typeof error === 'object' && error !== null) {
    if (reported.has(error)) return true;
    reported.add(error);
  }
  for (const take of takers) {
    try {
      take({ error, where, ...(fields !== undefined && { fields }) });
    } catch {
      // The log itself is broken: there is nobody left to report it to.
    }
  }
  return true;
}

/** Reports a fault; where nobody takes faults, throws it. */
export function raiseFault(error: unknown, where: string): void {
  if (!reportFault(error, where)) throw error;
}
