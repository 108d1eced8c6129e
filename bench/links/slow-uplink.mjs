import { LoopbackLink } from './loopback-link.mjs';
import { FREE, passOn } from './pass-on.mjs';

/** A way to a server that lets only so much through towards it, as it is told. Answers pass at once. */
export class SlowUplink extends LoopbackLink {
  /** Bytes a second. */
  rate = FREE;

  /** @param {number} port */
  constructor(port) {
    super(port, (client, upstream) => {
      upstream.pipe(client);
      return passOn(client, upstream, { rate: () => this.rate });
    });
  }

  /** @param {number} port */
  static async open(port) {
    const link = new SlowUplink(port);
    await link.listen();
    return link;
  }
}
