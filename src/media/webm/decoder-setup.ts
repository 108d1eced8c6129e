import type { InitSegment } from '../chunk';
import type { Element } from './element';
import { ElementId } from './element-id';
import { readTimestampScale, segmentOf, trackEntries } from './init-segment';

/** What is said of a track for people, or at random. */
const PASSED_OVER: ReadonlySet<number> = new Set([ElementId.TrackUID, ElementId.TrackName, ElementId.Language]);

/** The parts of an init segment, as `readInit` makes it, that a player goes by: the scale of its times, and the description of each track. */
export function webmSetup(init: InitSegment): Uint8Array[] {
  const segment = segmentOf(init);
  const tracks = segment.child(ElementId.Tracks);
  const scale = readTimestampScale(segment.child(ElementId.Info));
  return [Uint8Array.from(String(scale), (digit) => digit.charCodeAt(0)), ...(tracks === undefined ? [] : trackEntries(tracks).flatMap(entrySetup))];
}

function entrySetup(entry: Element): Uint8Array[] {
  const kept = entry.children().filter(({ id }) => !PASSED_OVER.has(id));
  return [Uint8Array.of(kept.length), ...kept.flatMap(({ id, payload }) => [Uint8Array.of(id >>> 24, id >>> 16, id >>> 8, id), payload])];
}
