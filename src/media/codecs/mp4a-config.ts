import type { ByteReader } from '../byte-reader';
import { MediaError } from '../media-error';
import { readAacConfig } from './aac-config';
import { type CodecDetails, hex } from './codec-details';
import type { DecoderConfig } from './decoder-config';

const ES_DESCRIPTOR = 3;
const DECODER_CONFIG_DESCRIPTOR = 4;
const DECODER_SPECIFIC_INFO = 5;

/** Object types that browsers may know, https://mp4ra.org/registered-types/object-types: MPEG-4 audio, MPEG-2 AAC, and MP3. */
const MPEG4_AUDIO = 0x40;
const AUDIO_OBJECTS: ReadonlySet<number> = new Set([MPEG4_AUDIO, 0x66, 0x67, 0x68, 0x69, 0x6b]);

/** ffmpeg writes it so when it copies AAC of MPEG-TS into an init segment that leaves before the first packet. */
const NO_CONFIG = 'AAC without its configuration: add "-bsf:a aac_adtstoasc", and "+delay_moov" in place of "+empty_moov" to -movflags';

/** Reads an `esds`: ISO/IEC 14496-14 §6.7.2, and the descriptors of ISO/IEC 14496-1 §7.2.6.5 and .6. @throws MediaError `unsupported-codec`, `unsupported-layout` or `malformed-media`. */
export function readMp4aConfig(config: DecoderConfig): CodecDetails {
  const reader = config.reader(4);
  enter(reader, ES_DESCRIPTOR);
  reader.skip(2);
  const flags = reader.u8();
  if (flags & 0x80) reader.skip(2);
  if (flags & 0x40) reader.skip(reader.u8());
  if (flags & 0x20) reader.skip(2);
  enter(reader, DECODER_CONFIG_DESCRIPTOR);
  const object = reader.u8();
  if (!AUDIO_OBJECTS.has(object)) throw new MediaError('unsupported-codec', `Unknown codec "mp4a.${hex(object)}"`, config.place);
  if (object !== MPEG4_AUDIO) return { codec: `mp4a.${hex(object)}` };
  reader.skip(12);
  if (reader.remaining === 0 || reader.peek() !== DECODER_SPECIFIC_INFO) throw new MediaError('unsupported-layout', NO_CONFIG, config.place);
  const size = enter(reader, DECODER_SPECIFIC_INFO);
  const from = 4 + reader.position;
  // What is said behind the configuration must not be taken from the descriptor that follows.
  reader.skip(size);
  const { objectType, sampleRate, channels } = readAacConfig(config.bits(from, from + size));
  return { codec: `mp4a.40.${objectType}`, sampleRate, ...(channels !== undefined && { channels }) };
}

/** Goes behind the header of a descriptor, and gives its size, which has seven bits a byte and at most four bytes. */
function enter(reader: ByteReader, wanted: number): number {
  const at = reader.position;
  if (reader.u8() !== wanted) throw reader.error(`Descriptor ${wanted} is missing`, at);
  let size = 0;
  for (let i = 0; i < 4; i++) {
    const byte = reader.u8();
    size = size * 128 + (byte & 0x7f);
    if (byte < 0x80) break;
  }
  return size;
}
