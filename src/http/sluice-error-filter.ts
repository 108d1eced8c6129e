import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LOG } from '../core/tokens';
import type { Log } from '../observe/log';
import { ErrorPage, wantsPage } from '../pages/error-page';
import { SluiceError } from '../protocol/error-code';
import { codedError, refuse } from './refuse';
import { pathOf, whoOf } from './who-of';

/** Answers whatever a controller throws with a coded error; what nobody foresaw is logged, and its details are kept in. */
@Catch()
export class SluiceErrorFilter implements ExceptionFilter {
  readonly #log: Log;
  readonly #page: ErrorPage;

  constructor(@Inject(LOG) log: Log, page: ErrorPage) {
    this.#log = log;
    this.#page = page;
  }

  async catch(thrown: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    const request = http.getRequest<IncomingMessage>();
    const error = thrown instanceof HttpException ? translate(thrown, request) : codedError(thrown);
    if (error.code === 'internal') this.#log.error({ ...whoOf(request), err: error.cause ?? error, method: request.method, path: pathOf(request) }, 'Cannot answer a request');
    const page = wantsPage(request) ? await this.#page.of(error).catch(() => undefined) : undefined;
    refuse(http.getResponse<ServerResponse>(), error, page);
  }
}

function translate(thrown: HttpException, request: IncomingMessage): SluiceError {
  const status = thrown.getStatus();
  if (status === 404) return new SluiceError('not-found', `Cannot find ${request.method ?? 'GET'} ${JSON.stringify(pathOf(request))}`);
  if (status < 500) return new SluiceError('bad-request', 'Cannot read the address of this request', { cause: thrown });
  return codedError(thrown);
}
