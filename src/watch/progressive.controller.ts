import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Grant } from '../access/grant';
import { LiveGrant } from '../access/live-grant';
import { Granted, Permission } from '../access/permission';
import { StreamName } from '../access/stream-name';
import { ViewerSeats } from '../access/viewer-seats';
import { on } from '../base/guard';
import { CLOCK } from '../base/tokens';
import { addressOf } from '../http/address';
import { mountOf } from '../http/mount';
import { codedError } from '../http/refuse';
import { queryOf } from '../http/request-target';
import { whenGone } from '../http/when-gone';
import type { Container } from '../media/chunk';
import { SluiceError } from '../protocol/error-code';
import type { Clock } from '../relay/clock';
import { StreamRegistry } from '../relay/stream-registry';
import { progressiveHeaders, ProgressiveOutlet } from './progressive-outlet';
import { readContinuous } from './watch-query';

/** Streams as endless files, for `ffplay`, VLC and a plain `<video>`. */
@Controller('watch')
@Permission('watch')
export class ProgressiveController {
  readonly #registry: StreamRegistry;
  readonly #seats: ViewerSeats;
  readonly #clock: Clock;

  constructor(registry: StreamRegistry, seats: ViewerSeats, @Inject(CLOCK) clock: Clock) {
    this.#registry = registry;
    this.#seats = seats;
    this.#clock = clock;
  }

  @Get(':name.mp4')
  mp4(@StreamName() name: string, @Req() request: IncomingMessage, @Res() response: ServerResponse, @Granted() grant: Grant): void {
    this.#serve({ name, container: 'mp4', request, response, grant });
  }

  @Get(':name.webm')
  webm(@StreamName() name: string, @Req() request: IncomingMessage, @Res() response: ServerResponse, @Granted() grant: Grant): void {
    this.#serve({ name, container: 'webm', request, response, grant });
  }

  #serve({ name, container, request, response, grant }: { name: string; container: Container; request: IncomingMessage; response: ServerResponse; grant: Grant }): void {
    const continuous = readContinuous(queryOf(request));
    this.#checkContainer(request, { name, wanted: container });
    if (request.method === 'HEAD') {
      response.writeHead(200, progressiveHeaders(container)).end();
      return;
    }
    // Gone already: its `close` has passed.
    if (request.socket.destroyed) return;
    const address = addressOf(request);
    whenGone(response, this.#seats.take({ name, address }));
    const viewer = this.#registry.watch(name, new ProgressiveOutlet(response, { clock: this.#clock, continuous }), { address });
    on(response, 'drain', () => viewer.drained(), { failed: (error) => viewer.fail(codedError(error)) });
    const live = new LiveGrant({ grant, clock: this.#clock, ended: (error) => viewer.fail(error) });
    whenGone(response, () => {
      live.release();
      viewer.close();
    });
  }

  #checkContainer(request: IncomingMessage, { name, wanted }: { name: string; wanted: Container }): void {
    const container = this.#registry.get(name)?.epoch?.init.container;
    if (container === undefined) throw new SluiceError('no-stream', `Cannot find the stream "${name}": nobody publishes it`);
    if (container !== wanted) throw new SluiceError('wrong-container', `"${name}" is ${container === 'webm' ? 'WebM' : 'MP4'}: it is at ${mountOf(request)}/watch/${name}.${container}`);
  }
}
