import type { Track } from '../chunk';
import { readAc3Config, readEac3Config } from '../codecs/ac3-config';
import { readAv1Config } from '../codecs/av1';
import type { CodecDetails } from '../codecs/codec-details';
import { DecoderConfig } from '../codecs/decoder-config';
import { readFlacConfig } from '../codecs/flac-config';
import { readH264Config } from '../codecs/h264';
import { readH265Config } from '../codecs/h265';
import { readMp4aConfig } from '../codecs/mp4a-config';
import { readOpusConfig } from '../codecs/opus';
import { readVpcConfig, withLevel } from '../codecs/vp9';
import { MediaError } from '../media-error';
import type { Box } from './box';

/** Where a sample entry keeps its decoder's configuration, and who reads that. */
interface Codec {
  readonly config: string;
  readonly read: (config: DecoderConfig, name: string) => CodecDetails;
}

const H264: Codec = { config: 'avcC', read: readH264Config };
const H265: Codec = { config: 'hvcC', read: readH265Config };
const VPX: Codec = { config: 'vpcC', read: readVpcConfig };

/** Sample entries that Media Source Extensions may take. */
const VIDEO_CODECS: ReadonlyMap<string, Codec> = new Map([
  ['avc1', H264],
  ['avc3', H264],
  ['hvc1', H265],
  ['hev1', H265],
  ['av01', { config: 'av1C', read: readAv1Config }],
  ['vp08', VPX],
  ['vp09', VPX],
]);

const AUDIO_CODECS: ReadonlyMap<string, Codec> = new Map([
  ['mp4a', { config: 'esds', read: readMp4aConfig }],
  ['Opus', { config: 'dOps', read: readOpusConfig }],
  ['fLaC', { config: 'dfLa', read: readFlacConfig }],
  ['ac-3', { config: 'dac3', read: readAc3Config }],
  ['ec-3', { config: 'dec3', read: readEac3Config }],
]);

/** Bytes of VisualSampleEntry and AudioSampleEntry before their boxes, ISO/IEC 14496-12 §12.1.3 and §12.2.3. */
export const VISUAL_FIELDS = 78;
const AUDIO_FIELDS = 28;

/** What a sample entry tells of its track. */
export type SampleDescription = Omit<Track, 'id' | 'kind' | 'timescale'>;

/**
 * Reads a VisualSampleEntry, §12.1.3.
 * @throws MediaError `unsupported-codec`, `unsupported-layout` or `malformed-media`.
 */
export function describeVideo(entry: Box): SampleDescription {
  const details = readDetails(entry, VIDEO_CODECS, VISUAL_FIELDS);
  const reader = entry.reader();
  reader.skip(24);
  const width = reader.u16();
  const height = reader.u16();
  if (width === 0 || height === 0) throw entry.malformed(`Video of ${width}×${height} pixels`);
  return { ...details, codec: withLevel(details.codec, { width, height }), width, height };
}

/**
 * Reads an AudioSampleEntry, §12.2.3, of an `stsd` of this version. Its sample rate counts only where the configuration of the
 * codec has none, and its channels never: ffmpeg says 2 of anything.
 * @throws MediaError `unsupported-codec`, `unsupported-layout` or `malformed-media`.
 */
export function describeAudio(entry: Box, version: number): SampleDescription {
  const reader = entry.reader();
  reader.skip(8);
  if (reader.u16() !== 0 && version === 0) {
    const message = 'The sound is described in the manner of QuickTime: use "-f mp4" instead of "-f mov"';
    throw new MediaError('unsupported-layout', message, { offset: entry.offset, path: entry.path });
  }
  const details = readDetails(entry, AUDIO_CODECS, AUDIO_FIELDS);
  if (details.sampleRate !== undefined) return details;
  reader.skip(14);
  // 16.16 fixed point.
  const sampleRate = reader.u16();
  if (sampleRate === 0) throw entry.malformed('Sound at 0 Hz');
  return { ...details, sampleRate };
}

function readDetails(entry: Box, codecs: ReadonlyMap<string, Codec>, fields: number): CodecDetails {
  const codec = codecs.get(entry.type);
  if (codec) return codec.read(configOf(entry, codec.config, fields), entry.type);
  const encrypted = entry.type === 'encv' || entry.type === 'enca';
  const message = encrypted ? `Encrypted media ("${entry.type}") can't be relayed` : `Unknown codec "${entry.type}"`;
  throw new MediaError('unsupported-codec', message, { offset: entry.offset, path: entry.path });
}

/** The codec's own box in a sample entry. ffmpeg leaves it empty if it must write it before it has seen a frame. */
function configOf(entry: Box, type: string, fields: number): DecoderConfig {
  const { bytes, headerSize, offset, path } = entry.child(type, fields);
  if (bytes.length > headerSize) return new DecoderConfig(bytes.subarray(headerSize), { offset: offset + headerSize, path });
  const message = `Box "${type}" is empty: add "+delay_moov" to -movflags and leave out "+empty_moov"`;
  throw new MediaError('unsupported-layout', message, { offset, path });
}
