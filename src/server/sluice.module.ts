import { type BeforeApplicationShutdown, type DynamicModule, type FactoryProvider, Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import type { Server } from 'node:http';
import { HostAuthorizer, type SluiceAuthorizer } from '../access/host-authorizer';
import { RelayEvents } from '../api/relay-events';
import { raiseFault } from '../base/faults';
import { FloodLog } from '../base/flood-log';
import { once } from '../base/guard';
import { StartError } from '../base/start-error';
import { Sources } from '../ffmpeg/sources';
import { ServerGate } from '../http/server-gate';
import { guardClock, systemClock } from '../relay/clock';
import { StreamRegistry } from '../relay/stream-registry';
import { HostLog } from './host-log';
import { RelayApp } from './relay-app';
import { type ReadOptions, readOptions, type SluiceModuleAsyncOptions, type SluiceModuleOptions } from './sluice-options';

/** Injects what has been made of the options of this module; undefined where the relay was made already. */
const OPTIONS = Symbol('SLUICE_OPTIONS');

/**
 * Mounts a relay in a Nest application on platform-express, below a path of its server. It exports `StreamRegistry`, `RelayEvents`
 * and `Sources`. docs/embedding.md says what it does, and what stays the host's.
 */
@Module({})
export class SluiceModule implements OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #relay: RelayApp;
  readonly #host: HttpAdapterHost;
  readonly #modules: ModuleRef;
  readonly #options: ReadOptions | undefined;
  #unmount: () => void = () => undefined;

  constructor(relay: RelayApp, host: HttpAdapterHost, modules: ModuleRef, @Inject(OPTIONS) options: ReadOptions | undefined) {
    this.#relay = relay;
    this.#host = host;
    this.#modules = modules;
    this.#options = options;
  }

  /**
   * A relay with these options.
   * @throws StartError of one line that names the option and what it may be.
   */
  static forRoot(options: SluiceModuleOptions = {}): DynamicModule {
    return embedded({ provide: OPTIONS, useFactory: () => readOptions(options) });
  }

  /** The same, with options that a factory makes of what is injected. */
  static forRootAsync({ imports = [], inject = [], useFactory }: SluiceModuleAsyncOptions): DynamicModule {
    const make = useFactory as (...injected: unknown[]) => Promise<SluiceModuleOptions> | SluiceModuleOptions;
    return { ...embedded({ provide: OPTIONS, inject, useFactory: async (...injected: unknown[]) => readOptions(await make(...injected)) }), imports };
  }

  /** The same for a host that has made the relay: `sluice serve`. */
  static of(relay: RelayApp): DynamicModule {
    return moduleOf({ provide: OPTIONS, useFactory: () => undefined }, { provide: RelayApp, useFactory: () => relay });
  }

  async onModuleInit(): Promise<void> {
    let server: Server | undefined;
    try {
      server = this.#server();
      if (server === undefined) return;
      this.#checkAuthorizer();
      await this.#relay.open();
      this.#unmount = ServerGate.of(server).mount(this.#relay.path, this.#relay);
    } catch (error) {
      await this.#relay.close();
      throw error;
    }
    if (server.listening) this.#relay.start();
    else once(server, 'listening', () => this.#relay.start());
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#relay.close();
  }

  /** Until here the server has answered those that came in time. */
  onApplicationShutdown(): void {
    this.#unmount();
  }

  /** The server of the host, if it has one. @throws StartError if the relay can't be mounted there. */
  #server(): Server | undefined {
    const adapter = this.#host.httpAdapter as HttpAdapterHost['httpAdapter'] | undefined;
    const server: Server | undefined = adapter?.getHttpServer() as Server | undefined;
    if (adapter === undefined || server === undefined) return undefined;
    if (adapter.getType() === 'express') return server;
    throw new StartError(`Cannot mount Sluice in an application on "${adapter.getType()}": make it with NestFactory.create(AppModule), which is on @nestjs/platform-express`);
  }

  /** @throws StartError if the host doesn't provide the authorizer that its options name. */
  #checkAuthorizer(): void {
    const token = this.#options?.authorizer;
    if (token === undefined) return;
    const authorizer = findAuthorizer(this.#modules, token);
    if (typeof authorizer?.decide === 'function') return;
    const name = typeof token === 'function' ? token.name : String(token);
    throw new StartError(`Cannot ask the authorizer ${name}: provide it in a module of the application, with a method "decide" (docs/embedding.md)`);
  }
}

function moduleOf(options: FactoryProvider<ReadOptions | undefined>, relay: FactoryProvider<RelayApp>): DynamicModule {
  return {
    module: SluiceModule,
    providers: [
      options,
      relay,
      { provide: StreamRegistry, inject: [RelayApp], useFactory: ({ registry }: RelayApp) => registry },
      { provide: RelayEvents, inject: [RelayApp], useFactory: ({ events }: RelayApp) => events },
      { provide: Sources, inject: [RelayApp], useFactory: ({ sources }: RelayApp) => sources },
    ],
    exports: [StreamRegistry, RelayEvents, Sources],
  };
}

function embedded(options: FactoryProvider<ReadOptions>): DynamicModule {
  const make = ({ config, path, log = new HostLog(config.logLevel), authorizer }: ReadOptions, modules: ModuleRef): Promise<RelayApp> => {
    const clock = guardClock(systemClock, raiseFault);
    return RelayApp.create({
      config,
      path,
      log: new FloodLog(log, clock),
      clock,
      authorizer: authorizer === undefined ? undefined : new HostAuthorizer({ host: () => modules.get<SluiceAuthorizer>(authorizer, { strict: false }), clock }),
    });
  };
  return moduleOf(options, { provide: RelayApp, inject: [OPTIONS, ModuleRef], useFactory: make });
}

function findAuthorizer(modules: ModuleRef, token: NonNullable<SluiceModuleOptions['authorizer']>): Partial<SluiceAuthorizer> | undefined {
  try {
    return modules.get<SluiceAuthorizer>(token, { strict: false });
  } catch {
    return undefined;
  }
}
