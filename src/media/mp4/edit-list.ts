import type { Box } from './box';
import type { BoxRange } from './box-scanner';
import { decodeTimes } from './decode-times';

/** A media time of −1, as the bits that it has. */
const EMPTY = 0xffffffff;
/** Seconds by which empty edits may move a track: about three years. */
const LONGEST = 1e8;

/** The edit of one track: when its media begins on the timeline of the movie, seconds; negative where it begins before. */
export interface TrackEdit {
  readonly id: number;
  readonly timescale: number;
  readonly shift: number;
}

/**
 * By how many ticks the times of each track are to be moved so that no edit list is needed. Chromium heeds no empty edit, so that
 * sound and picture would be apart. None is negative, since a decode time can't be: all tracks are moved by the same time then.
 * Only tracks that are moved are in it.
 */
export function shiftsOf(edits: readonly TrackEdit[]): ReadonlyMap<number, number> {
  const earliest = Math.min(0, ...edits.map(({ shift }) => shift));
  const ticks = edits.map(({ id, timescale, shift }) => [id, Math.round((shift - earliest) * timescale)] as const);
  return new Map(ticks.filter(([, shift]) => shift !== 0));
}

/**
 * Reads when a track begins, ISO/IEC 14496-12 §8.6.6: after its empty edits, with the media time of the first that isn't empty.
 * What follows in the list is left alone: of a live stream there is no second edit.
 * @param timescales ticks a second of the movie (0 if it says none) and of the track.
 */
export function readShift(trak: Box, { movie, track }: { movie: number; track: number }): number {
  const elst = trak
    .children()
    .find(({ type }) => type === 'edts')
    ?.children()
    .find(({ type }) => type === 'elst');
  if (elst === undefined) return 0;
  const { version, reader } = elst.fullBox();
  const count = reader.u32();
  let delay = 0;
  for (let index = 0; index < count; index++) {
    const duration = version === 1 ? reader.u64() : reader.u32();
    const high = version === 1 ? reader.u32() : 0;
    const low = reader.u32();
    reader.skip(4);
    const isEmpty = low === EMPTY && (version !== 1 || high === EMPTY);
    if (!isEmpty && high > 2 ** 21) throw elst.malformed('A media time above 2^53');
    if (!isEmpty) return delay - (high * 2 ** 32 + low) / track;
    if (movie > 0) delay += duration / movie;
    if (delay > LONGEST) throw elst.malformed('An edit list delays a track by years');
  }
  return delay;
}

/** Moves the decode times in a `moof`, which lies in bytes that may be written to. */
export function shiftTimes(moof: BoxRange, shifts: ReadonlyMap<number, number>): void {
  const view = new DataView(moof.source.bytes.buffer, moof.source.bytes.byteOffset);
  for (const { trackId, time, isNarrow, at } of decodeTimes(moof)) {
    const shift = shifts.get(trackId) ?? 0;
    if (shift === 0) continue;
    // Times of 32 bits begin anew after 2^32 ticks.
    if (isNarrow) view.setUint32(at, time + shift);
    else view.setBigUint64(at, BigInt(time + shift));
  }
}
