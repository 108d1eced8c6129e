import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { on, once } from '../base/guard';
import type { Log } from '../base/log';
import { Tally } from '../base/tally';
import { addressGroup } from './address';
import { plainAddress } from './forwarded-header';
import { TrustedProxies } from './trusted-proxies';

/** How many connections there may be at a time, in all and from one address; Infinity where there is no limit. */
export interface ConnectionLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly trustProxy: readonly string[];
}

/**
 * Cuts off connections beyond the limits, before anything is read from them: an answer would cost what the limit is to save.
 * A trusted proxy has as many as it needs.
 */
export function limitConnections(server: Server, { limits, log }: { limits: ConnectionLimits; log: Log }): void {
  const { maxConnections, maxConnectionsPerAddress, trustProxy } = limits;
  const proxies = new TrustedProxies(trustProxy);
  const open = new Tally();
  const admit = (socket: Socket): void => {
    const address = plainAddress(socket.remoteAddress ?? '') ?? 'unknown';
    const group = addressGroup(address);
    const option = open.total >= maxConnections ? '--max-connections' : open.of(group) >= maxConnectionsPerAddress && !proxies.has(address, 0) ? '--max-connections-per-address' : undefined;
    if (option !== undefined) {
      log.warn({ peer: address, option }, 'Connection is cut off');
      socket.destroy();
      return;
    }
    once(socket, 'close', open.add(group));
  };
  // What can't be counted isn't let in.
  on(server, 'connection', admit, { first: true, failed: (_error, socket) => socket.destroy() });
}
