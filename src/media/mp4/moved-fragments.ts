import { u32At, u64At } from '../big-endian';
import type { Patch } from '../patched-media';
import { movedTime, type TrackShifts } from '../track-shift';
import { BoxType } from './box-header';
import { boxAt, BoxScanner, type BoxRange } from './box-scanner';
import { type DecodeTime, decodeTimes } from './decode-times';
import { TRUN } from './track-run';

/** What a `tfdt` grows by when its time no longer fits 32 bits. */
const WIDER = 4;

/** A `moof`, and the decode times in it. */
interface MovableFragment {
  readonly moof: BoxRange;
  readonly times: readonly DecodeTime[];
}

/** Each fragment of `bytes`, whole fragments as a parser made them. */
export function movableFragments(bytes: Uint8Array): MovableFragment[] {
  const source = { bytes, origin: 0, path: '' };
  const fragments: MovableFragment[] = [];
  for (let at = 0; at < bytes.length; ) {
    const box = boxAt(source, at);
    if (box.type === BoxType.moof) fragments.push({ moof: box, times: [...decodeTimes(box)] });
    at = box.end;
  }
  return fragments;
}

/**
 * What changes in fragments when their decode times are moved: the time in each `tfdt` (ISO/IEC 14496-12 §8.8.12). A time that has
 * outgrown 32 bits gets 64, so that boxes grow, and the data lies further back.
 */
export function fragmentPatches(fragments: readonly MovableFragment[], shifts: TrackShifts): Patch[] {
  const patches: Patch[] = [];
  for (const fragment of fragments) {
    const widened: DecodeTime[] = [];
    const moved: Patch[] = [];
    for (const decodeTime of fragment.times) {
      const shift = shifts.get(decodeTime.trackId);
      if (shift === undefined) continue;
      const time = movedTime(decodeTime.time, shift);
      const { at, isNarrow } = decodeTime;
      const widens = isNarrow && time > 0xffffffff;
      if (widens) widened.push(decodeTime);
      moved.push({ at, removed: isNarrow ? 4 : 8, bytes: isNarrow && !widens ? u32(time) : u64(time) });
    }
    if (widened.length > 0) moved.push(...growth(fragment.moof, widened));
    patches.push(...(widened.length > 0 ? moved.sort((one, other) => one.at - other.at) : moved));
  }
  return patches;
}

/** What else changes in a `moof` some of whose times get 64 bits. Data offsets count from its beginning. */
function growth(moof: BoxRange, widened: readonly DecodeTime[]): Patch[] {
  const grown = WIDER * widened.length;
  const patches = [sizePatch(moof, grown)];
  for (const { traf, tfdt } of widened) patches.push(sizePatch(traf, WIDER), sizePatch(tfdt, WIDER), { at: tfdt.body, removed: 1, bytes: Uint8Array.of(1) });
  const trafs = new BoxScanner(moof);
  while (trafs.find(BoxType.traf)) {
    const runs = new BoxScanner(trafs);
    while (runs.find(BoxType.trun)) {
      // §8.8.8: the offset follows the flags and the number of samples.
      if ((runs.u32(0) & TRUN.dataOffset) !== 0) patches.push({ at: runs.table(8, 4), removed: 4, bytes: u32(runs.i32(8) + grown) });
    }
  }
  return patches;
}

/** The size of a box that grows, in 32 bits or, where those say 1, in 64 (§4.2). */
function sizePatch({ source: { bytes }, start }: BoxRange, grown: number): Patch {
  const size = u32At(bytes, start);
  if (size !== 1) return { at: start, removed: 4, bytes: u32(size + grown) };
  return { at: start + 8, removed: 8, bytes: u64(u64At(bytes, start + 8) + grown) };
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(value / 2 ** 32));
  view.setUint32(4, value % 2 ** 32);
  return bytes;
}
