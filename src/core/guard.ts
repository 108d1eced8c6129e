import type { EventEmitter } from 'node:events';
import { guardClock, systemClock } from '../relay/clock';
import { raiseFault, reportFault } from './faults';

/** How a handler is added. */
export interface HandlerOptions {
  /** Answers whoever is concerned by what the handler threw. */
  readonly failed?: (error: unknown) => void;
  /** Whether it runs before the handlers that are there already. */
  readonly first?: boolean;
}

type Handler<Args extends unknown[]> = (...args: Args) => void | Promise<void>;

/** The machine's time, for code that is given no `Clock`. */
export const guardedClock = guardClock(systemClock, raiseFault);

/**
 * Runs code that nobody waits for: what it throws, or its promise is rejected with, is reported as a fault, and passed to `failed`.
 * In a process that takes no faults, such as `sluice push`, it is thrown, and ends the process.
 */
export function guard(where: string, run: () => void | Promise<void>, failed?: (error: unknown) => void): void {
  attempt(run, (error) => settle(error, where, failed));
}

/** Handles an event each time. The returned function removes the handler. */
export function on<Args extends unknown[]>(emitter: EventEmitter, event: string | symbol, handler: Handler<Args>, options: HandlerOptions = {}): () => void {
  const run = (...args: unknown[]): void => {
    attempt(
      () => handler(...(args as Args)),
      (error) => settle(error, `"${String(event)}" of ${emitter.constructor.name}`, options.failed),
    );
  };
  if (options.first === true) emitter.prependListener(event, run);
  else emitter.on(event, run);
  return () => void emitter.off(event, run);
}

/** Handles the next such event. The returned function removes the handler. */
export function once<Args extends unknown[]>(emitter: EventEmitter, event: string | symbol, handler: Handler<Args>, options?: HandlerOptions): () => void {
  const forget = on(emitter, event, (...args: Args) => {
    forget();
    return handler(...args);
  }, options);
  return forget;
}

/** Runs once the code that runs now has returned, before anything else. */
export function soon(where: string, run: () => void | Promise<void>, failed?: (error: unknown) => void): void {
  queueMicrotask(() => guard(where, run, failed));
}

function attempt(run: () => void | Promise<void>, failed: (error: unknown) => void): void {
  try {
    const running = run();
    if (running instanceof Promise) running.catch(failed);
  } catch (error) {
    failed(error);
  }
}

function settle(error: unknown, where: string, failed?: (error: unknown) => void): void {
  raiseFault(error, where);
  if (failed !== undefined) attempt(() => failed(error), (another) => void reportFault(another, where));
}
