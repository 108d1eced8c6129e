import { type IncomingMessage, ServerResponse } from 'node:http';
import { on } from '../base/guard';
import { refuse } from '../http/refuse';
import { REQUEST_ID, visitOf } from '../http/visit';
import type { SluiceError } from '../protocol/error-code';

/** Answers over HTTP on a connection that Node has handed over for an upgrade. */
export function refuseUpgrade(request: IncomingMessage, error: SluiceError): void {
  const { socket } = request;
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.setHeader(REQUEST_ID, visitOf(request).id);
  on(response, 'finish', () => socket.destroySoon());
  try {
    response.assignSocket(socket);
    refuse(response, error);
  } catch {
    // The answer to an earlier request is still on its way on this connection: it can't carry another.
    socket.destroy();
  }
}
