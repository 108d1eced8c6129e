import type { ServerOptions } from 'node:http';
import { type Config, toConfig } from '../../src/config/config';
import { serve } from '../../src/server/serve';
import type { Log } from '../../src/base/log';
import type { Clock } from '../../src/relay/clock';
import type { StreamRegistry } from '../../src/relay/stream-registry';

/** One line of a test relay's log. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export interface TestRelay {
  /** Without a slash at the end. */
  readonly url: string;
  /** The same for WebSockets. */
  readonly wsUrl: string;
  readonly port: number;
  readonly registry: StreamRegistry;
  /** Reads its certificate again. */
  reload(): Promise<void>;
  /** What it has logged so far. */
  readonly logged: readonly LogLine[];
  close(): Promise<void>;
}

/** Starts the real relay in this process: on loopback and a free port, without the demo, quietly. */
export async function startRelay(options: Partial<Config> = {}, machine: { clock?: Clock; server?: ServerOptions } = {}): Promise<TestRelay> {
  const logged: LogLine[] = [];
  const config: Config = { ...toConfig(), port: 0, demo: false, ...options };
  const relay = await serve(config, listLog(logged), machine);
  return { url: relay.url, wsUrl: relay.url.replace('http', 'ws'), port: relay.port, registry: relay.registry, reload: () => relay.reload(), logged, close: () => relay.close() };
}

/** A log that keeps its lines. */
export function listLog(lines: LogLine[]): Log {
  const at = (level: LogLine['level']) => (fields: object, message: string): void => {
    lines.push({ level, fields: { ...fields }, message });
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
