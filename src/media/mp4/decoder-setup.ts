import type { InitSegment } from '../chunk';
import { Box } from './box';

/**
 * The parts of an init segment, as `readInit` makes it, that a player goes by: of each track its number, shape, timescale and sample
 * descriptions, and the defaults of its samples.
 */
export function mp4Setup({ bytes }: InitSegment): Uint8Array[] {
  const first = Box.at(bytes, 0);
  // There is a `ftyp` before it, or nothing.
  const moov = first.type === 'moov' ? first : Box.at(bytes.subarray(first.bytes.length), first.bytes.length);
  return moov.children().flatMap((box) => {
    if (box.type === 'mvex') return [box.bytes];
    return box.type === 'trak' ? trackSetup(box) : [];
  });
}

function trackSetup(trak: Box): Uint8Array[] {
  const media = trak.child('mdia');
  return [withoutDates(trak.child('tkhd')), withoutDates(media.child('mdhd')), media.child('minf').child('stbl').child('stsd').bytes];
}

/** What follows the times of creation and modification, ISO/IEC 14496-12 §8.3.2 and §8.4.2. */
function withoutDates(box: Box): Uint8Array {
  const { version, reader } = box.fullBox();
  reader.skip(version === 1 ? 16 : 8);
  return reader.bytes(reader.remaining);
}
