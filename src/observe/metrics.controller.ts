import { Controller, Get, Req, Res } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Access } from '../access/access';
import { Metrics } from './metrics';

/** For Prometheus. Who may administer the relay may read it; without a rule of access, programs of this machine. */
@Controller('metrics')
export class MetricsController {
  readonly #access: Access;
  readonly #metrics: Metrics;

  constructor(access: Access, metrics: Metrics) {
    this.#access = access;
    this.#metrics = metrics;
  }

  @Get()
  async read(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    await this.#access.authorize(request, 'admin', '');
    const text = await this.#metrics.text();
    response.writeHead(200, { 'Content-Type': this.#metrics.contentType, 'Cache-Control': 'no-store' }).end(text);
  }
}
