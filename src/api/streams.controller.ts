import { Delete, Get, Header, HttpCode, Param, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation } from '@nestjs/swagger';
import type { IncomingMessage } from 'node:http';
import { credentialOf } from '../access/credential';
import { SluiceError } from '../protocol/error-code';
import type { StreamDetail } from '../protocol/stream-detail';
import type { StreamInfo, StreamList } from '../protocol/stream-info';
import type { ViewerList } from '../protocol/viewer-info';
import type { Stream } from '../relay/stream';
import { checkName, StreamRegistry } from '../relay/stream-registry';
import { ApiAccess } from './api-access';
import { Answers, ApiController } from './api-controller';
import { StreamHistories } from './stream-histories';
import { streamDetail, viewerList } from './stream-report';

/** Tells programs and the dashboard which streams there are, and ends them. */
@ApiController('streams')
export class StreamsController {
  readonly #registry: StreamRegistry;
  readonly #access: ApiAccess;
  readonly #histories: StreamHistories;

  constructor(registry: StreamRegistry, access: ApiAccess, histories: StreamHistories) {
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
  async one(@Param('name') name: string, @Req() request: IncomingMessage): Promise<StreamDetail | StreamInfo> {
    checkName(name);
    const admin = await this.#access.may(() => this.#access.admin(request));
    if (!admin) await this.#access.watch(request, name);
    const stream = this.#find(name);
    const told = admin ? streamDetail(stream, this.#histories.of(name)) : stream.info;
    if (told === undefined) throw noStream(name);
    return told;
  }

  @Delete(':name')
  @HttpCode(204)
  @ApiOperation({ summary: 'Ends a stream; nobody may publish its name for a while' })
  @ApiNoContentResponse({ description: 'It is over' })
  async end(@Param('name') name: string, @Req() request: IncomingMessage): Promise<void> {
    checkName(name);
    await this.#access.admin(request);
    this.#registry.end(name);
  }

  @Get(':name/viewers')
  @ApiOperation({ summary: 'Lists the viewers of a stream' })
  @Answers('ViewerList')
  @Header('Cache-Control', 'no-store')
  async viewers(@Param('name') name: string, @Req() request: IncomingMessage): Promise<ViewerList> {
    checkName(name);
    await this.#access.admin(request);
    return viewerList(this.#find(name));
  }

  @Delete(':name/viewers/:id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Disconnects a viewer' })
  @ApiNoContentResponse({ description: 'It is gone' })
  async disconnect(@Param('name') name: string, @Param('id') id: string, @Req() request: IncomingMessage): Promise<void> {
    checkName(name);
    await this.#access.admin(request);
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
