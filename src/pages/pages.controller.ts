import { Controller, Get, Header, Param, Res } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { checkName } from '../relay/stream-registry';
import { PageFiles, type PageName } from './page-files';

/** The pages that people open, whatever their `Accept` says. */
@Controller()
export class PagesController {
  readonly #files: PageFiles;

  constructor(files: PageFiles) {
    this.#files = files;
  }

  @Get()
  @Header('Cache-Control', 'no-cache')
  dashboard(@Res({ passthrough: true }) response: ServerResponse): Promise<string> {
    return this.#show('dashboard', response);
  }

  @Get('streams/:name')
  @Header('Cache-Control', 'no-cache')
  stream(@Param('name') name: string, @Res({ passthrough: true }) response: ServerResponse): Promise<string> {
    checkName(name);
    return this.#show('stream', response);
  }

  @Get('watch/:name')
  @Header('Cache-Control', 'no-cache')
  watch(@Param('name') name: string, @Res({ passthrough: true }) response: ServerResponse): Promise<string> {
    checkName(name);
    return this.#show('watch', response);
  }

  @Get('publish/:name')
  @Header('Cache-Control', 'no-cache')
  studio(@Param('name') name: string, @Res({ passthrough: true }) response: ServerResponse): Promise<string> {
    checkName(name);
    return this.#show('studio', response);
  }

  async #show(name: PageName, response: ServerResponse): Promise<string> {
    const page = await this.#files.read(name);
    response.statusCode = page === undefined ? 503 : 200;
    response.setHeader('Content-Type', page === undefined ? 'text/plain; charset=utf-8' : 'text/html; charset=utf-8');
    return page ?? 'The pages are not built yet. Run "npm run build", then load this page again.\n';
  }
}
