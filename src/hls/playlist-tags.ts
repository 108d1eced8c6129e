import { initAddress, partAddress, segmentAddress } from './media-address';
import type { Part, Segment } from './segment';

// One tag of a playlist each, RFC 8216bis §4.4.

/** What a server offers, §4.4.3.8. Seconds. */
export interface ServerControl {
  readonly partHoldBack: number;
  readonly holdBack: number;
  /** Undefined where nothing may be skipped. */
  readonly canSkipUntil: number | undefined;
}

/** Unix time, ms. */
const YEAR_0 = Date.parse('0000-01-01T00:00:00Z');
const YEAR_10000 = Date.parse('+010000-01-01T00:00:00Z');

export function version(number: number): string {
  return `#EXT-X-VERSION:${number}`;
}

export function independentSegments(): string {
  return '#EXT-X-INDEPENDENT-SEGMENTS';
}

export function targetDuration(seconds: number): string {
  return `#EXT-X-TARGETDURATION:${seconds}`;
}

export function serverControl({ partHoldBack, holdBack, canSkipUntil }: ServerControl): string {
  const skip = canSkipUntil === undefined ? '' : `,CAN-SKIP-UNTIL=${canSkipUntil}`;
  return `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=${decimal(partHoldBack)},HOLD-BACK=${decimal(holdBack)}${skip}`;
}

export function partInf(partTarget: number): string {
  return `#EXT-X-PART-INF:PART-TARGET=${decimal(partTarget)}`;
}

export function mediaSequence(sequence: number): string {
  return `#EXT-X-MEDIA-SEQUENCE:${sequence}`;
}

export function discontinuitySequence(sequence: number): string {
  return `#EXT-X-DISCONTINUITY-SEQUENCE:${sequence}`;
}

export function skip(segments: number): string {
  return `#EXT-X-SKIP:SKIPPED-SEGMENTS=${segments}`;
}

export function discontinuity(): string {
  return '#EXT-X-DISCONTINUITY';
}

export function map(timeline: string, { init }: Segment): string {
  return `#EXT-X-MAP:URI="${initAddress(timeline, init.number)}"`;
}

/** Undefined where that is no date of the years 0 to 9999, which is all that ISO 8601 writes: publishers state what they like. */
export function programDateTime({ wall }: Segment): string | undefined {
  return wall >= YEAR_0 && wall < YEAR_10000 ? `#EXT-X-PROGRAM-DATE-TIME:${new Date(wall).toISOString()}` : undefined;
}

export function part(timeline: string, { number, duration, independent }: Part): string {
  return `#EXT-X-PART:DURATION=${decimal(duration)},URI="${partAddress(timeline, number)}"${independent ? ',INDEPENDENT=YES' : ''}`;
}

export function inf({ duration }: Segment): string {
  return `#EXTINF:${decimal(duration)},`;
}

export function address(timeline: string, { sequence }: Segment): string {
  return segmentAddress(timeline, sequence);
}

export function preloadHint(timeline: string, number: number): string {
  return `#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${partAddress(timeline, number)}"`;
}

export function endList(): string {
  return '#EXT-X-ENDLIST';
}

/** Seconds to the microsecond: so that parts add up to their segment. */
function decimal(seconds: number): string {
  return seconds.toFixed(6).replace(/\.?0+$/, '');
}
