import { ExpressAdapter } from '@nestjs/platform-express';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** The routes of a relay: an Express application that has no server of its own, and is given the requests of another. */
export class RelayRoutes extends ExpressAdapter {
  constructor() {
    super();
    this.disable('x-powered-by');
    // What decides by a path (the log, security headers, challenges) would have to know all ways to write it. Nest has made
    // the router by now, so that Express's setting comes too late.
    this.getInstance<{ router: { caseSensitive: boolean } }>().router.caseSensitive = true;
  }

  /** Answers a request. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    this.getInstance<(request: IncomingMessage, response: ServerResponse) => void>()(request, response);
  }
}
