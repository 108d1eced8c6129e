import type { Box } from './box';

/**
 * The bytes of a `moov` that says "live", in pieces to be joined: no duration (ISO/IEC 14496-12 §8.2.2, §8.3.2, §8.4.2),
 * no `mehd` (§8.8.2), no edit lists (§8.6.5; the times are moved instead), and nothing of the tracks in `dropped`.
 *
 * With a duration, a player counts on an end and holds samples back.
 */
export function liveMoov(moov: Box, dropped: Dropped): Uint8Array[] {
  return rewriteBoxes(moov, REWRITTEN, (box) => {
    if (isDropped(box, dropped)) return [];
    switch (box.path) {
      case 'moov/mvhd':
      case 'moov/trak/mdia/mdhd':
        return [withoutDuration(box, 4)];
      case 'moov/trak/tkhd':
        return [withoutDuration(box, 8)];
      default:
        return undefined;
    }
  });
}

/** The numbers of the tracks to leave out. */
type Dropped = Pick<ReadonlySet<number>, 'has' | 'size'>;

/** The boxes whose children are written anew, by where they stand. A box of that type elsewhere is copied like any other. */
const REWRITTEN: ReadonlySet<string> = new Set(['moov', 'moov/trak', 'moov/trak/mdia', 'moov/mvex']);

/**
 * The bytes of a box, in pieces to be joined: what `change` returns for it, else those of its children, each in the same way, if its path
 * is in `around`, else its own.
 */
export function rewriteBoxes(box: Box, around: ReadonlySet<string>, change: (box: Box) => Uint8Array[] | undefined): Uint8Array[] {
  const changed = change(box);
  if (changed !== undefined) return changed;
  if (!around.has(box.path)) return [box.bytes];
  const content = box.children().flatMap((child) => rewriteBoxes(child, around, change));
  const header = box.bytes.slice(0, 8);
  new DataView(header.buffer).setUint32(0, content.reduce((size, piece) => size + piece.length, header.length));
  for (let i = 0; i < 4; i++) header[4 + i] = box.type.charCodeAt(i);
  return [header, ...content];
}

function isDropped(box: Box, dropped: Dropped): boolean {
  switch (box.path) {
    case 'moov/mvex/mehd':
    case 'moov/trak/edts':
      return true;
    case 'moov/mvex/trex':
      return dropped.has(readTrackId(box, 0));
    case 'moov/trak':
      return dropped.has(readTrackId(box.child('tkhd'), 8));
    case 'moov/trak/tref':
      // May point to a dropped track, and tells a player nothing that it needs.
      return dropped.size > 0;
    default:
      return false;
  }
}

/** The track number of a `tkhd` or `trex`, behind two times in the one case. */
export function readTrackId(box: Box, timesSize: number): number {
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
