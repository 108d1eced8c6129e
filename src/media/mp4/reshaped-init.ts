import { joinParts, u16, u32 } from '../byte-parts';
import type { InitSegment } from '../chunk';
import { Box } from './box';
import { boxBytes, fourCC } from './box-bytes';
import type { ShapeChange } from './in-band-sets';
import { joinMedia, type Mp4Init, readInit } from './init-segment';
import { readTrackId, rewriteBoxes } from './live-moov';
import { VISUAL_FIELDS } from './sample-description';

/** The boxes around the sample entry of a track. */
const AROUND: ReadonlySet<string> = new Set(['moov', 'moov/trak', 'moov/trak/mdia', 'moov/trak/mdia/minf', 'moov/trak/mdia/minf/stbl']);
/** Bytes of `stsd` before its entries, with its header. */
const STSD_HEAD = 16;

/** The init segment of a file from a change of its picture on: the same but for the description of that. */
export function reshapedInit({ segment, moovStart, pictures }: Mp4Init, change: ShapeChange): InitSegment {
  const moov = Box.at(segment.bytes.subarray(moovStart), 0);
  const isOther = (box: Box): boolean => box.type === 'trak' && readTrackId(box.child('tkhd'), 8) !== pictures?.id;
  const pieces = rewriteBoxes(moov, AROUND, (box) => {
    if (isOther(box)) return [box.bytes];
    if (box.path === 'moov/trak/tkhd') return change.isResized ? [resizedHeader(box, change)] : [box.bytes];
    if (box.path === 'moov/trak/mdia/minf/stbl/stsd') return [reshapedDescription(box, change)];
    return undefined;
  });
  const ftyp = segment.bytes.subarray(0, moovStart);
  const { mime, tracks } = readInit(undefined, Box.at(joinParts(pieces), 0)).segment;
  return { ...segment, mime, tracks, bytes: joinMedia([ftyp, ...pieces]) };
}

/** A `tkhd` whose last fields are the sides as they are shown, as 16.16: ISO/IEC 14496-12 §8.3.2. */
function resizedHeader(tkhd: Box, { size: { width, height } }: ShapeChange): Uint8Array {
  const bytes = tkhd.bytes.slice();
  bytes.set([...u16(width), 0, 0, ...u16(height), 0, 0], bytes.length - 8);
  return bytes;
}

/** A `stsd` of one entry. What else that has stays; but a pixel aspect ratio is that of the size before. */
function reshapedDescription(stsd: Box, { configuration, size: { width, height }, isResized }: ShapeChange): Uint8Array {
  const [entry] = stsd.children(8);
  if (entry === undefined) throw stsd.malformed('A track has no sample description');
  const fields = entry.bytes.slice(entry.headerSize, entry.headerSize + VISUAL_FIELDS);
  if (isResized) fields.set([...u16(width), ...u16(height)], 24);
  const boxes = entry.children(VISUAL_FIELDS).flatMap((box) => {
    if (box.type === 'avcC') return [boxBytes('avcC', configuration)];
    return isResized && box.type === 'pasp' ? [] : [box.bytes];
  });
  const written = boxBytes(entry.type, fields, ...boxes);
  return joinParts([u32(STSD_HEAD + written.length), fourCC('stsd'), stsd.bytes.subarray(stsd.headerSize, stsd.headerSize + 8), written]);
}
