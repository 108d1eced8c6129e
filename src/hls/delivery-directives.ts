import { SluiceError } from '../protocol/error-code';
import type { Segment } from './segment';
import type { TimelineState } from './timeline-state';

/** What a client asks of a media playlist: RFC 8216bis §6.2.5, and `segments` and `from`, which are Sluice's own. */
export interface DeliveryDirectives {
  /** The segment, and the part of it, that the playlist must have: the answer waits for it. */
  readonly sequence: number | undefined;
  readonly part: number | undefined;
  /** Whether a delta update would do. */
  readonly skip: boolean;
  /** How many whole segments a playlist must have that is requested without `sequence`, as the first is. */
  readonly segments: number;
  /** Media Sequence Number of the segment that the playlist begins with, unless it begins later. */
  readonly from: number | undefined;
}

/** Where a playlist ends: its live edge. */
export interface PlaylistEdge {
  /** Media Sequence Number of the first segment that there was, and of the first that is listed. */
  readonly start: number;
  readonly first: number;
  /** Media Sequence Number of the segment that isn't whole, and how many parts it has. */
  readonly sequence: number;
  readonly parts: number;
  /** The segment before it. */
  readonly last: Segment | undefined;
  readonly ended: boolean;
  /** Seconds. */
  readonly partTarget: number;
}

const NUMBER = /^\d{1,15}$/;
/** What a player needs to begin, unless it says that it can do with less: Chromium's own HLS fails for good with one or two. */
const SEGMENTS_TO_BEGIN = 3;
/** How many segments after the newest whole one may be requested, §6.2.5.2. */
const SEGMENTS_AHEAD = 2;
/** How many parts ahead may be requested: three, or as many as three seconds have. */
const LEAST_PARTS_AHEAD = 3;
const SECONDS_AHEAD = 3;

/** Where the playlists of a timeline end now. */
export function edgeOf({ start, listed, segments, sequence, open, ended, partTarget }: TimelineState): PlaylistEdge {
  return { start, first: listed[0]?.sequence ?? sequence, sequence, parts: open?.parts.length ?? 0, last: segments[segments.length - 1], ended, partTarget };
}

/**
 * Reads the directives of an address. Others than these are left alone.
 * @throws SluiceError `bad-request` if one is malformed, a part is requested of no segment, or `segments` isn't 1 to 3.
 */
export function readDirectives(query: URLSearchParams): DeliveryDirectives {
  const sequence = readNumber(query, '_HLS_msn');
  const part = readNumber(query, '_HLS_part');
  if (part !== undefined && sequence === undefined) throw new SluiceError('bad-request', 'Cannot wait for a part: "_HLS_part" wants "_HLS_msn"');
  const skip = query.get('_HLS_skip');
  if (skip !== null && skip !== 'YES' && skip !== 'v2') throw new SluiceError('bad-request', 'Cannot skip: "_HLS_skip" must be YES or v2');
  return { sequence, part, skip: skip !== null, segments: readSegments(query), from: readNumber(query, 'from') };
}

/** Reads how many segments a first playlist must have. @throws SluiceError `bad-request` if that isn't 1 to 3. */
export function readSegments(query: URLSearchParams): number {
  const segments = readNumber(query, 'segments') ?? SEGMENTS_TO_BEGIN;
  if (segments >= 1 && segments <= SEGMENTS_TO_BEGIN) return segments;
  throw new SluiceError('bad-request', `Cannot wait for ${segments} segments: "segments" must be 1 to ${SEGMENTS_TO_BEGIN}`);
}

/**
 * Checks a request when it comes. A request that was in reach then stays valid: parts are counted from the open segment, so the
 * same one can look out of reach once that segment is cut.
 * @throws SluiceError `bad-request` if it asks for more than may be awaited: the client made it up, or read another playlist.
 */
export function checkReach({ sequence, part }: DeliveryDirectives, edge: PlaylistEdge): void {
  if (edge.ended || sequence === undefined) return;
  const partsAhead = Math.max(LEAST_PARTS_AHEAD, Math.ceil(SECONDS_AHEAD / edge.partTarget));
  if (sequence > edge.sequence - 1 + SEGMENTS_AHEAD || (part !== undefined && part >= edge.parts + partsAhead && sequence >= edge.sequence)) {
    throw new SluiceError('bad-request', `Cannot wait for segment ${sequence}${part === undefined ? '' : `, part ${part}`}: the newest is ${edge.sequence - 1}`);
  }
}

/** Whether the playlist has what is requested, so that the request need not wait. Never throws: waiting requests are checked outside of any request. */
export function isDue({ sequence, part, segments, from }: DeliveryDirectives, edge: PlaylistEdge): boolean {
  if (edge.ended) return true;
  if (sequence === undefined) {
    const first = firstListed(from, edge);
    // A list that has let segments go is as long as it gets.
    const isFull = first === edge.first && edge.first > edge.start;
    return edge.sequence - first >= (isFull ? 1 : segments);
  }
  if (sequence < edge.sequence - 1) return true;
  if (sequence === edge.sequence - 1) {
    // A part after the last of a segment is the first of the next, §6.2.5.2.
    return part === undefined || part < (edge.last?.parts.length ?? 0) || edge.parts > 0;
  }
  return part !== undefined && sequence === edge.sequence && part < edge.parts;
}

/** Media Sequence Number of the segment that a playlist begins with: `from`, unless that is no longer listed or was never promised. */
export function firstListed(from: number | undefined, { first, sequence }: Pick<PlaylistEdge, 'first' | 'sequence'>): number {
  return from !== undefined && from > first && from <= sequence ? from : first;
}

function readNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!NUMBER.test(text)) throw new SluiceError('bad-request', `Cannot read "${name}": it must be a whole number`);
  return Number(text);
}
