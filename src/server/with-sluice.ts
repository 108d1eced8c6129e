import type { WebSocketAdapter } from '@nestjs/common';
import { Server } from 'node:http';
import { Server as TlsServer } from 'node:https';
import { ServerGate } from '../http/server-gate';

type Create = WebSocketAdapter['create'];

/**
 * The WebSocket adapter of a host application, which Nest has one of, beside Sluice: `app.useWebSocketAdapter(withSluice(new WsAdapter(app)))`.
 * Sluice serves its own sockets, by their paths, and hears of no other; all gateways of the host are those of `hostAdapter`, unchanged, which
 * hears of no upgrade below Sluice's path. A gateway of the host below that path would hear of nothing: the application doesn't start with one.
 */
export function withSluice<Adapter extends WebSocketAdapter>(hostAdapter: Adapter): Adapter {
  const server: unknown = Reflect.get(hostAdapter, 'httpServer');
  // Before the host's adapter listens to its server.
  const gate = server instanceof Server || server instanceof TlsServer ? ServerGate.of(server) : undefined;
  const create: Create = (port, options?: { path?: string }) => {
    // One with a port of its own has a server of its own.
    if (port === 0) gate?.claim(options?.path ?? '/');
    return hostAdapter.create(port, options) as unknown;
  };
  return new Proxy(hostAdapter, {
    get(target, name): unknown {
      if (name === 'create') return create;
      const value: unknown = Reflect.get(target, name, target);
      // Methods may use private fields, which a proxy hasn't got.
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
