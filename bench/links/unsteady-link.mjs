import { LoopbackLink } from './loopback-link.mjs';
import { Throttle } from './throttle.mjs';

/** How often bytes are let through, ms. */
const TICK = 10;
/** Without a limit. */
const FREE = 1e9;

/** A way to a server whose answers come late at random, or at a limited rate, as it is told. What clients send passes at once. */
export class UnsteadyLink extends LoopbackLink {
  /** The most that an answer is late by, ms. */
  jitter = 0;
  /** Bytes a second. */
  rate = FREE;

  /** @param {number} port */
  constructor(port) {
    super(port, (client, upstream) => this.#join(client, upstream));
  }

  /** @param {number} port */
  static async open(port) {
    const link = new UnsteadyLink(port);
    await link.listen();
    return link;
  }

  /**
   * @param {import('node:net').Socket} client
   * @param {import('node:net').Socket} upstream
   */
  #join(client, upstream) {
    client.setNoDelay(true);
    upstream.setNoDelay(true);
    client.pipe(upstream);
    /** @type {{ due: number, bytes: Buffer }[]} */
    const held = [];
    let [rate, throttle] = [0, new Throttle({ rate: FREE, burst: FREE, now: performance.now() })];
    const pass = () => {
      const now = performance.now();
      if (rate !== this.rate) {
        rate = this.rate;
        throttle = new Throttle({ rate, burst: Math.max(1, (rate * TICK * 2) / 1000), now });
      }
      for (let first = held[0]; first !== undefined && first.due <= now; first = held[0]) {
        const size = throttle.take(first.bytes.length, now);
        if (size > 0) client.write(first.bytes.subarray(0, size));
        if (size < first.bytes.length) {
          first.bytes = first.bytes.subarray(size);
          break;
        }
        held.shift();
      }
      // What may not pass yet waits at the server, as on a real link.
      if (held.length > 0 && this.rate < FREE) upstream.pause();
      else upstream.resume();
    };
    upstream.on('data', (bytes) => {
      held.push({ due: performance.now() + Math.random() * this.jitter, bytes });
      if (this.jitter === 0) pass();
    });
    const timer = setInterval(pass, TICK);
    upstream.on('end', () => client.end());
    return () => clearInterval(timer);
  }
}
