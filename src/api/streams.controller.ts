import { Delete, Get, Header, HttpCode, Param, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation } from '@nestjs/swagger';
import type { IncomingMessage } from 'node:http';
import { Access } from '../access/access';
import { credentialOf } from '../access/credential';
import { Permission } from '../access/permission';
import { StreamName } from '../access/stream-name';
import { SluiceError } from '../protocol/error-code';
import type { StreamDetail } from '../protocol/stream-detail';
import type { StreamInfo, StreamList } from '../protocol/stream-info';
import type { ViewerList } from '../protocol/viewer-info';
import type { Stream } from '../relay/stream';
import { StreamRegistry } from '../relay/stream-registry';
import { Answers, ApiController } from './api-controller';
import { StreamHistories } from './stream-histories';
import { streamDetail, viewerList } from './stream-report';

/** Tells programs and the dashboard which streams there are, and ends them. */
@ApiController('streams')
export class StreamsController {
  readonly #registry: StreamRegistry;
  readonly #access: Access;
  readonly #histories: StreamHistories;

  constructor(registry: StreamRegistry, access: Access, histories: StreamHistories) {
    this.#registry = registry;
    this.#access = access;
    this.#histories = histories;
  }

  /** Of private streams those that the visitor may watch. */
  @Get()
  @ApiOperation({ summary: 'Lists the streams' })
  @Answers('StreamList')
  @Header('Cache-Control', 'no-store')
  async list(@Req() request: IncomingMessage): Promise<StreamList> {
    const streams = this.#registry.list();
    if (!this.#access.private) return { streams };
    if (credentialOf(request) === undefined) throw new SluiceError('not-authenticated', 'Cannot tell which streams there are without a key or token');
    const visible = await this.#access.watchable(request, streams.map(({ name }) => name));
    return { streams: streams.filter(({ name }) => visible.has(name)) };
  }

  /** All of it to an administrator, in short to whoever may watch it. */
  @Get(':name')
  @ApiOperation({ summary: 'Tells of one stream: all to an administrator, in short to whoever may watch it' })
  @Answers('StreamDetail', 'Stream')
  @Header('Cache-Control', 'no-store')
  async one(@StreamName() name: string, @Req() request: IncomingMessage): Promise<StreamDetail | StreamInfo> {
    const admin = await this.#access.may(request, 'admin', '');
    if (!admin) await this.#access.authorize(request, 'watch', name);
    const stream = this.#find(name);
    const told = admin ? streamDetail(stream, this.#histories.of(name)) : stream.info;
    if (told === undefined) throw noStream(name);
    return told;
  }

  @Delete(':name')
  @Permission('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Ends a stream; nobody may publish its name for a while' })
  @ApiNoContentResponse({ description: 'It is over' })
  end(@StreamName() name: string): void {
    this.#registry.end(name);
  }

  @Get(':name/viewers')
  @Permission('admin')
  @ApiOperation({ summary: 'Lists the viewers of a stream' })
  @Answers('ViewerList')
  @Header('Cache-Control', 'no-store')
  viewers(@StreamName() name: string): ViewerList {
    return viewerList(this.#find(name));
  }

  @Delete(':name/viewers/:id')
  @Permission('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Disconnects a viewer' })
  @ApiNoContentResponse({ description: 'It is gone' })
  disconnect(@StreamName() name: string, @Param('id') id: string): void {
    const error = new SluiceError('disconnected', `Cannot go on watching "${name}": who runs the relay has disconnected this viewer`);
    if (!this.#find(name).disconnect(id, error)) throw new SluiceError('no-viewer', `Cannot find that viewer of "${name}"`);
  }

  #find(name: string): Stream {
    const stream = this.#registry.get(name);
    if (stream === undefined) throw noStream(name);
    return stream;
  }
}

function noStream(name: string): SluiceError {
  return new SluiceError('no-stream', `Cannot find the stream "${name}": nobody publishes it`);
}
