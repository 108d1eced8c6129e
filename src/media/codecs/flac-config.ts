import type { CodecDetails } from './codec-details';
import type { DecoderConfig } from './decoder-config';

/** Version and flags of `dfLa`, and the header of its first block: https://github.com/xiph/flac/blob/master/doc/isoflac.txt §3.3.2 */
const BEFORE_STREAMINFO = 8;
const STREAMINFO = 0;

/** Reads a `dfLa`, whose first block is STREAMINFO: RFC 9639 §8.2. */
export function readFlacConfig(config: DecoderConfig): CodecDetails {
  const header = config.reader(4);
  if ((header.u8() & 0x7f) !== STREAMINFO) throw header.error('FLAC wants STREAMINFO first', 0);
  const bits = config.bits(BEFORE_STREAMINFO);
  // Block and frame sizes.
  bits.skip(80);
  const sampleRate = bits.bits(20);
  if (sampleRate === 0) throw bits.error('FLAC with a sample rate of 0');
  return { codec: 'flac', channels: bits.bits(3) + 1, sampleRate };
}
