import type { BytePlace } from '../byte-reader';
import type { Box } from './box';
import { VISUAL_FIELDS } from './sample-description';

/** The video track of an init segment whose samples are NAL units, each after its length: ISO/IEC 14496-15 §5.3.2, §8.3.2. */
export interface NalTrack {
  readonly id: number;
  readonly codec: 'h264' | 'h265';
  /** Bytes of each length. */
  readonly lengthSize: number;
  /** The payload of its `avcC` or `hvcC`; undefined if the track has several sample descriptions. */
  readonly configuration: Uint8Array | undefined;
  /** Of the configuration. */
  readonly place: BytePlace;
}

interface NalCodec {
  readonly codec: NalTrack['codec'];
  /** The box of its configuration, and the byte in it whose last two bits say how long the lengths are, less one. */
  readonly config: string;
  readonly lengthSizeAt: number;
}

const H264: NalCodec = { codec: 'h264', config: 'avcC', lengthSizeAt: 4 };
const H265: NalCodec = { codec: 'h265', config: 'hvcC', lengthSizeAt: 21 };
const CODECS: ReadonlyMap<string, NalCodec> = new Map([
  ['avc1', H264],
  ['avc3', H264],
  ['hvc1', H265],
  ['hev1', H265],
]);

/** Reads how the samples of a video track are framed, which has been described before; nothing if they aren't NAL units, or if its descriptions disagree. */
export function readNalTrack(trak: Box, id: number): NalTrack | undefined {
  const entries = trak.child('mdia').child('minf').child('stbl').child('stsd').children(8);
  const [first, ...others] = entries.map((entry) => readEntry(entry, id));
  if (first === undefined || others.some((other) => other?.codec !== first.codec || other.lengthSize !== first.lengthSize)) return undefined;
  return others.length === 0 ? first : { ...first, configuration: undefined };
}

function readEntry(entry: Box, id: number): NalTrack | undefined {
  const found = CODECS.get(entry.type);
  if (found === undefined) return undefined;
  const { bytes, headerSize, offset, path } = entry.child(found.config, VISUAL_FIELDS);
  // Of its own: a `moov` may lie in what the publisher's socket read.
  const configuration = bytes.slice(headerSize);
  const lengthSize = ((configuration[found.lengthSizeAt] ?? 0) & 3) + 1;
  return { id, codec: found.codec, lengthSize, configuration, place: { offset: offset + headerSize, path } };
}
