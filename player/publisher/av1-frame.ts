/** Types of OBU, AV1 bitstream specification §6.2.2. */
const SEQUENCE_HEADER = 1;
/** An OBU of type 2, which MP4 leaves out: https://aomediacodec.github.io/av1-isobmff/#sampleformat */
const DELIMITER = [0x12, 0];
const HAS_EXTENSION = 4;

/** A frame without the delimiter that encoders put before it. */
export function withoutDelimiter(frame: Uint8Array): Uint8Array {
  return DELIMITER.every((byte, at) => frame[at] === byte) ? frame.subarray(DELIMITER.length) : frame;
}

/**
 * The payload of an `av1C` for a keyframe of 8 bits and 4:2:0, as browsers encode: https://aomediacodec.github.io/av1-isobmff/#av1codecconfigurationbox
 * The profile and level of its sequence header stand at the head of that, unless it tells of its timing, which browsers don't.
 */
export function av1Configuration(frame: Uint8Array): Uint8Array {
  const header = sequenceHeader(frame);
  // §5.5.1: seq_profile(3), still_picture(1), reduced_still_picture_header(1), timing_info(1), display_delay(1), points - 1 (5), idc(12), level(5).
  const payload = header.subarray(header.length - payloadLength(header));
  const profile = (payload[0] ?? 0) >> 5;
  const level = (payload[3] ?? 0) >> 3;
  return Uint8Array.of(0x81, (profile << 5) | level, 0x0c, 0, ...header);
}

/** The OBU with the sequence header, its own header and all; empty if there is none. */
function sequenceHeader(frame: Uint8Array): Uint8Array {
  for (let at = 0; at < frame.length; ) {
    const first = frame[at] ?? 0;
    const head = at + ((first & HAS_EXTENSION) === 0 ? 1 : 2);
    const { value, length } = leb128(frame, head);
    const end = head + length + value;
    if (((first >> 3) & 0xf) === SEQUENCE_HEADER) return frame.subarray(at, end);
    at = end;
  }
  return frame.subarray(0, 0);
}

function payloadLength(obu: Uint8Array): number {
  return obu.length === 0 ? 0 : leb128(obu, ((obu[0] ?? 0) & HAS_EXTENSION) === 0 ? 1 : 2).value;
}

/** §4.10.5. */
function leb128(bytes: Uint8Array, at: number): { value: number; length: number } {
  let value = 0;
  for (let length = 1; length <= 4; length++) {
    const byte = bytes[at + length - 1] ?? 0;
    value += (byte & 0x7f) * 128 ** (length - 1);
    if (byte < 0x80) return { value, length };
  }
  return { value, length: 4 };
}
