import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Grant } from '../access/grant';
import { SUBPROTOCOL } from '../protocol/subprotocol';

/** What a client that wants a WebSocket has said so far. */
export class Handshake {
  readonly request: IncomingMessage;
  /** The stream's name as it stands in the address: not checked yet. */
  readonly name: string;
  readonly query: URLSearchParams;
  /** Whether the client offers the control messages. */
  readonly offersMessages: boolean;
  /** The leave that the door gave it. */
  grant: Grant = { who: 'nobody yet' };

  constructor(request: IncomingMessage, address: { name: string; query: URLSearchParams }) {
    this.request = request;
    this.name = address.name;
    this.query = address.query;
    this.offersMessages = (request.headers['sec-websocket-protocol'] ?? '').split(',').some((offer) => offer.trim() === SUBPROTOCOL);
  }

  /** The connection below the WebSocket. */
  get connection(): Socket {
    return this.request.socket;
  }
}

/** A gateway, as its socket server sees it. Nest calls its `handleConnection` once a client is in. */
export interface SocketDoor {
  /** Largest message that it takes, in bytes. */
  readonly maxMessage: number;
  /**
   * Says, before anything is created, whether a client may come in, and gives the handshake its grant.
   * @throws SluiceError if not.
   */
  admit(handshake: Handshake): Promise<void>;
}
