import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { on } from '../core/guard';
import { codedError, refuse } from '../http/refuse';
import type { SecurityHeaders } from '../http/security-headers';
import type { Log } from '../observe/log';
import { SluiceError } from '../protocol/error-code';
import { logRefusal } from './http-push';
import type { PushAdmission } from './push-admission';

const PUBLISH_PATH = /^\/publish\/([^/?#]+)\/?(?:\?|$)/;

/** Answers `Expect: 100-continue`: ffmpeg prints a refusal only if it comes before it was told to go on. Nothing else can be expected. */
export function checkBeforeContinue(server: Server, { admission, headers, log }: { admission: PushAdmission; headers: SecurityHeaders; log: Log }): void {
  const check = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    headers(request, response, () => undefined);
    const name = PUBLISH_PATH.exec(request.url ?? '')?.[1];
    try {
      if (name !== undefined && request.method !== 'GET') await admission.admit(request, decode(name));
    } catch (thrown) {
      const error = codedError(thrown);
      logRefusal(log, request, { name: name ?? '', error });
      refuse(response, error);
      return;
    }
    response.writeContinue();
    server.emit('request', request, response);
  };
  on(server, 'checkContinue', check, { failed: (_error, _request, response) => response.destroy() });
  on(server, 'checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    headers(request, response, () => undefined);
    const expected = JSON.stringify((request.headers.expect ?? '').slice(0, 80));
    refuse(response, new SluiceError('bad-request', `Cannot do what is expected: ${expected} is not "100-continue"`));
  });
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch (cause) {
    throw new SluiceError('bad-name', 'Cannot read the name of the stream in this address', { cause });
  }
}
