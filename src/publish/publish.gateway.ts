import { Inject } from '@nestjs/common';
import { type OnGatewayConnection, type OnGatewayInit, WebSocketGateway } from '@nestjs/websockets';
import { guard, once } from '../base/guard';
import type { Log } from '../base/log';
import { CLOCK, CONFIG, LOG } from '../base/tokens';
import { codedError } from '../http/refuse';
import type { Clock } from '../relay/clock';
import { StreamRegistry } from '../relay/stream-registry';
import type { Handshake, SocketDoor } from '../socket/handshake';
import { Heartbeat } from '../socket/heartbeat';
import { limitPublisher } from '../socket/message-limit';
import { Peer } from '../socket/peer';
import type { RelaySocket } from '../socket/relay-socket';
import type { SocketServer } from '../socket/socket-server';
import { logRefusal } from './http-push';
import type { PublishOptions } from './publish-options';
import { PublishSession } from './publish-session';
import { PushAdmission } from './push-admission';

/** What a message may have beside one chunk of the largest size: an init segment, and boxes around. */
const MARGIN = 2 << 20;

/** Where publishers connect. */
@WebSocketGateway({ path: '/publish/:name' })
export class PublishGateway implements SocketDoor, OnGatewayInit<SocketServer>, OnGatewayConnection<RelaySocket> {
  readonly maxMessage: number;
  readonly #options: PublishOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #registry: StreamRegistry;
  readonly #admission: PushAdmission;
  readonly #heartbeat: Heartbeat;

  constructor(@Inject(CONFIG) options: PublishOptions, @Inject(CLOCK) clock: Clock, @Inject(LOG) log: Log, registry: StreamRegistry, admission: PushAdmission) {
    this.maxMessage = options.maxChunk + MARGIN;
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
    this.#registry = registry;
    this.#admission = admission;
    this.#heartbeat = new Heartbeat(clock);
  }

  afterInit(server: SocketServer): void {
    server.open(this);
  }

  async admit(handshake: Handshake): Promise<void> {
    const { request, name } = handshake;
    try {
      handshake.grant = (await this.#admission.admit(request, name)).grant;
    } catch (thrown) {
      logRefusal(this.#log, request, { name, error: codedError(thrown) });
      throw thrown;
    }
  }

  /** A publisher that answers pings may be silent: a still screen sends nothing. */
  handleConnection(socket: RelaySocket, handshake: Handshake): void {
    guard('a new publisher', () => this.#enter(socket, handshake), () => socket.terminate());
  }

  #enter(socket: RelaySocket, { request, name, connection, grant }: Handshake): void {
    this.#heartbeat.watch(socket, connection);
    limitPublisher(socket, { clock: this.#clock, perSecond: this.#options.maxMessageRate });
    const peer = new Peer(socket, connection);
    peer.attempt(() => {
      once(socket, 'close', this.#admission.takeSeat({ name, grant }));
      new PublishSession({
        ...this.#admission.take(request, name),
        grant,
        ask: (credential) => this.#admission.renew(request, { name, credential }),
        request,
        peer,
        patience: { beforeLive: this.#options.idleTimeout, live: Infinity },
        registry: this.#registry,
        limits: this.#options,
        rates: this.#options,
        clock: this.#clock,
        log: this.#log,
      });
    });
  }
}
