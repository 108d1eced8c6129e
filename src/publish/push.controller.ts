import { type BeforeApplicationShutdown, Controller, Inject, Param, Post, Put, Req, Res } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Config } from '../config/config';
import { once } from '../core/guard';
import { CLOCK, CONFIG, LOG } from '../core/tokens';
import { goOn } from '../http/expectations';
import { codedError } from '../http/refuse';
import type { Log } from '../observe/log';
import type { Clock } from '../relay/clock';
import { StreamRegistry } from '../relay/stream-registry';
import { HttpPush, logRefusal } from './http-push';
import { PushAdmission } from './push-admission';

/** The door for what speaks plain HTTP: ffmpeg, curl. */
@Controller('publish/:name')
export class PushController implements BeforeApplicationShutdown {
  readonly #admission: PushAdmission;
  readonly #registry: StreamRegistry;
  readonly #config: Config;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #pushes = new Set<HttpPush>();

  constructor(admission: PushAdmission, registry: StreamRegistry, @Inject(CONFIG) config: Config, @Inject(CLOCK) clock: Clock, @Inject(LOG) log: Log) {
    this.#admission = admission;
    this.#registry = registry;
    this.#config = config;
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

  beforeApplicationShutdown(): void {
    for (const push of this.#pushes) push.stop();
  }

  async #take(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const admitted = await this.#admission.admit(request, name);
      if (request.socket.destroyed) return;
      once(request, 'close', this.#admission.takeSeat(admitted));
      const push = new HttpPush({
        request,
        response,
        push: admitted,
        registry: this.#registry,
        limits: this.#config,
        rates: this.#config,
        idleTimeout: this.#config.idleTimeout,
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
