import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFragment } from './fragment.mjs';
import { ROOT } from '../scripts/programs.mjs';

/** @typedef {import('./random.mjs').Random} Random */

const FIXTURES = join(ROOT, 'test', 'fixtures');
/** Where the timescale stands after the name of a `mdhd` of version 0. */
const TIMESCALE_AT = 16;
const TIMESCALES = [1000, 15_360, 90_000, 1, 2 ** 32 - 1];
/** Durations of a sample, seconds. */
const DURATIONS = [0.04, 0.2, 0.2, 0.2, 1, 2, 5, 0, 3600];
/** By how much times leap, seconds. */
const LEAPS = [-0.4, -1, -10, 3, 5, 100, 1e6, -1e6, 1e10, 2e11];
const MAX_TICKS = 2 ** 53 - 2 ** 40;

/** @type {Buffer | undefined} */
let mp4;
/** @type {Buffer | undefined} */
let webm;

/** What one publisher sends: fragmented MP4 whose times do what they like, or WebM cut anywhere. */
export class HostileMedia {
  #random;
  #webm;
  #timescale;
  #time = 0;
  #sequence = 0;
  #sent = 0;

  /** @param {Random} random */
  constructor(random) {
    this.#random = random;
    this.#webm = random.oneIn(6);
    this.#timescale = random.oneIn(3) ? random.pick(TIMESCALES) : 15_360;
  }

  /** An init segment. */
  init() {
    if (this.#webm) {
      this.#sent = 0;
      return this.#piece();
    }
    mp4 ??= readFileSync(join(FIXTURES, 'mp4', 'every-frame.mp4'));
    const init = Buffer.from(mp4.subarray(0, mp4.indexOf('moof') - 4));
    init.writeUInt32BE(this.#timescale, init.indexOf('mdhd') + TIMESCALE_AT);
    return init;
  }

  /** What comes next. */
  next() {
    const random = this.#random;
    if (this.#webm) return this.#piece();
    if (random.oneIn(100)) return Buffer.from(random.bytes(40));
    if (random.oneIn(12)) this.#time += random.pick(LEAPS) * this.#timescale;
    this.#time = Math.min(Math.max(0, Math.round(this.#time)), MAX_TICKS);
    const track = random.oneIn(4) ? 2 : 1;
    const duration = random.oneIn(60) ? 2 ** 32 - 1 : Math.min(Math.round(random.pick(DURATIONS) * this.#timescale), 2 ** 32 - 1);
    const sizes = Array.from({ length: random.oneIn(30) ? 2000 : 1 }, () => 4 + random.below(60));
    const fragment = writeFragment({ sequence: this.#sequence++, track, time: this.#time, duration, sizes, sync: random.oneIn(2), begin: random.bytes(4) });
    if (track === 1) this.#time += duration * sizes.length;
    return fragment;
  }

  #piece() {
    webm ??= readFileSync(join(FIXTURES, 'webm', 'vp9-opus.webm'));
    const from = this.#sent % webm.length;
    this.#sent = Math.min(from + 1 + this.#random.below(4000), webm.length);
    return webm.subarray(from, this.#sent);
  }
}
