import 'reflect-metadata';
import { NestFactoryStatic } from '@nestjs/core/nest-factory';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AccessPolicy } from '../access/access-policy';
import type { Authorizer } from '../access/grant';
import { visitorCheck } from '../access/visitor-check';
import { serveApiDocument } from '../api/api-document';
import { RelayEvents } from '../api/relay-events';
import { takeFaults } from '../base/faults';
import { guard } from '../base/guard';
import type { FloodLog } from '../base/flood-log';
import type { Config } from '../config/config';
import { SessionTokens } from '../hls/session-tokens';
import { crossOrigin } from '../http/cross-origin';
import { ErrorPage } from '../http/error-page';
import { refuseExpectation } from '../http/expectations';
import { enterMount, slashedTarget } from '../http/mount';
import { OpenConnections } from '../http/open-connections';
import { refuse } from '../http/refuse';
import { RelayRoutes } from '../http/relay-routes';
import { requestLog } from '../http/request-log';
import { checkRate, RequestRate } from '../http/request-rate';
import { normalizeTarget } from '../http/request-target';
import { type SecurityHeaders, securityHeaders } from '../http/security-headers';
import type { Mounted } from '../http/server-gate';
import { SluiceErrorFilter } from '../http/sluice-error-filter';
import { REQUEST_ID, type Visit, visitNotes } from '../http/visit';
import { whenGone } from '../http/when-gone';
import { Readiness } from '../observe/readiness';
import { serveStaticFiles } from '../pages/static-files';
import { FfmpegSources } from '../publish/sources/ffmpeg-sources';
import { SluiceError } from '../protocol/error-code';
import type { Clock } from '../relay/clock';
import { StreamRegistry } from '../relay/stream-registry';
import { SocketAdapter } from '../socket/socket-adapter';
import { nestOptions } from './nest-options';
import { RelayModule } from './relay.module';

/** What a relay is made with. */
export interface RelayAppOptions {
  readonly config: Config;
  /** Where it is mounted: `readMountPath`. */
  readonly path: string;
  /** Decides who may publish and watch, instead of the rule of the configuration. */
  readonly authorizer?: Authorizer | undefined;
  /** Closed with the relay. */
  readonly log: FloodLog;
  readonly clock: Clock;
}

/**
 * A relay without a server: a Nest application of its own, to which a `ServerGate` passes what is below its path. So nothing
 * that is global in the application of the host (guards, pipes, filters, body parsers) reaches the relay, nor the other way round.
 */
export class RelayApp implements Mounted {
  readonly path: string;
  readonly registry: StreamRegistry;
  readonly events: RelayEvents;
  readonly sources: FfmpegSources;
  readonly #app: NestExpressApplication;
  readonly #routes: RelayRoutes;
  readonly #sockets: SocketAdapter;
  readonly #clock: Clock;
  readonly #log: FloodLog;
  readonly #headers: SecurityHeaders;
  readonly #note: (request: IncomingMessage) => Visit;
  readonly #readiness: Readiness;
  readonly #stopTaking: () => void;
  /** Those that carry a WebSocket, or an answer under way. */
  readonly #connections = new OpenConnections();
  #stopping = false;
  #closed: Promise<void> | undefined;

  /**
   * Makes a relay, which answers nothing before `open`.
   * @throws StartError if something that it needs isn't there.
   */
  static async create(options: RelayAppOptions): Promise<RelayApp> {
    const { config, log } = options;
    const sources = new FfmpegSources(config, log);
    const routes = new RelayRoutes();
    // Not the `NestFactory` of the host: it retains how the newest application was to be made.
    const app = await new NestFactoryStatic().create<NestExpressApplication>(RelayModule.with({ ...options, sources }), routes, nestOptions());
    return new RelayApp({ ...options, app, routes, sources });
  }

  private constructor({ config, path, log, clock, app, routes, sources }: RelayAppOptions & { app: NestExpressApplication; routes: RelayRoutes; sources: FfmpegSources }) {
    this.path = path;
    this.sources = sources;
    this.registry = app.get(StreamRegistry);
    this.events = app.get(RelayEvents);
    this.#app = app;
    this.#routes = routes;
    this.#clock = clock;
    this.#log = log;
    this.#note = visitNotes(config);
    this.#readiness = app.get(Readiness);
    this.#headers = securityHeaders({ ...config, knownCertificate: config.tls?.kind === 'files' });
    this.#stopTaking = takeFaults(({ error, where, fields }) => {
      this.registry.totals.internalErrors++;
      log.error({ ...fields, where, err: error }, 'Internal error');
    });
    const tokens = app.get(SessionTokens);
    const rate = new RequestRate({ requestRate: config.requestRate, sessionOf: ({ url = '' }) => tokens.readAddress(url)?.id, clock });
    this.#sockets = new SocketAdapter(app, rate);
    app.use(checkRate(rate, log));
    app.use(requestLog(log, clock));
    app.use(this.#headers);
    app.use(visitorCheck(app.get(AccessPolicy), log));
    app.use((request: IncomingMessage, response: ServerResponse, next: () => void) => this.#refuseWhenStopping(request, response, next));
    app.use(addSlash);
    if (config.allowOrigins.length > 0) app.enableCors(crossOrigin(config.allowOrigins));
    serveStaticFiles(app);
    serveApiDocument(app, { ...config, path });
    app.useGlobalFilters(new SluiceErrorFilter(app.get(ErrorPage)));
    app.useWebSocketAdapter(this.#sockets);
  }

  /** Takes requests from now on. */
  async open(): Promise<void> {
    await this.#app.init();
  }

  /** Its server listens: starts the sources, and says that it is ready. */
  start(): void {
    if (this.#stopping) return;
    this.#readiness.state = 'ready';
    this.sources.start({ registry: this.registry, clock: this.#clock });
  }

  request(request: IncomingMessage, response: ServerResponse): void {
    this.#receive(request, response);
    this.#routes.answer(request, response);
  }

  expectation(request: IncomingMessage, response: ServerResponse): void {
    this.#receive(request, response);
    this.#headers(request, response, () => undefined);
    refuseExpectation(request, response);
  }

  upgrade(request: IncomingMessage, head: Buffer): void {
    this.#enter(request);
    this.#connections.add(request.socket);
    guard('an upgrade', () => this.#sockets.upgrade(request, head), () => request.socket.destroy());
  }

  /** Ends everything that was started, after everybody has been told. May be called twice. */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#stopping = true;
    this.#readiness.state = 'stopping';
    // Before the sources, so that viewers hear of the restart and not of sources that ended.
    this.registry.close();
    try {
      await Promise.all([this.sources.close(), this.#app.close(), this.#connections.end()]);
    } finally {
      this.#log.close();
      this.#stopTaking();
    }
  }

  /** A host may listen for long after the relay has stopped: what began now would never end. */
  #refuseWhenStopping({ url = '' }: IncomingMessage, response: ServerResponse, next: () => void): void {
    if (!this.#stopping || url.startsWith('/health/')) next();
    else refuse(response, new SluiceError('restarting', 'Cannot answer: the relay is stopping', { retryAfter: 1 }));
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const { id } = this.#enter(request);
    if (!response.headersSent) response.setHeader(REQUEST_ID, id);
    const { socket } = request;
    const leave = this.#connections.add(socket);
    whenGone(response, () => {
      // Nobody may ask again, and what is queued still leaves.
      if (!this.#stopping) leave();
      else socket.destroySoon();
    });
  }

  #enter(request: IncomingMessage): Visit {
    enterMount(request, this.path);
    normalizeTarget(request);
    return this.#note(request);
  }
}

/** Everything that pages refer to is relative to the path with a slash. */
function addSlash(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  const target = slashedTarget(request);
  if (target === undefined) next();
  else response.writeHead(308, { Location: target, 'Content-Length': 0 }).end();
}
