import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../base/log';
import { codedError, refuse } from '../http/refuse';
import { logVisitor } from '../http/request-log';
import type { AccessPolicy } from './access-policy';

/** Refuses, before any route, what isn't meant for this relay, and what another site's page would change here. */
export function visitorCheck(policy: AccessPolicy, log: Log) {
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    try {
      if (request.method === 'GET' || request.method === 'HEAD') policy.checkHost(request);
      else policy.checkVisitor(request);
    } catch (thrown) {
      const error = codedError(thrown);
      logVisitor(log, request, error);
      refuse(response, error);
      return;
    }
    next();
  };
}
