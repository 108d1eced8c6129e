import type { IncomingMessage, ServerResponse } from 'node:http';
import { codedError, refuse } from '../http/refuse';
import type { AccessPolicy } from './access-policy';

/** Refuses, before any route, what isn't meant for this relay, and what another site's page would change here. */
export function visitorCheck(policy: AccessPolicy) {
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    try {
      if (request.method === 'GET' || request.method === 'HEAD') policy.checkHost(request);
      else policy.checkVisitor(request);
    } catch (error) {
      refuse(response, codedError(error));
      return;
    }
    next();
  };
}
