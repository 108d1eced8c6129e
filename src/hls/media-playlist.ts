import * as tags from './playlist-tags';
import type { Segment } from './segment';
import type { TimelineState } from './timeline-state';

/** All that a media playlist tells. */
export type MediaPlaylist = Pick<TimelineState, 'id' | 'targetDuration' | 'partTarget' | 'window' | 'listed' | 'open' | 'nextPart'>;

/** Parts stand in the list up to so many target durations from its end, §4.4.4.9; and what is skipped is as far away, §4.4.5.2. */
const PARTS_LISTED = 3;
const SKIP_BOUNDARY = 6;
/** What a player stays behind the end, in parts and in target durations, §4.4.3.8. */
const PART_HOLD_BACK = 3;
const HOLD_BACK = 3;

/** A media playlist, RFC 8216bis §4.4.3; with `skip` a delta update, where that is offered, §6.2.5.1. */
export function mediaPlaylist(playlist: MediaPlaylist, { skip = false }: { skip?: boolean } = {}): string {
  const { id, listed, open, nextPart } = playlist;
  const skipped = skip ? skippable(playlist) : 0;
  const all = open === undefined ? listed : [...listed, open];
  const lines = ['#EXTM3U', ...head(playlist, skipped > 0)];
  if (skipped > 0) lines.push(tags.skip(skipped));
  const ages = fromEnd(all);
  for (const [index, segment] of all.entries()) {
    if (index < skipped) continue;
    const withParts = (ages[index] ?? 0) < PARTS_LISTED * playlist.targetDuration;
    lines.push(...segmentLines(id, segment, { before: all[index - 1], withParts, whole: segment !== open }));
  }
  lines.push(nextPart === undefined ? tags.endList() : tags.preloadHint(id, nextPart));
  return `${lines.join('\n')}\n`;
}

function head({ targetDuration, partTarget, window, listed, open }: MediaPlaylist, isDelta: boolean): string[] {
  const first = listed[0] ?? open;
  const independent = [...listed, ...(open === undefined || open.parts.length === 0 ? [] : [open])].every((segment) => segment.independent);
  const canSkipUntil = offersSkip(window, targetDuration) ? SKIP_BOUNDARY * targetDuration : undefined;
  const discontinuities = first === undefined ? 0 : first.discontinuitySequence - (first.discontinuity ? 1 : 0);
  return [
    tags.version(isDelta ? 9 : 6),
    tags.targetDuration(targetDuration),
    tags.serverControl({ partHoldBack: PART_HOLD_BACK * partTarget, holdBack: HOLD_BACK * targetDuration, canSkipUntil }),
    tags.partInf(partTarget),
    tags.mediaSequence(first?.sequence ?? 0),
    ...(discontinuities > 0 ? [tags.discontinuitySequence(discontinuities)] : []),
    ...(independent ? [tags.independentSegments()] : []),
  ];
}

/** The boundary must lie within the list: a client that has all of a shorter one gains nothing. */
function offersSkip(window: number, targetDuration: number): boolean {
  return window > SKIP_BOUNDARY * targetDuration;
}

/** How many segments at the beginning lie behind the skip boundary as a whole. */
function skippable({ window, targetDuration, listed, open }: MediaPlaylist): number {
  if (!offersSkip(window, targetDuration)) return 0;
  const ages = fromEnd(open === undefined ? listed : [...listed, open]);
  return listed.filter((_, index) => (ages[index] ?? 0) >= SKIP_BOUNDARY * targetDuration).length;
}

/** How far the end of each segment is from the end of the list, seconds. */
function fromEnd(segments: readonly Segment[]): number[] {
  const ages: number[] = [];
  let age = 0;
  for (let index = segments.length - 1; index >= 0; index--) {
    ages[index] = age;
    age += segments[index]?.duration ?? 0;
  }
  return ages;
}

/** A segment in the list: the one before it, whether its parts are told, and whether it is whole. */
interface SegmentPlace {
  readonly before: Segment | undefined;
  readonly withParts: boolean;
  readonly whole: boolean;
}

function segmentLines(timeline: string, segment: Segment, { before, withParts, whole }: SegmentPlace): string[] {
  if (segment.parts.length === 0) return [];
  const date = tags.programDateTime(segment);
  return [
    ...(segment.discontinuity ? [tags.discontinuity()] : []),
    ...(before?.init === segment.init ? [] : [tags.map(timeline, segment)]),
    ...(date === undefined ? [] : [date]),
    ...(withParts ? segment.parts.map((part) => tags.part(timeline, part)) : []),
    ...(whole ? [tags.inf(segment), tags.address(timeline, segment)] : []),
  ];
}
