import { Throttle } from './throttle.mjs';

/** How often bytes are let through, ms. */
const TICK = 10;
/** A rate without a limit, bytes a second. */
export const FREE = 1e9;

/**
 * Passes on what comes from one socket to another, at a rate and as late as is said at each moment.
 * @param {import('node:net').Socket} from
 * @param {import('node:net').Socket} to
 * @param {{ rate: () => number, delay?: () => number }} options Bytes a second, and ms.
 * @returns {() => void} Ends that.
 */
export function passOn(from, to, { rate, delay = () => 0 }) {
  from.setNoDelay(true);
  to.setNoDelay(true);
  /** @type {{ due: number, bytes: Buffer }[]} */
  const waiting = [];
  let [limit, throttle] = [0, new Throttle({ rate: FREE, burst: FREE, now: performance.now() })];
  const pass = () => {
    const now = performance.now();
    if (limit !== rate()) {
      limit = rate();
      throttle = new Throttle({ rate: limit, burst: Math.max(1, (limit * TICK * 2) / 1000), now });
    }
    for (let first = waiting[0]; first !== undefined && first.due <= now; first = waiting[0]) {
      const size = throttle.take(first.bytes.length, now);
      if (size > 0) to.write(first.bytes.subarray(0, size));
      if (size < first.bytes.length) {
        first.bytes = first.bytes.subarray(size);
        break;
      }
      waiting.shift();
    }
    // What may not pass yet waits at the sender, as on a real link.
    if (waiting.length > 0 && limit < FREE) from.pause();
    else from.resume();
  };
  from.on('data', (bytes) => {
    const late = delay();
    waiting.push({ due: performance.now() + late, bytes });
    if (late === 0) pass();
  });
  const timer = setInterval(pass, TICK);
  from.on('end', () => to.end());
  return () => clearInterval(timer);
}
