import type { Box } from './box';

/**
 * The bytes of a `moov` that says "live", in pieces to be joined: no duration (ISO/IEC 14496-12 §8.2.2, §8.3.2, §8.4.2),
 * no `mehd` (§8.8.2), and nothing of the tracks in `dropped`.
 *
 * With a duration, a player counts on an end and holds samples back.
 */
export function liveMoov(moov: Box, dropped: ReadonlySet<number>): Uint8Array[] {
  return rewrite(moov, dropped);
}

function rewrite(box: Box, dropped: ReadonlySet<number>): Uint8Array[] {
  switch (box.type) {
    case 'moov':
    case 'mdia':
    case 'mvex':
      return rewriteChildren(box, dropped);
    case 'trak':
      return dropped.has(readTrackId(box.child('tkhd'), 8)) ? [] : rewriteChildren(box, dropped);
    case 'trex':
      return dropped.has(readTrackId(box, 0)) ? [] : [box.bytes];
    case 'tref':
      // May point to a dropped track, and tells a player nothing that it needs.
      return dropped.size === 0 ? [box.bytes] : [];
    case 'mehd':
      return [];
    case 'mvhd':
    case 'mdhd':
      return [withoutDuration(box, 4)];
    case 'tkhd':
      return [withoutDuration(box, 8)];
    default:
      return [box.bytes];
  }
}

function rewriteChildren(box: Box, dropped: ReadonlySet<number>): Uint8Array[] {
  const content = box.children().flatMap((child) => rewrite(child, dropped));
  const header = box.bytes.slice(0, 8);
  new DataView(header.buffer).setUint32(0, content.reduce((size, piece) => size + piece.length, header.length));
  for (let i = 0; i < 4; i++) header[4 + i] = box.type.charCodeAt(i);
  return [header, ...content];
}

/** The track number of a `tkhd` or `trex`, behind two times in the one case. */
function readTrackId(box: Box, timesSize: number): number {
  const { version, reader } = box.fullBox();
  reader.skip(version === 1 ? timesSize * 2 : timesSize);
  return reader.u32();
}

/** A copy with a zero duration, which stands behind creation and modification time and `between` bytes. */
function withoutDuration(box: Box, between: number): Uint8Array {
  const { version, reader } = box.fullBox();
  const wide = version === 1;
  reader.skip((wide ? 16 : 8) + between);
  const at = box.headerSize + reader.position;
  reader.skip(wide ? 8 : 4);
  return box.bytes.slice().fill(0, at, box.headerSize + reader.position);
}
