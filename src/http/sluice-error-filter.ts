import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { reportFault } from '../base/faults';
import { guard } from '../base/guard';
import { SluiceError } from '../protocol/error-code';
import { ErrorPage, wantsPage } from './error-page';
import { codedError, refuse } from './refuse';
import { pathOf, whoOf } from './who-of';

/** Answers whatever a controller throws with a coded error; what nobody foresaw is reported, and its details are kept in. */
@Catch()
export class SluiceErrorFilter implements ExceptionFilter {
  readonly #page: ErrorPage;

  constructor(page: ErrorPage) {
    this.#page = page;
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<IncomingMessage>();
    const response = http.getResponse<ServerResponse>();
    const cause = thrown instanceof SluiceError ? (thrown.cause ?? thrown) : thrown;
    if (isFault(thrown)) reportFault(cause, 'a request', { ...whoOf(request), method: request.method, path: pathOf(request) });
    guard('the answer to a request', () => this.#answer(thrown, request, response), () => response.destroy());
  }

  async #answer(thrown: unknown, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const error = thrown instanceof HttpException ? translate(thrown, request) : codedError(thrown);
    const page = wantsPage(request) ? await this.#page.of(error, request.url ?? '/').catch(() => undefined) : undefined;
    refuse(response, error, page);
  }
}

/** Whether it is ours that this was thrown. */
function isFault(thrown: unknown): boolean {
  if (thrown instanceof HttpException) return thrown.getStatus() >= 500;
  return !(thrown instanceof SluiceError) || thrown.code === 'internal';
}

function translate(thrown: HttpException, request: IncomingMessage): SluiceError {
  const status = thrown.getStatus();
  if (status === 404) return new SluiceError('not-found', `Cannot find ${request.method ?? 'GET'} ${JSON.stringify(pathOf(request))}`);
  if (status < 500) return new SluiceError('bad-request', 'Cannot read the address of this request', { cause: thrown });
  return codedError(thrown);
}
