import { LoopbackLink } from './loopback-link.mjs';
import { Throttle } from './throttle.mjs';

/** How often bytes are let through, ms. */
const TICK = 10;
/** Without a limit. */
const FREE = 1e9;

/** A way to a server that lets only so much through towards it, as it is told. Answers pass at once. */
export class SlowUplink extends LoopbackLink {
  /** Bytes a second. */
  rate = FREE;

  /** @param {number} port */
  constructor(port) {
    super(port, (client, upstream) => this.#join(client, upstream));
  }

  /** @param {number} port */
  static async open(port) {
    const link = new SlowUplink(port);
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
    upstream.pipe(client);
    let [rate, throttle] = [0, new Throttle({ rate: FREE, burst: FREE, now: performance.now() })];
    /** @type {Buffer[]} */
    const held = [];
    const pass = () => {
      if (rate !== this.rate) {
        rate = this.rate;
        throttle = new Throttle({ rate, burst: Math.max(1, (rate * TICK * 2) / 1000), now: performance.now() });
      }
      for (let first = held[0]; first !== undefined; first = held[0]) {
        const size = throttle.take(first.length, performance.now());
        if (size > 0) upstream.write(first.subarray(0, size));
        if (size < first.length) {
          held[0] = first.subarray(size);
          break;
        }
        held.shift();
      }
      // What may not pass yet waits at the client, as on a real link.
      if (held.length > 0) client.pause();
      else client.resume();
    };
    client.on('data', (bytes) => {
      held.push(bytes);
      pass();
    });
    const timer = setInterval(pass, TICK);
    client.on('end', () => upstream.end());
    return () => clearInterval(timer);
  }
}
