import { Inject } from '@nestjs/common';
import { type OnGatewayConnection, type OnGatewayInit, WebSocketGateway } from '@nestjs/websockets';
import { CLOCK } from '../core/tokens';
import type { Clock } from '../relay/clock';
import { checkName, StreamRegistry } from '../relay/stream-registry';
import type { Handshake } from '../socket/handshake';
import { Heartbeat } from '../socket/heartbeat';
import { Peer } from '../socket/peer';
import type { RelaySocket } from '../socket/relay-socket';
import type { SocketDoor } from '../socket/socket-door';
import type { SocketServer } from '../socket/socket-server';
import { readResume } from './resume-query';
import { WatchSession } from './watch-session';

/** Where viewers connect. */
@WebSocketGateway({ path: '/watch/:name' })
export class WatchGateway implements SocketDoor, OnGatewayInit<SocketServer>, OnGatewayConnection<RelaySocket> {
  readonly maxMessage = 64 << 10;
  readonly #registry: StreamRegistry;
  readonly #clock: Clock;
  readonly #heartbeat: Heartbeat;

  constructor(registry: StreamRegistry, @Inject(CLOCK) clock: Clock) {
    this.#registry = registry;
    this.#clock = clock;
    this.#heartbeat = new Heartbeat(clock);
  }

  afterInit(server: SocketServer): void {
    server.open(this);
  }

  admit({ name, query }: Handshake): void {
    checkName(name);
    readResume(query);
  }

  handleConnection(socket: RelaySocket, handshake: Handshake): void {
    this.#heartbeat.watch(socket);
    const peer = new Peer(socket, handshake.connection);
    peer.attempt(() => {
      new WatchSession({ peer, name: handshake.name, resume: readResume(handshake.query), registry: this.#registry, clock: this.#clock });
    });
  }
}
