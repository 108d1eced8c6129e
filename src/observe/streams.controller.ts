import { Controller, Get, Header, Req } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { Access } from '../access/access';
import { credentialOf } from '../access/credential';
import { SluiceError } from '../protocol/error-code';
import type { StreamInfo, StreamList } from '../protocol/stream-info';
import { StreamRegistry } from '../relay/stream-registry';

/** Tells programs and the dashboard which streams there are: of private ones those that the visitor may watch. */
@Controller('api/streams')
export class StreamsController {
  readonly #registry: StreamRegistry;
  readonly #access: Access;

  constructor(registry: StreamRegistry, access: Access) {
    this.#registry = registry;
    this.#access = access;
  }

  @Get()
  @Header('Cache-Control', 'no-store')
  async list(@Req() request: IncomingMessage): Promise<StreamList> {
    const streams = this.#registry.list();
    if (!this.#access.private) return { streams };
    if (credentialOf(request) === undefined) throw new SluiceError('not-authenticated', 'Cannot tell which streams there are without a key or token');
    const visible = await Promise.all(streams.map((stream) => this.#mayWatch(request, stream)));
    return { streams: streams.filter((_stream, index) => visible[index]) };
  }

  async #mayWatch(request: IncomingMessage, { name }: StreamInfo): Promise<boolean> {
    try {
      await this.#access.authorize(request, 'watch', name);
      return true;
    } catch (thrown) {
      if (thrown instanceof SluiceError && thrown.entry.status < 500) return false;
      throw thrown;
    }
  }
}
