import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AccessPolicy } from '../access/access-policy';
import { addressOf } from '../http/address-of';
import type { Container } from '../media/chunk';
import { SluiceError } from '../protocol/error-code';
import { checkName, StreamRegistry } from '../relay/stream-registry';
import { progressiveHeaders, ProgressiveOutlet } from './progressive-outlet';
import { ViewerSeats } from './viewer-seats';

/** Streams as endless files, for `ffplay`, VLC and a plain `<video>`. */
@Controller('watch')
export class ProgressiveController {
  readonly #registry: StreamRegistry;
  readonly #access: AccessPolicy;
  readonly #seats: ViewerSeats;

  constructor(registry: StreamRegistry, access: AccessPolicy, seats: ViewerSeats) {
    this.#registry = registry;
    this.#access = access;
    this.#seats = seats;
  }

  @Get(':name.mp4')
  mp4(@Param('name') name: string, @Req() request: IncomingMessage, @Res() response: ServerResponse): void {
    this.#serve({ name, container: 'mp4', request, response });
  }

  @Get(':name.webm')
  webm(@Param('name') name: string, @Req() request: IncomingMessage, @Res() response: ServerResponse): void {
    this.#serve({ name, container: 'webm', request, response });
  }

  #serve({ name, container, request, response }: { name: string; container: Container; request: IncomingMessage; response: ServerResponse }): void {
    this.#access.checkVisitor(request);
    this.#checkContainer(name, container);
    if (request.method === 'HEAD') {
      response.writeHead(200, progressiveHeaders(container)).end();
      return;
    }
    // Gone already: its `close` has passed.
    if (request.socket.destroyed) return;
    response.on('close', this.#seats.take({ name, address: addressOf(request) }));
    const viewer = this.#registry.watch(name, new ProgressiveOutlet(response));
    response.on('drain', () => viewer.drained());
    response.on('close', () => viewer.close());
  }

  #checkContainer(name: string, wanted: Container): void {
    checkName(name);
    const container = this.#registry.get(name)?.epoch?.init.container;
    if (container === undefined) throw new SluiceError('no-stream', `Cannot find the stream "${name}": nobody publishes it`);
    if (container !== wanted) throw new SluiceError('wrong-container', `"${name}" is ${container === 'webm' ? 'WebM' : 'MP4'}: it is at /watch/${name}.${container}`);
  }
}
