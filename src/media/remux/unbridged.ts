import { Box } from '../mp4/box';
import { TFHD } from '../mp4/fragment-reader';
import { TRUN } from '../mp4/track-run';

/**
 * A fragment whose one sample of video states a duration that only bridges what may be a gap (`bridged` of the writer), with its real
 * duration in ticks, in pieces: the `moof` anew, and a view of the rest. Any other fragment is left as it is.
 */
export function unbridged(bytes: Uint8Array, duration: number): readonly Uint8Array[] {
  const moof = Box.at(bytes, 0);
  for (const traf of moof.children().filter(({ type }) => type === 'traf')) {
    const place = bridgePlace(traf);
    if (place === undefined) continue;
    const head = moof.bytes.slice();
    new DataView(head.buffer).setUint32(place, duration);
    return [head, bytes.subarray(head.length)];
  }
  return [bytes];
}

/** Where the duration stands, counted from `moof`; nothing if it is no bridge. */
function bridgePlace(traf: Box): number | undefined {
  if ((traf.child('tfhd').fullBox().flags & TFHD.duration) === 0) return undefined;
  const trun = traf.child('trun');
  const { flags, reader } = trun.fullBox();
  if ((flags & TRUN.durations) === 0 || reader.u32() !== 1) return undefined;
  const fields = (flags & TRUN.dataOffset ? 4 : 0) + (flags & TRUN.firstFlags ? 4 : 0);
  return trun.offset + trun.headerSize + 4 + 4 + fields;
}
