import { IncomingMessage } from 'node:http';

/**
 * A request of which Node is told that it asks for an upgrade only if it asks for a WebSocket. Any other `Upgrade` may be
 * ignored (RFC 9110, section 7.8): Java's HttpClient and `curl --http2` send `h2c` with ordinary requests. Node before 24.9 hands
 * every connection with an `Upgrade` to the listener of sockets as soon as there is one.
 */
export class RelayRequest extends IncomingMessage {
  /** As Node's parser sets it. The constructor of the base class does so, too: no private field is there yet. */
  private declare asksForUpgrade: boolean | null;

  get upgrade(): boolean {
    return this.asksForUpgrade === true && (this.method === 'CONNECT' || (this.httpVersion !== '1.0' && asksForWebSocket(this)));
  }

  set upgrade(asked: boolean | null) {
    this.asksForUpgrade = asked;
  }
}

/** Whether WebSocket is among the protocols that a request would change to. */
export function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return (headers.upgrade ?? '').split(',').some((protocol) => protocol.trim().toLowerCase() === 'websocket');
}
