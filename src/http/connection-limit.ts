import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Log } from '../observe/log';
import { addressGroup } from './address-group';
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
  const open = new Map<string, number>();
  let all = 0;
  server.prependListener('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? '') ?? 'unknown';
    const group = addressGroup(address);
    const ofAddress = open.get(group) ?? 0;
    const option = all >= maxConnections ? '--max-connections' : ofAddress >= maxConnectionsPerAddress && !proxies.has(address, 0) ? '--max-connections-per-address' : undefined;
    if (option !== undefined) {
      log.warn({ peer: address, option }, 'Connection is cut off');
      socket.destroy();
      return;
    }
    all++;
    open.set(group, ofAddress + 1);
    socket.once('close', () => {
      all--;
      const left = (open.get(group) ?? 0) - 1;
      if (left > 0) open.set(group, left);
      else open.delete(group);
    });
  });
}
