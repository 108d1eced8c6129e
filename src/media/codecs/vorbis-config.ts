import type { CodecDetails } from './codec-details';
import type { DecoderConfig } from './decoder-config';

/** Headers that CodecPrivate holds: identification, comment and setup. */
const HEADERS = 3;

/** Reads the identification header in Vorbis's CodecPrivate: https://www.matroska.org/technical/codec_specs.html lays out the headers, Vorbis I §4.2.2 this one. */
export function readVorbisConfig(config: DecoderConfig): CodecDetails {
  const lacing = config.reader();
  if (lacing.u8() !== HEADERS - 1) throw lacing.error('Vorbis wants three headers in its CodecPrivate', 0);
  // The sizes of all but the last, each a run of bytes that ends below 255.
  for (let i = 1; i < HEADERS; i++) while (lacing.u8() === 0xff);
  const reader = config.reader(lacing.position);
  const magic = String.fromCharCode(...reader.bytes(7));
  if (magic !== '\x01vorbis') throw reader.error('A Vorbis header begins with "vorbis"', 0);
  reader.skip(4);
  const channels = reader.u8();
  const sampleRate = littleEndian(reader.bytes(4));
  if (channels === 0 || sampleRate === 0) throw reader.error(`Vorbis with ${channels} channels at ${sampleRate} Hz`, 0);
  return { codec: 'vorbis', channels, sampleRate };
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}
