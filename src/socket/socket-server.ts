import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Server as WebSocketServer, type WebSocket } from 'ws';
import { on, once } from '../base/guard';
import { codedError } from '../http/refuse';
import { REQUEST_ID, visitOf } from '../http/visit';
import { SluiceError } from '../protocol/error-code';
import { SUBPROTOCOL } from '../protocol/subprotocol';
import { endSocket, refuseSocket } from './farewell';
import type { Handshake, SocketDoor } from './handshake';
import { refuseUpgrade } from './refuse-upgrade';
import { RelaySocket } from './relay-socket';

/** Too many pings are told by `limitViewer` and `limitPublisher`: `ws` itself cuts a client off at the 61st that it sends at once, without a word. */
const PINGS = { maxPendingAutoPongs: 0 };

/** The sockets of one gateway. Emits `connection` with the socket and its `Handshake`. */
export class SocketServer extends EventEmitter {
  readonly #address: RegExp;
  #door: SocketDoor | undefined;
  #server: WebSocketServer<typeof RelaySocket> | undefined;
  #closing = false;

  /** @param path such as `/watch/:name`. */
  constructor(path: string) {
    super();
    this.#address = new RegExp(`^${path.replace(':name', '([^/]+)')}$`);
  }

  /** Lets clients in by that door: none is before. */
  open(door: SocketDoor): void {
    this.#door = door;
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: true,
      perMessageDeflate: false,
      ...PINGS,
      maxPayload: door.maxMessage,
      WebSocket: RelaySocket,
      handleProtocols: (offers) => (offers.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    });
    on(this.#server, 'headers', (headers: string[], request: IncomingMessage) => headers.push(`${REQUEST_ID}: ${visitOf(request).id}`));
    // Without this `ws` answers a malformed handshake with HTML.
    const refuseMalformed = ({ message }: Error, _connection: unknown, request: IncomingMessage): void => {
      refuseUpgrade(request, new SluiceError('bad-request', `Cannot open a WebSocket: ${message}`));
    };
    on(this.#server, 'wsClientError', refuseMalformed, { failed: (_error, _told, _connection, { socket }) => socket.destroy() });
  }

  /** The stream's name in a path that is this server's, not decoded. */
  match(path: string): string | undefined {
    return this.#address.exec(path)?.[1];
  }

  /**
   * Lets the client in, or upgrades and refuses one that can be told no other way.
   * @throws SluiceError if it is to be refused before the upgrade.
   */
  async admit(handshake: Handshake, head: Buffer): Promise<void> {
    const refusal = await this.#refusal(handshake);
    if (this.#closing) throw new SluiceError('restarting', 'Cannot take a connection: the relay is stopping', { retryAfter: 1 });
    if (refusal !== undefined && !handshake.offersMessages) throw refusal;
    this.#upgrade(handshake.request, head, (socket) => {
      // What is wrong with a connection ends it: `close` follows, and that is heeded.
      on(socket, 'error', () => undefined);
      if (refusal === undefined) this.emit('connection', socket, handshake);
      else refuseSocket(socket, refusal);
    });
  }

  /** The relay stops: asks every client to connect again, behind all that was sent to it. Who doesn't close is cut off with its connection. */
  async close(): Promise<void> {
    this.#closing = true;
    const sockets = [...(this.#server?.clients ?? [])];
    const closed = sockets.map((socket) => new Promise<void>((resolve) => once(socket, 'close', resolve)));
    for (const socket of sockets) endSocket(socket, 'restart');
    await Promise.all(closed);
    this.#server?.close();
  }

  async #refusal(handshake: Handshake): Promise<SluiceError | undefined> {
    try {
      await this.#door?.admit(handshake);
      return undefined;
    } catch (thrown) {
      return codedError(thrown);
    }
  }

  #upgrade(request: IncomingMessage, head: Buffer, run: (socket: WebSocket) => void): void {
    const connection: Socket = request.socket;
    if (this.#server === undefined) connection.destroy();
    else this.#server.handleUpgrade(request, connection, head, run);
  }
}
