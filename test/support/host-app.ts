import type { INestApplication } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SluiceModuleOptions } from '../../src/server/sluice-options';
import { type LogLine, listLog } from './relay';

/** What is imported into the root module of an application. */
type Imports = NonNullable<Parameters<typeof Test.createTestingModule>[0]['imports']>;

/** An application that mounts a relay, or doesn't. */
export interface TestHost {
  readonly app: INestApplication<Server>;
  /** Without a slash at the end. */
  readonly url: string;
  readonly wsUrl: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Starts an application on loopback and a free port. `prepare` is called before it listens. */
export async function startHost(imports: Imports, prepare: (app: NestExpressApplication) => void = () => undefined): Promise<TestHost> {
  const module = await Test.createTestingModule({ imports }).compile();
  const app = module.createNestApplication<NestExpressApplication>();
  app.useLogger(false);
  try {
    prepare(app);
    await app.listen(0, '127.0.0.1');
  } catch (error) {
    // What was made before would keep the process alive.
    await app.close();
    throw error;
  }
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, url: `http://127.0.0.1:${port}`, wsUrl: `ws://127.0.0.1:${port}`, port, close: () => app.close() };
}

/** Options of a quiet relay without sources, and where its lines go. */
export function quiet(options: SluiceModuleOptions = {}, lines: LogLine[] = []): SluiceModuleOptions {
  return { demo: false, log: listLog(lines), ...options };
}
