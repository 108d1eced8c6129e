import { BoxType } from './box-header';
import { BoxScanner, type BoxRange } from './box-scanner';

/** The decode time of a track fragment: its `tfdt`, ISO/IEC 14496-12 §8.8.12. */
export interface DecodeTime {
  readonly trackId: number;
  readonly traf: BoxRange;
  readonly tfdt: BoxRange;
  /** Ticks. */
  readonly time: number;
  /** Whether it has 32 bits. */
  readonly isNarrow: boolean;
  /** Index of its first byte. */
  readonly at: number;
}

/** The decode time of each `traf` of a `moof` that has one, in order. @throws MediaError `malformed-media`. */
export function* decodeTimes(moof: BoxRange): Generator<DecodeTime> {
  const trafs = new BoxScanner(moof);
  while (trafs.find(BoxType.traf)) {
    const boxes = new BoxScanner(trafs);
    if (!boxes.find(BoxType.tfdt)) continue;
    const isNarrow = boxes.u32(0) >>> 24 !== 1;
    const time = isNarrow ? boxes.u32(4) : boxes.u64(4);
    const at = boxes.table(4, isNarrow ? 4 : 8);
    yield { trackId: trackIdOf(trafs), traf: trafs.range(), tfdt: boxes.range(), time, isNarrow, at };
  }
}

function trackIdOf(traf: BoxRange): number {
  const boxes = new BoxScanner(traf);
  return boxes.find(BoxType.tfhd) ? boxes.u32(4) : 0;
}
