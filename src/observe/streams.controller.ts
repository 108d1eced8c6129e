import { Controller, Get, Header } from '@nestjs/common';
import type { StreamList } from '../protocol/stream-info';
import { StreamRegistry } from '../relay/stream-registry';

/** Tells programs and the dashboard which streams there are. */
@Controller('api/streams')
export class StreamsController {
  readonly #registry: StreamRegistry;

  constructor(registry: StreamRegistry) {
    this.#registry = registry;
  }

  @Get()
  @Header('Cache-Control', 'no-store')
  list(): StreamList {
    return { streams: this.#registry.list() };
  }
}
