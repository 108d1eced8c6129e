import type { InitSegment } from './chunk';
import { mp4Setup } from './mp4/decoder-setup';
import { webmSetup } from './webm/decoder-setup';

/**
 * Whether a player that was sent one init segment needs no other for the media after `other`: same container, tracks, timescales and
 * decoder configuration. What a muxer makes up anew each time it starts doesn't count: dates, names and random numbers.
 */
export function haveSameSetup(one: InitSegment, other: InitSegment): boolean {
  if (one.container !== other.container || one.mime !== other.mime) return false;
  // After a jump of timestamps it is the very same.
  if (one === other || areEqual(one.bytes, other.bytes)) return true;
  const setupOf = one.container === 'mp4' ? mp4Setup : webmSetup;
  const [ones, others] = [setupOf(one), setupOf(other)];
  return ones.length === others.length && ones.every((part, index) => areEqual(part, others[index] ?? []));
}

function areEqual(one: Uint8Array, other: ArrayLike<number>): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
