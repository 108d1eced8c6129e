import type { ChildProcess } from 'node:child_process';
import { type Emitter, on, once } from '../base/guard';
import type { Log } from '../base/log';
import { Backoff, RETRY } from '../protocol/backoff';
import type { Clock } from '../relay/clock';

/** What the relay sends to its supervisor once it listens. */
export const LISTENING = 'listening';
/** How the relay exits when an exception that nobody caught has ended it. */
export const CRASHED = 70;

/** How long the relay must have run, ms, so that its next end counts as the first. */
const WELL = 60_000;
/** Until the relay is started again, ms: the first time, and at most. */
const RETRIES = { ...RETRY, first: 500 };
/** How long a relay that was told to stop may take, ms, before it is killed: it ends by itself sooner, unless it hangs. */
const STOP_LIMIT = 10_000;

/** How a process has ended: by itself with a status, or by a signal. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A relay that runs as a process of its own. */
export type RelayProcess = Pick<ChildProcess, 'pid' | 'kill'> & Emitter;

interface SupervisorOptions {
  /** Starts the relay, with a channel for messages. */
  readonly start: () => RelayProcess;
  /** Kills what the relay has left behind. */
  readonly sweep: (relay: RelayProcess) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly backoff?: Backoff;
}

/**
 * Keeps the relay running: starts it again, with backoff, when it has ended and nobody told it to. A relay that never listened
 * and gave up by itself isn't started again: it has said what is wrong with its configuration.
 */
export class Supervisor {
  /** How the relay ended for good. */
  readonly ended: Promise<Ending>;
  readonly #options: SupervisorOptions;
  readonly #backoff: Backoff;
  #settle: (ending: Ending) => void = () => undefined;
  #relay: RelayProcess | undefined;
  #hasListened = false;
  /** Since when it listens, monotonic ms. */
  #listensSince: number | undefined;
  #stopping = false;
  #cancel: () => void = () => undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#backoff = options.backoff ?? new Backoff(Math.random, RETRIES);
    this.ended = new Promise((resolve) => (this.#settle = resolve));
  }

  /** Starts the relay for the first time. */
  begin(): void {
    this.#start();
  }

  /** Passes on a signal that doesn't end the relay. */
  pass(signal: NodeJS.Signals): void {
    this.#relay?.kill(signal);
  }

  /** Passes on a signal that ends the relay: each one, since the second makes it end at once. */
  stop(signal: NodeJS.Signals): void {
    const first = !this.#stopping;
    this.#stopping = true;
    const relay = this.#relay;
    if (first) this.#cancel();
    if (relay === undefined) this.#settle({ code: 0, signal: null });
    else {
      relay.kill(signal);
      if (first) this.#cancel = this.#options.clock.after(STOP_LIMIT, () => relay.kill('SIGKILL'));
    }
  }

  #start(): void {
    this.#listensSince = undefined;
    const relay = (this.#relay = this.#options.start());
    on(relay, 'message', (message: unknown) => {
      if (message === LISTENING) this.#listens();
    });
    once(relay, 'exit', (code: number | null, signal: NodeJS.Signals | null) => this.#exited(relay, { code, signal }));
    on(relay, 'error', (error: Error) => {
      // Else it can't be sent something, or killed: its `exit` says what became of it.
      if (relay.pid === undefined) this.#exited(relay, { code: null, signal: null }, error);
    });
  }

  #listens(): void {
    if (this.#hasListened) this.#options.log.warn({ pid: this.#relay?.pid }, 'The relay was started again');
    this.#hasListened = true;
    this.#listensSince = this.#options.clock.now();
  }

  #exited(relay: RelayProcess, { code, signal }: Ending, error?: Error): void {
    const { clock, log, sweep } = this.#options;
    this.#relay = undefined;
    sweep(relay);
    const gaveUp = !this.#hasListened && code !== null && code !== CRASHED;
    if (this.#stopping || code === 0 || gaveUp) {
      this.#cancel();
      this.#settle({ code, signal });
      return;
    }
    if (this.#listensSince !== undefined && clock.now() - this.#listensSince >= WELL) this.#backoff.reset();
    const wait = this.#backoff.next();
    const how = { code, signal, ...(error !== undefined && { reason: error.message }) };
    log.error({ ...how, retrySeconds: Math.round(wait / 100) / 10 }, 'The relay has ended unexpectedly, and is started again');
    this.#cancel = clock.after(wait, () => this.#start());
  }
}
