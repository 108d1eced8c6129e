import { guardClock, systemClock } from '../relay/clock';
import { raiseFault, reportFault } from './faults';

/** How a handler is added. */
interface HandlerOptions<Args extends unknown[]> {
  /** Answers whoever is concerned by what the handler threw; it is given what the handler was given. */
  readonly failed?: (error: unknown, ...args: Args) => void;
  /** Whether it runs before the handlers that are there already. */
  readonly first?: boolean;
}

/** Anything that emits events, the process among it. */
export type Emitter = Pick<NodeJS.EventEmitter, 'on' | 'off' | 'prependListener'>;

/** Of what it returns only a promise is of interest. */
type Handler<Args extends unknown[]> = (...args: Args) => unknown;

/** The machine's time, for code that is given no `Clock`. */
export const guardedClock = guardClock(systemClock, raiseFault);

/**
 * Runs code that nobody waits for: what it throws, or its promise is rejected with, is reported as a fault, and passed to `failed`.
 * In a process that takes no faults, such as `sluice push`, it is thrown, and ends the process.
 */
export function guard(where: string, run: () => unknown, failed?: (error: unknown) => void): void {
  attempt(run, (error) => settle(error, where, failed));
}

/** Handles an event each time. The returned function removes the handler. */
export function on<Args extends unknown[]>(emitter: Emitter, event: string | symbol, handler: Handler<Args>, options: HandlerOptions<Args> = {}): () => void {
  const { failed, first = false } = options;
  const run = (...given: unknown[]): void => {
    const args = given as Args;
    attempt(
      () => handler(...args),
      (error) => settle(error, `"${String(event)}" of ${emitter.constructor.name}`, failed && (() => failed(error, ...args))),
    );
  };
  if (first) emitter.prependListener(event, run);
  else emitter.on(event, run);
  return () => void emitter.off(event, run);
}

/** Handles the next such event. The returned function removes the handler. */
export function once<Args extends unknown[]>(emitter: Emitter, event: string | symbol, handler: Handler<Args>, options?: HandlerOptions<Args>): () => void {
  const forget = on(emitter, event, (...args: Args) => {
    forget();
    return handler(...args);
  }, options);
  return forget;
}

/** Runs once the code that runs now has returned, before anything else. */
export function soon(where: string, run: () => unknown, failed?: (error: unknown) => void): void {
  queueMicrotask(() => guard(where, run, failed));
}

/** The same before all promises: what is written until then leaves together. */
export function nextTick(where: string, run: () => void): void {
  process.nextTick(() => guard(where, run));
}

/** Runs in the next turn of the event loop. */
export function nextTurn(where: string, run: () => void): void {
  setImmediate(() => guard(where, run));
}

function attempt(run: () => unknown, failed: (error: unknown) => void): void {
  try {
    const running: unknown = run();
    if (running instanceof Promise) running.catch(failed);
  } catch (error) {
    failed(error);
  }
}

function settle(error: unknown, where: string, failed?: (error: unknown) => void): void {
  raiseFault(error, where);
  if (failed !== undefined) attempt(() => failed(error), (another) => void reportFault(another, where));
}
