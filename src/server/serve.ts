import 'reflect-metadata';
import type { NestApplicationOptions } from '@nestjs/common';
import { NestApplicationContextOptions } from '@nestjs/common/interfaces/nest-application-context-options.interface';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AccessPolicy } from '../access/access-policy';
import { visitorCheck } from '../access/visitor-check';
import { serveApiDocument } from '../api/api-document';
import { raiseFault, takeFaults } from '../base/faults';
import { FloodLog, type LogDestination } from '../base/flood-log';
import type { Log } from '../base/log';
import type { Config } from '../config/config';
import { SessionTokens } from '../hls/session-tokens';
import { limitConnections } from '../http/connection-limit';
import { crossOrigin } from '../http/cross-origin';
import { heedExpectations } from '../http/expectations';
import { RelayHttpAdapter } from '../http/relay-http-adapter';
import { requestLog } from '../http/request-log';
import { checkRate, RequestRate } from '../http/request-rate';
import { normalizeTargets } from '../http/request-target';
import { securityHeaders } from '../http/security-headers';
import { fingerprintOf, readTlsFiles, selfSign, type TlsChoice, type TlsCredentials } from '../http/tls-credentials';
import { TlsReload } from '../http/tls-reload';
import { noteVisits } from '../http/visit';
import { Readiness } from '../observe/readiness';
import { serveStaticFiles } from '../pages/static-files';
import { FfmpegSources } from '../publish/sources/ffmpeg-sources';
import { type Clock, guardClock, systemClock } from '../relay/clock';
import { StreamRegistry } from '../relay/stream-registry';
import { SocketAdapter } from '../socket/socket-adapter';
import { NestLog } from './nest-log';
import { SluiceModule } from './sluice.module';

/** A relay that listens. */
export interface Relay {
  /** Where it is reached from this machine, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly registry: StreamRegistry;
  /** SHA-256 of the certificate that was made for this run, if one was. */
  readonly fingerprint?: string;
  /** Takes no more connections, at once; those that there are stay. */
  stopListening(): void;
  /** Reads the certificate again, if it is from a file; resolves when it is in use, or was refused. */
  reload(): Promise<void>;
  /** Tells everybody, and ends everything that was started. May be called twice. */
  close(): Promise<void>;
}

/**
 * Starts everything, in order; resolves when the relay listens and its sources run.
 * `options.server` is for tests: what Node's server is made with.
 */
export async function serve(config: Config, destination: LogDestination, options: { clock?: Clock; server?: ServerOptions } = {}): Promise<Relay> {
  const clock = guardClock(options.clock ?? systemClock, raiseFault);
  const log = new FloodLog(destination, clock);
  const sources = new FfmpegSources(config, log);
  const tls = config.tls && (await credentialsOf(config.tls, config));
  const adapter = new RelayHttpAdapter({ maxHeaderSize: config.maxHeader, headersTimeout: config.headerTimeout, ...options.server }, tls);
  const module = SluiceModule.with({ config, log, clock, sources });
  const app = await NestFactory.create<NestExpressApplication>(module, adapter, nestOptions(log));
  const registry = app.get(StreamRegistry);
  const server = app.getHttpServer();
  const stopTaking = takeFaults(({ error, where, fields }) => {
    registry.totals.internalErrors++;
    log.error({ ...fields, where, err: error }, 'Internal error');
  });

  limitConnections(server, { limits: config, log });
  noteVisits(server, config);
  normalizeTargets(server);
  const tokens = app.get(SessionTokens);
  const rate = new RequestRate({ requestRate: config.requestRate, sessionOf: ({ url = '' }) => tokens.readAddress(url)?.id, clock });
  app.use(checkRate(rate, log));
  app.use(requestLog(log, clock));
  const headers = securityHeaders({ ...config, knownCertificate: config.tls?.kind === 'files' });
  app.use(headers);
  app.use(visitorCheck(app.get(AccessPolicy), log));
  if (config.allowOrigins.length > 0) app.enableCors(crossOrigin(config.allowOrigins));
  serveStaticFiles(app);
  serveApiDocument(app, config);
  app.useWebSocketAdapter(new SocketAdapter(app, rate));
  heedExpectations(server, headers);
  try {
    await app.listen(config.port, config.host);
  } catch (error) {
    // Timers and sockets of what was made would keep the process alive.
    await app.close().catch(() => undefined);
    registry.close();
    log.close();
    stopTaking();
    throw error;
  }
  const readiness = app.get(Readiness);
  readiness.state = 'ready';
  sources.start({ registry, clock });

  const reload = config.tls?.kind === 'files' ? new TlsReload({ apply: (renewed) => adapter.renewTls(renewed), files: config.tls, current: tls, log }) : undefined;
  reload?.start();

  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    readiness.state = 'stopping';
    reload?.stop();
    const allClosed = adapter.close();
    // Before the sources, so that viewers hear of the restart and not of sources that ended.
    registry.close();
    const stopped = Promise.all([allClosed, sources.close(), app.close()]);
    await adapter.endConnections();
    await stopped;
    log.close();
    stopTaking();
  };
  let stopping: Promise<void> | undefined;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${urlHost(config.host)}:${port}`,
    port,
    registry,
    ...(config.tls?.kind === 'self-signed' && tls !== undefined && { fingerprint: fingerprintOf(tls) }),
    stopListening: () => void server.close(),
    reload: async () => reload?.reload(),
    close: () => (stopping ??= stop()),
  };
}

function credentialsOf(choice: TlsChoice, { host, allowedHosts }: Config): Promise<TlsCredentials> | TlsCredentials {
  return choice.kind === 'files' ? readTlsFiles(choice) : selfSign([host, ...allowedHosts]);
}

/** Nest reads no body, tells its own messages to `log`, and throws what goes wrong instead of ending the process. */
function nestOptions(log: Log): NestApplicationOptions {
  const options: NestApplicationOptions = new NestApplicationContextOptions();
  options.bodyParser = false;
  options.logger = new NestLog(log);
  options.abortOnError = false;
  return options;
}

/** The listening host as an address of this machine has it. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
