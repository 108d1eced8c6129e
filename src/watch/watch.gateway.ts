import { Inject } from '@nestjs/common';
import { type OnGatewayConnection, type OnGatewayInit, WebSocketGateway } from '@nestjs/websockets';
import { Access } from '../access/access';
import { ViewerSeats } from '../access/viewer-seats';
import { guard, once } from '../base/guard';
import { CLOCK, CONFIG } from '../base/tokens';
import { addressOf } from '../http/address';
import { codedError } from '../http/refuse';
import type { Clock } from '../relay/clock';
import { checkName, StreamRegistry } from '../relay/stream-registry';
import { ViewerReports } from '../relay/viewer-reports';
import type { Handshake, SocketDoor } from '../socket/handshake';
import { Heartbeat } from '../socket/heartbeat';
import { limitViewer } from '../socket/message-limit';
import { Peer } from '../socket/peer';
import type { RelaySocket } from '../socket/relay-socket';
import type { SocketServer } from '../socket/socket-server';
import { readContinuous, readInterval, readResume } from './watch-query';
import { WatchSession } from './watch-session';

/** Where viewers connect. */
@WebSocketGateway({ path: '/watch/:name' })
export class WatchGateway implements SocketDoor, OnGatewayInit<SocketServer>, OnGatewayConnection<RelaySocket> {
  readonly maxMessage = 64 << 10;
  readonly #access: Access;
  readonly #reports: ViewerReports;
  readonly #registry: StreamRegistry;
  readonly #seats: ViewerSeats;
  readonly #clock: Clock;
  readonly #messageRate: number;
  readonly #heartbeat: Heartbeat;

  constructor(access: Access, reports: ViewerReports, registry: StreamRegistry, seats: ViewerSeats, @Inject(CLOCK) clock: Clock, @Inject(CONFIG) { maxMessageRate }: { maxMessageRate: number }) {
    this.#access = access;
    this.#reports = reports;
    this.#registry = registry;
    this.#seats = seats;
    this.#clock = clock;
    this.#messageRate = maxMessageRate;
    this.#heartbeat = new Heartbeat(clock);
  }

  afterInit(server: SocketServer): void {
    server.open(this);
  }

  async admit(handshake: Handshake): Promise<void> {
    const { name, query, request } = handshake;
    try {
      checkName(name);
      readResume(query);
      readInterval(query);
      readContinuous(query);
      handshake.grant = await this.#access.authorize(request, 'watch', name);
      this.#seats.check({ name, address: addressOf(request) });
    } catch (thrown) {
      this.#registry.totals.countError(codedError(thrown).code);
      throw thrown;
    }
  }

  handleConnection(socket: RelaySocket, handshake: Handshake): void {
    guard('a new viewer', () => this.#enter(socket, handshake), () => socket.terminate());
  }

  #enter(socket: RelaySocket, handshake: Handshake): void {
    const { connection, request, name, query, grant } = handshake;
    this.#heartbeat.watch(socket, connection);
    limitViewer(socket, { connection, clock: this.#clock, perSecond: this.#messageRate });
    const peer = new Peer(socket, connection);
    peer.attempt(() => {
      const address = addressOf(request);
      once(socket, 'close', this.#seats.take({ name, address }));
      new WatchSession({
        ...{ peer, name, query, address, grant },
        ask: (credential) => this.#access.authorizeBy(credential, { request, action: 'watch', name }),
        reports: this.#reports.reports(),
        registry: this.#registry,
        clock: this.#clock,
      });
    });
  }
}
