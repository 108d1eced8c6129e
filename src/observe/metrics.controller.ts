import { Controller, Get, Res } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { Permission } from '../access/permission';
import { Metrics } from './metrics';

/** For Prometheus. Who may administer the relay may read it; without a rule of access, programs of this machine. */
@Controller('metrics')
@Permission('admin')
export class MetricsController {
  readonly #metrics: Metrics;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  @Get()
  async read(@Res() response: ServerResponse): Promise<void> {
    const text = await this.#metrics.text();
    response.writeHead(200, { 'Content-Type': this.#metrics.contentType, 'Cache-Control': 'no-store' }).end(text);
  }
}
