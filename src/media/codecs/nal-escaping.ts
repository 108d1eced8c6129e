/** The payload behind the first `header` bytes of a NAL unit, without its emulation prevention bytes: ITU-T H.264 §7.4.1, H.265 §7.4.2. */
export function unescapeNalUnit(unit: Uint8Array, header = 1): Uint8Array {
  const bytes = new Uint8Array(Math.max(0, unit.length - header));
  let length = 0;
  let zeros = 0;
  for (const byte of unit.subarray(header)) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    bytes[length++] = byte;
  }
  return bytes.subarray(0, length);
}
