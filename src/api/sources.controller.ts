import { Get, Header, HttpCode, Post } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { StreamName } from '../access/stream-name';
import { type Source, Sources } from '../ffmpeg/sources';
import { SluiceError } from '../protocol/error-code';
import type { SourceInfo, SourceList } from '../protocol/source-info';
import { StreamRegistry } from '../relay/stream-registry';
import { Answers, ApiController } from './api-controller';

/** Tells of the sources that the operator configured, and stops and starts them. It takes no addresses. */
@ApiController('sources', 'admin')
export class SourcesController {
  readonly #sources: Sources;
  readonly #registry: StreamRegistry;

  constructor(sources: Sources, registry: StreamRegistry) {
    this.#sources = sources;
    this.#registry = registry;
  }

  @Get()
  @ApiOperation({ summary: 'Lists the sources that the operator configured' })
  @Answers('SourceList')
  @Header('Cache-Control', 'no-store')
  list(): SourceList {
    return { sources: this.#sources.list() };
  }

  /** One whose stream was ended may go on at once. */
  @Post(':name/start')
  @ApiOperation({ summary: 'Starts a source' })
  @Answers('Source')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  start(@StreamName() name: string): SourceInfo {
    const source = this.#find(name);
    this.#registry.readmit(name);
    source.start();
    return source.info;
  }

  @Post(':name/stop')
  @ApiOperation({ summary: 'Stops a source' })
  @Answers('Source')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async stop(@StreamName() name: string): Promise<SourceInfo> {
    const source = this.#find(name);
    await source.stop();
    return source.info;
  }

  #find(name: string): Source {
    const source = this.#sources.get(name);
    if (source === undefined) throw new SluiceError('no-source', `Cannot find the source "${name}": the relay was started without it`);
    return source;
  }
}
