import type { CodecDetails } from './codec-details';
import type { DecoderConfig } from './decoder-config';

/** Whatever rate went in, a decoder gives this one: RFC 6716 §2. */
const SAMPLE_RATE = 48_000;

/** Reads a `dOps`: https://opus-codec.org/docs/opus_in_isobmff.html#4.3.2 */
export function readOpusConfig(config: DecoderConfig): CodecDetails {
  const reader = config.reader();
  if (reader.u8() !== 0) throw reader.error('Not the first version of an Opus configuration', 0);
  return withChannels(config, reader.u8());
}

const MAGIC = 'OpusHead';

/** Reads the identification header that is CodecPrivate in WebM, RFC 7845 §5.1. */
export function readOpusHead(config: DecoderConfig): CodecDetails {
  const reader = config.reader();
  if (reader.fourCC() + reader.fourCC() !== MAGIC) throw reader.error(`An Opus header begins with "${MAGIC}"`, 0);
  reader.skip(1);
  return withChannels(config, reader.u8());
}

function withChannels(config: DecoderConfig, channels: number): CodecDetails {
  if (channels === 0) throw config.reader().error('Opus with 0 channels');
  return { codec: 'opus', channels, sampleRate: SAMPLE_RATE };
}
