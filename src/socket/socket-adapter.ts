import type { INestApplication } from '@nestjs/common';
import { AbstractWsAdapter, type GatewayMetadata } from '@nestjs/websockets';
import type { IncomingMessage } from 'node:http';
import { AccessPolicy } from '../access/access-policy';
import { on } from '../base/guard';
import type { Log } from '../base/log';
import { LOG } from '../base/tokens';
import { mountOf } from '../http/mount';
import { codedError } from '../http/refuse';
import { logVisitor } from '../http/request-log';
import type { RequestRate } from '../http/request-rate';
import { queryOf } from '../http/request-target';
import { pathOf, whoOf } from '../http/who-of';
import { SluiceError } from '../protocol/error-code';
import { shownName } from '../protocol/stream-name';
import { Handshake } from './handshake';
import { refuseUpgrade } from './refuse-upgrade';
import type { RelaySocket } from './relay-socket';
import { SocketServer } from './socket-server';

/**
 * Nest's way to WebSockets, for media: its own adapter for `ws` reads every binary message as JSON, and knows no
 * patterns in paths. Who comes by the wrong host, from a foreign page or to an unknown path is refused before the upgrade;
 * everything else is for the gateway to decide, which is a `SocketDoor`.
 */
export class SocketAdapter extends AbstractWsAdapter {
  readonly #access: AccessPolicy;
  readonly #log: Log;
  readonly #rate: RequestRate;
  readonly #servers: SocketServer[] = [];

  constructor(app: INestApplication, rate: RequestRate) {
    super(app);
    this.#access = app.get(AccessPolicy);
    this.#log = app.get<Log>(LOG);
    this.#rate = rate;
  }

  override create(_port: number, options: GatewayMetadata = {}): SocketServer {
    const server = new SocketServer(options.path ?? '/');
    this.#servers.push(server);
    return server;
  }

  override bindClientDisconnect(client: RelaySocket, callback: () => void): void {
    on(client, 'close', callback);
  }

  /** Gateways heed their sockets themselves: what comes is media, not named messages. */
  override bindMessageHandlers(): void {
    // Nothing to bind.
  }

  override async close(server: SocketServer): Promise<void> {
    await server.close();
  }

  /** Lets a client in, or refuses it; `head` is what it has sent behind its request. Resolves when that is decided, which may take as long as a webhook does. */
  async upgrade(request: IncomingMessage, head: Buffer): Promise<void> {
    // A connection that breaks off shows it by `close`, here as everywhere.
    on(request.socket, 'error', () => undefined);
    try {
      await this.#admit(request, head);
    } catch (thrown) {
      refuseUpgrade(request, codedError(thrown));
    }
  }

  async #admit(request: IncomingMessage, head: Buffer): Promise<void> {
    this.#checkVisitor(request);
    // It may be one of several that the client would take (`RelayRequest`): `ws` knows it alone.
    request.headers.upgrade = 'websocket';
    const [path = ''] = (request.url ?? '').split('?', 1);
    for (const server of this.#servers) {
      const name = server.match(path);
      if (name !== undefined) {
        this.#log.debug({ ...whoOf(request), path: pathOf(request) }, 'Socket asks to come in');
        await server.admit(new Handshake(request, { name: decode(name), query: queryOf(request) }), head);
        return;
      }
    }
    throw new SluiceError('not-found', `Cannot open a WebSocket at ${JSON.stringify(shownName(mountOf(request) + path))}`);
  }

  #checkVisitor(request: IncomingMessage): void {
    try {
      this.#rate.check(request);
      this.#access.checkVisitor(request);
    } catch (thrown) {
      logVisitor(this.#log, request, codedError(thrown));
      throw thrown;
    }
  }
}

/** A name with a broken escape is no name: it is refused as it stands. */
function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
