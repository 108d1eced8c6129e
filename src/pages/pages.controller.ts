import { Controller, Get, Header, Inject, Req, Res } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { StreamName } from '../access/stream-name';
import type { Log } from '../base/log';
import { LOG } from '../base/tokens';
import { PageFiles, type PageName } from '../http/page-files';
import { logVisitor } from '../http/request-log';
import { SluiceError } from '../protocol/error-code';

/** The pages that people open, whatever their `Accept` says. */
@Controller()
export class PagesController {
  readonly #files: PageFiles;
  readonly #log: Log;

  constructor(files: PageFiles, @Inject(LOG) log: Log) {
    this.#files = files;
    this.#log = log;
  }

  @Get()
  @Header('Cache-Control', 'no-cache')
  dashboard(@Req() request: IncomingMessage, @Res({ passthrough: true }) response: ServerResponse): Promise<string> {
    return this.#show('dashboard', { request, response });
  }

  @Get('streams/:name')
  @Header('Cache-Control', 'no-cache')
  stream(@StreamName() _name: string, @Req() request: IncomingMessage, @Res({ passthrough: true }) response: ServerResponse): Promise<string> {
    return this.#show('stream', { request, response });
  }

  @Get('watch/:name')
  @Header('Cache-Control', 'no-cache')
  watch(@StreamName() _name: string, @Req() request: IncomingMessage, @Res({ passthrough: true }) response: ServerResponse): Promise<string> {
    this.#checkUpgrade(request);
    return this.#show('watch', { request, response });
  }

  @Get('publish/:name')
  @Header('Cache-Control', 'no-cache')
  studio(@StreamName() _name: string, @Req() request: IncomingMessage, @Res({ passthrough: true }) response: ServerResponse): Promise<string> {
    this.#checkUpgrade(request);
    return this.#show('studio', { request, response });
  }

  /**
   * Refuses a request for a WebSocket that has come as an ordinary one: a proxy that isn't set up for them has taken "Upgrade" out of it.
   * @throws SluiceError `upgrade-required`.
   */
  #checkUpgrade(request: IncomingMessage): void {
    const { headers } = request;
    if (headers['sec-websocket-key'] === undefined && headers['sec-websocket-version'] === undefined) return;
    const error = new SluiceError('upgrade-required', 'Cannot open a WebSocket: a proxy has removed "Upgrade" from the request, or speaks HTTP/1.0');
    logVisitor(this.#log, request, error);
    throw error;
  }

  async #show(name: PageName, { request, response }: { request: IncomingMessage; response: ServerResponse }): Promise<string> {
    const page = await this.#files.read(name, request.url ?? '/');
    response.statusCode = page === undefined ? 503 : 200;
    response.setHeader('Content-Type', page === undefined ? 'text/plain; charset=utf-8' : 'text/html; charset=utf-8');
    return page ?? 'The pages are not built yet. Run "npm run build", then load this page again.\n';
  }
}
