import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { reportFault } from '../base/faults';
import type { Log } from '../base/log';
import { redact } from '../base/redact';
import { postSigned, type SignedTarget } from '../http/signed-post';
import type { RelayEvent } from '../protocol/api-event';
import { Backoff, RETRY } from '../protocol/backoff';
import type { Clock } from '../relay/clock';
import type { RelayEvents } from './relay-events';

/** How long the service may take to answer, ms, and how long all of what is left may take where the relay stops. */
const TIME_LIMIT = 5_000;
const LAST_TIME = 2_000;
/** How many events wait at most; of more, the oldest is given up. */
const MAX_QUEUED = 100;
/** How often each is tried. */
const MAX_TRIES = 5;
/** How often the log is told of failures, ms. */
const COMPLAINT_INTERVAL = 60_000;

interface EventsWebhookOptions {
  /** Where events are posted to; undefined: nowhere. */
  readonly target: SignedTarget | undefined;
  readonly events: RelayEvents;
  readonly clock: Clock;
  readonly log: Log;
  readonly backoff?: Backoff;
}

/** Tells a service of the operator's that streams have begun and ended, one after the other, and again if it doesn't answer. */
export class EventsWebhook implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #options: EventsWebhookOptions;
  readonly #backoff: Backoff;
  readonly #queue: RelayEvent[] = [];
  readonly #abort = new AbortController();
  #stopListening: () => void = () => undefined;
  #delivery: Promise<void> | undefined;
  #wake: () => void = () => undefined;
  #closing = false;
  #lost = 0;
  #complainedAt = -Infinity;

  constructor(options: EventsWebhookOptions) {
    this.#options = options;
    this.#backoff = options.backoff ?? new Backoff(Math.random, RETRY);
  }

  onApplicationBootstrap(): void {
    if (this.#options.target !== undefined) this.#stopListening = this.#options.events.listen((event) => this.#take(event));
  }

  /** Tries once more what is left, for two seconds. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#stopListening();
    this.#closing = true;
    this.#wake();
    const cancel = this.#options.clock.after(LAST_TIME, () => this.#abort.abort());
    await this.#delivery;
    cancel();
  }

  #take(event: RelayEvent): void {
    if (!isWanted(event)) return;
    this.#queue.push(event);
    // The first is under way.
    if (this.#queue.length > MAX_QUEUED) this.#giveUp(1, 'Too many events wait');
    this.#delivery ??= this.#deliver();
  }

  async #deliver(): Promise<void> {
    try {
      for (let event = this.#queue[0]; event !== undefined; event = this.#queue[0]) {
        const reason = await this.#tryToSend(event);
        if (reason === undefined) this.#queue.shift();
        else this.#giveUp(0, reason);
      }
    } catch (error) {
      reportFault(error, 'the events webhook');
    }
    this.#delivery = undefined;
  }

  /** Sends it, as often as it takes; why it can't be sent, if so. */
  async #tryToSend(event: RelayEvent): Promise<string | undefined> {
    this.#backoff.reset();
    for (let tries = 1; ; tries++) {
      const reason = await this.#send(event);
      if (reason === undefined || tries >= MAX_TRIES || this.#closing) return reason;
      await this.#sleep(this.#backoff.next());
    }
  }

  async #send(event: RelayEvent): Promise<string | undefined> {
    const { target } = this.#options;
    if (target === undefined) return undefined;
    try {
      const response = await postSigned(target, event, AbortSignal.any([this.#abort.signal, AbortSignal.timeout(TIME_LIMIT)]));
      await response.body?.cancel();
      return response.ok ? undefined : `It answered with status ${response.status}`;
    } catch (error) {
      const { message, cause } = error as Error;
      return cause instanceof Error ? `${message}: ${cause.message}` : message;
    }
  }

  #giveUp(index: number, reason: string): void {
    this.#queue.splice(index, 1);
    this.#lost++;
    const { clock, log, target } = this.#options;
    if (clock.now() - this.#complainedAt < COMPLAINT_INTERVAL) return;
    this.#complainedAt = clock.now();
    log.warn({ url: redact(String(target?.url)), reason, lost: this.#lost }, 'Events could not be posted');
    this.#lost = 0;
  }

  #sleep(time: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(time, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}

/** A stream that goes on after its publisher broke off hasn't begun anew. */
function isWanted(event: RelayEvent): boolean {
  return event.type === 'stream-ended' || (event.type === 'stream-live' && !event.resumed);
}
