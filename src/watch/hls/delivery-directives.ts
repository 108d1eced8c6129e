import { SluiceError } from '../../protocol/error-code';
import type { Segment } from './segment';

/** What a client asks of a media playlist, RFC 8216bis §6.2.5. */
export interface DeliveryDirectives {
  /** The segment, and the part of it, that the playlist must have: the answer waits for it. */
  readonly sequence: number | undefined;
  readonly part: number | undefined;
  /** Whether a delta update would do. */
  readonly skip: boolean;
}

/** Where a playlist ends. */
export interface PlaylistEdge {
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
/** How many segments behind the newest whole one may be asked for, §6.2.5.2. */
const SEGMENTS_AHEAD = 2;
/** Parts that may be asked for ahead: three, or as many as three seconds have. */
const LEAST_PARTS_AHEAD = 3;
const SECONDS_AHEAD = 3;

/**
 * Reads the directives of an address. Others than these are left alone.
 * @throws SluiceError `bad-request` if one is malformed, or a part is asked for of no segment.
 */
export function readDirectives(query: URLSearchParams): DeliveryDirectives {
  const sequence = readNumber(query, '_HLS_msn');
  const part = readNumber(query, '_HLS_part');
  if (part !== undefined && sequence === undefined) throw new SluiceError('bad-request', 'Cannot wait for a part: "_HLS_part" wants "_HLS_msn"');
  const skip = query.get('_HLS_skip');
  if (skip !== null && skip !== 'YES' && skip !== 'v2') throw new SluiceError('bad-request', 'Cannot skip: "_HLS_skip" must be YES or v2');
  return { sequence, part, skip: skip !== null };
}

/**
 * Whether the playlist has what is asked for, so that it need not wait.
 * @throws SluiceError `bad-request` if that is too far ahead: the client has made it up, or read another playlist.
 */
export function isDue({ sequence, part }: DeliveryDirectives, edge: PlaylistEdge): boolean {
  if (edge.ended) return true;
  // There is nothing to play before the first whole segment.
  if (sequence === undefined) return edge.last !== undefined;
  const partsAhead = Math.max(LEAST_PARTS_AHEAD, Math.ceil(SECONDS_AHEAD / edge.partTarget));
  if (sequence > edge.sequence - 1 + SEGMENTS_AHEAD || (part !== undefined && part >= edge.parts + partsAhead && sequence >= edge.sequence)) {
    throw new SluiceError('bad-request', `Cannot wait for segment ${sequence}${part === undefined ? '' : `, part ${part}`}: the newest is ${edge.sequence - 1}`);
  }
  if (sequence < edge.sequence - 1) return true;
  if (sequence === edge.sequence - 1) {
    // A part behind the last of a segment is the first of the next, §6.2.5.2.
    return part === undefined || part < (edge.last?.parts.length ?? 0) || edge.parts > 0;
  }
  return part !== undefined && sequence === edge.sequence && part < edge.parts;
}

function readNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!NUMBER.test(text)) throw new SluiceError('bad-request', `Cannot read "${name}": it must be a whole number`);
  return Number(text);
}
