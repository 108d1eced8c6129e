const SYNC = 0x02000000;
const NON_SYNC = 0x01010000;

/** Where the time stands in a fragment. */
export const TFDT_AT = 8 + 16 + 8 + 16 + 12;

/**
 * Bytes of a fragment besides its samples.
 * @param {number} samples
 */
export function fragmentHead(samples) {
  return 8 + 16 + 8 + 16 + 20 + 20 + samples * 12 + 8;
}

/**
 * A `moof` and `mdat` with the duration, size and flags of every sample.
 * @param {object} fragment
 * @param {number} fragment.sequence From 0.
 * @param {number} [fragment.track]
 * @param {number} fragment.time Of its first sample, ticks.
 * @param {number} fragment.duration Of each sample, ticks.
 * @param {readonly number[]} fragment.sizes Of the samples.
 * @param {boolean} fragment.sync Whether the first sample is a sync sample.
 * @param {Uint8Array} fragment.begin What its data begin with.
 */
export function writeFragment({ sequence, track = 1, time, duration, sizes, sync, begin }) {
  const head = fragmentHead(sizes.length);
  const bytes = Buffer.alloc(head + sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  /** @param {...number} values */
  const u32 = (...values) => values.forEach((value) => (at = bytes.writeUInt32BE(value, at)));
  /** @param {number} size @param {string} type */
  const box = (size, type) => {
    u32(size);
    at += bytes.write(type, at, 'latin1');
  };
  box(head - 8, 'moof');
  box(16, 'mfhd');
  u32(0, sequence + 1);
  box(head - 32, 'traf');
  box(16, 'tfhd');
  u32(0x20000, track);
  box(20, 'tfdt');
  u32(0x1000000, Math.floor(time / 2 ** 32), time % 2 ** 32);
  box(20 + sizes.length * 12, 'trun');
  u32(0x701, sizes.length, head);
  for (const [i, size] of sizes.entries()) u32(duration, size, i === 0 && sync ? SYNC : NON_SYNC);
  box(bytes.length - head + 8, 'mdat');
  bytes.set(begin, at);
  return bytes;
}
