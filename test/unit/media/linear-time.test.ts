import type { ContainerParser, MediaSink } from '../../../src/media/container-parser';
import { MediaError } from '../../../src/media/media-error';
import { MediaParser } from '../../../src/media/media-parser';
import { joinBytes } from '../../support/container-parser-contract';
import * as mp4 from '../../support/mp4-boxes';
import * as webm from '../../support/webm-elements';

const NOTHING: MediaSink = { init: () => undefined, chunk: () => undefined };
const MP4 = [mp4.FTYP, mp4.AV_MOOV];
const WEBM = [...webm.HEAD, webm.CLUSTER, webm.timestamp(0)];
const GROWTH = 16;

const many = (count: number, part: Uint8Array): Uint8Array => joinBytes(Array<Uint8Array>(count).fill(part));
const samples = (count: number, flags: (i: number) => number): mp4.SampleOptions[] => Array.from({ length: count }, (_, i) => ({ data: 'x', flags: flags(i) }));
const moofOf = (...content: readonly Uint8Array[]): Uint8Array => mp4.box('moof', mp4.fullBox('mfhd', 0, 0, mp4.u32(1)), ...content);

/** Milliseconds to parse `bytes` in pieces of `size`, an error included; the best of five. */
function timeOf(bytes: Uint8Array, size: number): number {
  const times = Array.from({ length: 5 }, () => {
    const begun = performance.now();
    feed(new MediaParser(NOTHING), bytes, size);
    return performance.now() - begun;
  });
  return Math.min(...times);
}

function feed(parser: ContainerParser, bytes: Uint8Array, size: number): void {
  try {
    for (let at = 0; at < bytes.length; at += size) parser.push(bytes.subarray(at, at + size));
  } catch (error) {
    if (!(error instanceof MediaError)) throw error;
  }
}

interface Flood {
  readonly name: string;
  readonly least: number;
  readonly make: (n: number) => Uint8Array;
  /** Bytes a push. */
  readonly piece?: number;
}

/** Inputs of a size that grows with `n`, each of which a careless parser takes more than in proportion. */
const FLOODS: readonly Flood[] = [
  { name: 'empty boxes at top level', least: 2000, make: (n) => joinBytes([...MP4, many(n, mp4.box('free'))]) },
  { name: 'boxes in a moof', least: 500, make: (n) => joinBytes([...MP4, moofOf(many(n, mp4.box('free')))]) },
  { name: 'boxes in a moov', least: 500, make: (n) => mp4.box('moov', mp4.mvhd(), mp4.videoTrak, many(n, mp4.box('free')), mp4.box('mvex', mp4.trex(mp4.VIDEO))) },
  { name: 'moofs without samples', least: 200, make: (n) => joinBytes([...MP4, many(n, joinBytes([moofOf(), mp4.box('mdat')]))]) },
  { name: 'runs of one sample', least: 400, make: (n) => joinBytes([...MP4, mp4.fragment([{ id: mp4.VIDEO, time: 0, samples: samples(1, () => mp4.SYNC) }]), moofOf(mp4.box('traf', mp4.tfhd(mp4.VIDEO, 0x20010, mp4.u32(1)), mp4.tfdt(0), many(n, mp4.fullBox('trun', 0, 0, mp4.u32(1))))), mp4.header('mdat', 8 + n), new Uint8Array(n)]) },
  { name: 'samples that can be joined every other time', least: 500, make: (n) => joinBytes([...MP4, mp4.fragment([{ id: mp4.VIDEO, time: 0, samples: samples(n, (i) => (i % 2 === 0 ? mp4.NON_SYNC : mp4.SYNC)) }])]) },
  { name: 'a chunk, a byte at a time', least: 8000, make: (n) => joinBytes([...MP4, mp4.fragment([{ id: mp4.VIDEO, time: 0, samples: [{ data: 'x'.repeat(n) }] }])]), piece: 1 },
  { name: 'an mdat up to the end, a byte at a time', least: 8000, make: (n) => joinBytes([...MP4, mp4.fragment([{ id: mp4.VIDEO, time: 0, samples: [{ data: 'x' }] }]).subarray(0, -9), mp4.hex('00000000 6d646174'), new Uint8Array(n)]), piece: 1 },
  { name: 'Void elements', least: 2000, make: (n) => joinBytes([...WEBM, many(n, webm.element('Void'))]) },
  { name: 'empty Clusters', least: 1000, make: (n) => joinBytes([...WEBM, many(n, webm.CLUSTER)]) },
  { name: 'Segments in one another', least: 1000, make: (n) => joinBytes([webm.ebml(), many(n, webm.SEGMENT)]) },
  { name: 'EBML headers', least: 500, make: (n) => many(n, webm.ebml()) },
  { name: 'tiny blocks', least: 500, make: (n) => joinBytes([...WEBM, many(n, webm.video(0))]) },
  { name: 'references in one BlockGroup', least: 1000, make: (n) => joinBytes([...WEBM, webm.element('BlockGroup', webm.element('Block', webm.block({ track: 1, data: webm.hex('c0') })), many(n, webm.element('ReferenceBlock')))]) },
  { name: 'a lace whose sizes are a run of 255', least: 8000, make: (n) => joinBytes([...WEBM, webm.simpleBlock({ track: 2, flags: 0x02, data: joinBytes([webm.hex('ff'), new Uint8Array(n).fill(255)]) })]) },
  { name: 'a block, a byte at a time', least: 8000, make: (n) => joinBytes([...WEBM, webm.simpleBlock({ track: 1, data: new Uint8Array(n) })]), piece: 1 },
];

describe('the time to parse grows no faster than the bytes', () => {
  it.each(FLOODS)('of $name', ({ least, make, piece = 64 << 10 }) => {
    const small = make(least);
    const large = make(least * GROWTH);
    feed(new MediaParser(NOTHING), large, piece); // The first run is the compiler's.
    const ratio = timeOf(large, piece) / Math.max(timeOf(small, piece), 0.05);
    // In proportion it is 16; what is quadratic comes to 256.
    expect(ratio).toBeLessThan((GROWTH * GROWTH) / 2);
  });
});
