import { type BeforeApplicationShutdown, Controller, Inject, Param, Post, Put, Req, Res } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from '../base/guard';
import type { Log } from '../base/log';
import { CLOCK, CONFIG, LOG } from '../base/tokens';
import { goOn } from '../http/expectations';
import { codedError } from '../http/refuse';
import type { Clock } from '../relay/clock';
import { StreamRegistry } from '../relay/stream-registry';
import { HttpPush, logRefusal } from './http-push';
import { MediaRefusals } from './media-refusals';
import type { PublishOptions } from './publish-options';
import { PushAdmission } from './push-admission';

/** The door for what speaks plain HTTP: ffmpeg, curl. */
@Controller('publish/:name')
export class PushController implements BeforeApplicationShutdown {
  readonly #admission: PushAdmission;
  readonly #registry: StreamRegistry;
  readonly #options: PublishOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #refusals: MediaRefusals;
  readonly #pushes = new Set<HttpPush>();

  constructor(admission: PushAdmission, registry: StreamRegistry, refusals: MediaRefusals, @Inject(CONFIG) options: PublishOptions, @Inject(CLOCK) clock: Clock, @Inject(LOG) log: Log) {
    this.#admission = admission;
    this.#registry = registry;
    this.#refusals = refusals;
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
  }

  @Put()
  put(@Param('name') name: string, @Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    return this.#take(name, request, response);
  }

  @Post()
  post(@Param('name') name: string, @Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    return this.#take(name, request, response);
  }

  @Put('*file')
  putFile(@Param('name') name: string, @Req() request: IncomingMessage): Promise<never> {
    return this.#refuseFile(name, request);
  }

  @Post('*file')
  postFile(@Param('name') name: string, @Req() request: IncomingMessage): Promise<never> {
    return this.#refuseFile(name, request);
  }

  beforeApplicationShutdown(): void {
    for (const push of this.#pushes) push.stop();
  }

  /** One of the many files that an encoder writes for HLS or DASH. */
  async #refuseFile(name: string, request: IncomingMessage): Promise<never> {
    try {
      return await this.#admission.refuseFile(request, name);
    } catch (error) {
      logRefusal(this.#log, request, { name, error: codedError(error) });
      throw error;
    }
  }

  async #take(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const admitted = await this.#admission.admitBody(request, name);
      if (request.socket.destroyed) return;
      once(request, 'close', this.#admission.takeSeat(admitted));
      const push = new HttpPush({
        request,
        response,
        push: admitted,
        registry: this.#registry,
        refusals: this.#refusals,
        limits: this.#options,
        rates: this.#options,
        idleTimeout: this.#options.idleTimeout,
        clock: this.#clock,
        log: this.#log,
      });
      goOn(request, response);
      this.#pushes.add(push);
      once(request, 'close', () => this.#pushes.delete(push));
    } catch (error) {
      logRefusal(this.#log, request, { name, error: codedError(error) });
      throw error;
    }
  }
}
