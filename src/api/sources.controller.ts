import { Get, Header, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import type { IncomingMessage } from 'node:http';
import { SluiceError } from '../protocol/error-code';
import type { SourceInfo, SourceList } from '../protocol/source-info';
import { type Source, Sources } from '../ffmpeg/sources';
import { checkName, StreamRegistry } from '../relay/stream-registry';
import { ApiAccess } from './api-access';
import { Answers, ApiController } from './api-controller';

/** Tells of the sources that the operator configured, and stops and starts them. It takes no addresses. */
@ApiController('sources')
export class SourcesController {
  readonly #sources: Sources;
  readonly #registry: StreamRegistry;
  readonly #access: ApiAccess;

  constructor(sources: Sources, registry: StreamRegistry, access: ApiAccess) {
    this.#sources = sources;
    this.#registry = registry;
    this.#access = access;
  }

  @Get()
  @ApiOperation({ summary: 'Lists the sources that the operator configured' })
  @Answers('SourceList')
  @Header('Cache-Control', 'no-store')
  async list(@Req() request: IncomingMessage): Promise<SourceList> {
    await this.#access.admin(request);
    return { sources: this.#sources.list() };
  }

  /** One whose stream was ended may go on at once. */
  @Post(':name/start')
  @ApiOperation({ summary: 'Starts a source' })
  @Answers('Source')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async start(@Param('name') name: string, @Req() request: IncomingMessage): Promise<SourceInfo> {
    const source = await this.#find(name, request);
    this.#registry.readmit(name);
    source.start();
    return source.info;
  }

  @Post(':name/stop')
  @ApiOperation({ summary: 'Stops a source' })
  @Answers('Source')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async stop(@Param('name') name: string, @Req() request: IncomingMessage): Promise<SourceInfo> {
    const source = await this.#find(name, request);
    await source.stop();
    return source.info;
  }

  async #find(name: string, request: IncomingMessage): Promise<Source> {
    checkName(name);
    await this.#access.admin(request);
    const source = this.#sources.get(name);
    if (source === undefined) throw new SluiceError('no-source', `Cannot find the source "${name}": the relay was started without it`);
    return source;
  }
}
