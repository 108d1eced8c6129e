import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** How often a share of the rate is let through, ms. */
const TICK = 50;

/** A way to a server that lets only so much through, as a poor upload does: what it doesn't take waits in the sender's kernel. */
export interface SlowLink {
  readonly port: number;
  /** Lets so many bytes a second through from now on, towards the server. */
  limit(bytesPerSecond: number): void;
  /** Carries nothing more in either direction over the connections that there are, and says nothing of it, as a network that is gone. New ones are let through. */
  cut(): void;
  close(): Promise<void>;
}

/** Opens a way to that port, without a limit. */
export async function slowLink(port: number): Promise<SlowLink> {
  let rate = Infinity;
  const sockets = new Set<Socket>();
  const cuts = new Set<() => void>();
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    upstream.pipe(client);
    let waiting: Buffer = Buffer.alloc(0);
    const drip = (): void => {
      const share = Math.min(waiting.length, Math.ceil((rate * TICK) / 1000));
      if (share > 0) upstream.write(waiting.subarray(0, share));
      waiting = waiting.subarray(share);
      if (waiting.length === 0) client.resume();
    };
    const timer = setInterval(drip, TICK);
    cuts.add(() => {
      clearInterval(timer);
      upstream.unpipe(client).pause();
      client.pause();
    });
    client.on('data', (bytes: Buffer) => {
      client.pause();
      waiting = bytes;
      if (rate === Infinity) drip();
    });
    client.on('end', () => upstream.end());
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        clearInterval(timer);
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    limit: (bytesPerSecond) => (rate = bytesPerSecond),
    cut: () => {
      for (const cut of cuts) cut();
      cuts.clear();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
