/** Microseconds of a frame in the modes SILK, hybrid and CELT, by the low bits of the configuration, RFC 6716 §3.1 table 2. */
const SILK = [10_000, 20_000, 40_000, 60_000];
const HYBRID = [10_000, 20_000];
const CELT = [2_500, 5_000, 10_000, 20_000];

/** Microseconds that an Opus packet lasts, by its TOC byte (RFC 6716 §3.1); nothing if it can't be told. */
export function opusPacketDuration(packet: Uint8Array): number | undefined {
  const [toc, second = 0] = packet;
  if (toc === undefined) return undefined;
  const code = toc & 3;
  const frames = code === 3 ? second & 0x3f : code === 0 ? 1 : 2;
  const duration = frames * frameDuration(toc >> 3);
  return duration === 0 || duration > 120_000 ? undefined : duration;
}

function frameDuration(configuration: number): number {
  if (configuration < 12) return SILK[configuration & 3] ?? 0;
  if (configuration < 16) return HYBRID[configuration & 1] ?? 0;
  return CELT[configuration & 3] ?? 0;
}
