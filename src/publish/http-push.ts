import type { IncomingMessage, ServerResponse } from 'node:http';
import { LiveGrant } from '../access/live-grant';
import { on, once } from '../base/guard';
import type { Log } from '../base/log';
import { addressOf } from '../http/address';
import { codedError, refuse } from '../http/refuse';
import { type Who, whoOf } from '../http/who-of';
import type { InitSegment } from '../media/chunk';
import type { MediaLimits } from '../media/container-parser';
import { SluiceError } from '../protocol/error-code';
import { shownName } from '../protocol/stream-name';
import type { Clock } from '../relay/clock';
import type { StreamRegistry } from '../relay/stream-registry';
import type { MediaRefusals } from './media-refusals';
import { NO_KEYFRAME, Publisher, type PublisherDoor } from './publisher';
import type { MediaRates } from './publisher-pace';
import { type AdmittedPush, pusherOf } from './push-admission';

interface HttpPushOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly push: AdmittedPush;
  readonly registry: StreamRegistry;
  readonly refusals: MediaRefusals;
  readonly limits: MediaLimits;
  readonly rates: MediaRates;
  /** How long nothing may come, ms. */
  readonly idleTimeout: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** One PUT or POST whose body is media: it is answered when the body ends, or when it can't be taken any more. */
export class HttpPush implements PublisherDoor {
  readonly #options: HttpPushOptions;
  readonly #publisher: Publisher;
  readonly #log: Who & { readonly name: string };
  #over = false;
  /** Whether its body is whole. */
  #whole = false;

  /** @throws SluiceError `name-in-use`. */
  constructor(options: HttpPushOptions) {
    this.#options = options;
    const { request, push, idleTimeout, registry, limits, rates, clock } = options;
    this.#log = { ...whoOf(request), name: push.name };
    this.#publisher = new Publisher({ ...push, origin: { transport: 'http', address: addressOf(request) }, registry, limits, rates, clock, patience: { beforeLive: idleTimeout, live: idleTimeout }, door: this });
    const grant = new LiveGrant({ grant: push.grant, clock, ended: (error) => this.#publisher.fail(error) });
    once(request, 'close', () => grant.release());
    const failed = (error: unknown): void => this.#publisher.fail(codedError(error));
    on(request, 'data', (bytes: Buffer) => this.#publisher.push(bytes), { failed });
    once(request, 'end', () => {
      this.#whole = true;
      this.#publisher.after(() => this.#end());
    }, { failed });
    once(request, 'close', () => {
      if (!this.#whole) this.#lost();
    });
    // A broken connection: `close` follows.
    on(request, 'error', () => undefined);
  }

  live({ container, mime }: InitSegment): void {
    this.#options.log.info({ ...this.#log, container, mime }, 'Publisher is live');
    this.#options.refusals.forget(pusherOf(this.#options.request, this.#options.push));
  }

  jumped(seconds: number): void {
    this.#options.log.warn({ ...this.#log, seconds }, 'Timestamps jumped: a new epoch begins');
  }

  keyframeMissing(seconds: number): void {
    this.#options.log.warn({ ...this.#log, seconds: Math.round(seconds) }, NO_KEYFRAME);
  }

  keyframe(): void {
    // HTTP has no way back to the encoder.
  }

  hold(held: boolean): void {
    if (held) this.#options.request.pause();
    else this.#options.request.resume();
  }

  /** The relay stops. */
  stop(): void {
    if (this.#over) return;
    this.#publisher.lost();
    this.failed(new SluiceError('restarting', 'Cannot take more: the relay is stopping', { retryAfter: 1 }));
  }

  failed(error: SluiceError): void {
    this.#over = true;
    this.#options.refusals.note(pusherOf(this.#options.request, this.#options.push), error);
    logRefusal(this.#options.log, this.#options.request, { name: this.#log.name, error });
    refuse(this.#options.response, error);
  }

  #end(): void {
    this.#publisher.end();
    if (this.#over) return;
    this.#over = true;
    const { response, log } = this.#options;
    const { bytes } = this.#publisher;
    log.info({ ...this.#log, bytes }, 'Publisher has ended');
    const body = JSON.stringify({ name: this.#log.name, bytes });
    response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': Buffer.byteLength(body) });
    response.end(body);
  }

  #lost(): void {
    if (this.#over) return;
    this.#over = true;
    this.#publisher.lost();
    this.#options.log.warn({ ...this.#log, bytes: this.#publisher.bytes }, 'Publisher broke off');
  }
}

/** Tells the log why somebody may not publish, or no longer. */
export function logRefusal(log: Log, request: IncomingMessage, { name, error }: { name: string; error: SluiceError }): void {
  log.warn({ ...whoOf(request), name: shownName(name), code: error.code, reason: error.message }, 'Publisher is refused');
}
