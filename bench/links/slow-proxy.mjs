import { LoopbackLink } from './loopback-link.mjs';
import { Throttle } from './throttle.mjs';

/** How often bytes are let through, ms. */
const TICK = 20;

/** A way to a server through which its answers come at a limited rate. What the clients send passes at once. */
export class SlowProxy extends LoopbackLink {
  #rate;

  /** @param {{ port: number, rate: number }} options Bytes a second for each connection. */
  static async open(options) {
    const proxy = new SlowProxy(options);
    await proxy.listen();
    return proxy;
  }

  /** @param {{ port: number, rate: number }} options */
  constructor({ port, rate }) {
    super(port, (client, upstream) => this.#join(client, upstream));
    this.#rate = rate;
  }

  /**
   * @param {import('node:net').Socket} client
   * @param {import('node:net').Socket} upstream
   */
  #join(client, upstream) {
    const rate = this.#rate;
    const throttle = new Throttle({ rate, burst: (rate * TICK * 2) / 1000, now: performance.now() });
    client.pipe(upstream);
    // It is read only as fast as it may pass: the rest waits at the server.
    upstream.on('readable', () => undefined);
    const timer = setInterval(() => {
      const size = client.writableNeedDrain ? 0 : throttle.take(upstream.readableLength, performance.now());
      if (size > 0) client.write(upstream.read(size));
      if (upstream.readableEnded && !client.writableEnded) client.end();
      else upstream.read(0);
    }, TICK);
    return () => clearInterval(timer);
  }
}
