import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { raiseFault } from '../base/faults';
import { FloodLog, type LogDestination } from '../base/flood-log';
import type { Config } from '../config/config';
import { limitConnections } from '../http/connection-limit';
import { RelayHttpAdapter } from '../http/relay-http-adapter';
import { fingerprintOf, readTlsFiles, selfSign, type TlsChoice, type TlsCredentials } from '../http/tls-credentials';
import { TlsReload } from '../http/tls-reload';
import { type Clock, guardClock, systemClock } from '../relay/clock';
import type { StreamRegistry } from '../relay/stream-registry';
import { NestLog } from './nest-log';
import { nestOptions } from './nest-options';
import { RelayApp } from './relay-app';
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
 * A host of `SluiceModule` that has nothing else: it adds the server with its limits and TLS. Resolves when the relay listens and its sources run.
 * `options.server` is for tests: what Node's server is made with.
 */
export async function serve(config: Config, destination: LogDestination, options: { clock?: Clock; server?: ServerOptions } = {}): Promise<Relay> {
  const clock = guardClock(options.clock ?? systemClock, raiseFault);
  const log = new FloodLog(destination, clock);
  const tls = config.tls && (await credentialsOf(config.tls, config));
  const adapter = new RelayHttpAdapter({ maxHeaderSize: config.maxHeader, headersTimeout: config.headerTimeout, ...options.server }, tls);
  Logger.overrideLogger(new NestLog(log));
  const relay = await RelayApp.create({ config, path: '', log, clock });
  const app = await NestFactory.create<NestExpressApplication>(SluiceModule.of(relay), adapter, nestOptions());
  const server = app.getHttpServer();
  limitConnections(server, { limits: config, log });
  try {
    await app.listen(config.port, config.host);
  } catch (error) {
    // Timers and sockets of what was made would keep the process alive.
    await app.close().catch(() => undefined);
    throw error;
  }
  const reload = config.tls?.kind === 'files' ? new TlsReload({ apply: (renewed) => adapter.renewTls(renewed), files: config.tls, current: tls, log }) : undefined;
  reload?.start();

  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    reload?.stop();
    const stopped = Promise.all([adapter.close(), app.close()]);
    await adapter.endConnections();
    await stopped;
    log.close();
  };
  let stopping: Promise<void> | undefined;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${urlHost(config.host)}:${port}`,
    port,
    registry: relay.registry,
    ...(config.tls?.kind === 'self-signed' && tls !== undefined && { fingerprint: fingerprintOf(tls) }),
    stopListening: () => void server.close(),
    reload: async () => reload?.reload(),
    close: () => (stopping ??= stop()),
  };
}

function credentialsOf(choice: TlsChoice, { host, allowedHosts }: Config): Promise<TlsCredentials> | TlsCredentials {
  return choice.kind === 'files' ? readTlsFiles(choice) : selfSign([host, ...allowedHosts]);
}

/** The listening host as an address of this machine has it. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
