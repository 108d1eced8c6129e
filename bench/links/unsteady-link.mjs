import { LoopbackLink } from './loopback-link.mjs';
import { FREE, passOn } from './pass-on.mjs';

/** A way to a server whose answers come late at random, or at a limited rate, as it is told. What clients send passes at once. */
export class UnsteadyLink extends LoopbackLink {
  /** The most that an answer is late by, ms. */
  jitter = 0;
  /** Bytes a second. */
  rate = FREE;

  /** @param {number} port */
  constructor(port) {
    super(port, (client, upstream) => {
      client.pipe(upstream);
      return passOn(upstream, client, { rate: () => this.rate, delay: () => Math.random() * this.jitter });
    });
  }

  /** @param {number} port */
  static async open(port) {
    const link = new UnsteadyLink(port);
    await link.listen();
    return link;
  }
}
