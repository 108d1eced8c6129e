import type { ServerResponse } from 'node:http';
import { guard, on } from '../base/guard';

const waiting = new WeakMap<ServerResponse, Set<() => void>>();

/**
 * Calls `run` once, when nobody can read `response` any more: it has ended, or its connection has closed. A response that is
 * queued after another one of the same connection emits no `close` of its own when the connection ends, so whatever a request
 * takes (a seat, a viewer, a reader) is released here. If it is over already, `run` is called at once.
 */
export function whenGone(response: ServerResponse, run: () => void): void {
  const { socket } = response.req;
  if (response.closed || socket.closed) {
    run();
    return;
  }
  const known = waiting.get(response);
  if (known !== undefined) {
    known.add(run);
    return;
  }
  // One listener for each response, however much it has taken.
  const runs = new Set([run]);
  waiting.set(response, runs);
  const forget = [response, socket].map((emitter) =>
    on(emitter, 'close', () => {
      // The socket's `close` brings that of the response it belongs to, and calls this twice.
      if (!waiting.delete(response)) return;
      for (const each of forget) each();
      // One that throws keeps nothing from being released by the others.
      for (const each of runs) guard('the end of a response', each);
    }),
  );
}
