import type { PlayerStats } from './player-stats';

/** What the relay knows already, or is told once. */
interface ClientSession {
  /** As the address of the playlist has it. */
  readonly session: string;
  /** Whether the time to the first picture is told with it: once a session. */
  readonly withStart: boolean;
}

/**
 * What a player over HLS experiences, as Common Media Client Data, version 2 (CTA-5004-B): the numbers that go over a socket as
 * `report`. Buffers are told to the millisecond, not in tenths of a second: here they are seldom longer than one.
 */
export function clientData({ buffer, stalls, dropped, latency, firstFrame, rate, target }: PlayerStats, { session, withStart }: ClientSession): string {
  const members: readonly (readonly [key: string, value: string | undefined])[] = [
    ['bl', list(milliseconds(buffer))],
    ['bsa', list(String(stalls))],
    ['dfa', String(dropped)],
    ['ltc', milliseconds(latency)],
    ['msd', withStart ? milliseconds(firstFrame) : undefined],
    ['pr', rate === 1 ? undefined : rate.toFixed(2)],
    ['sf', 'h'],
    ['sid', `"${session}"`],
    ['st', 'll'],
    ['tbl', list(milliseconds(target))],
    ['v', '2'],
  ];
  return members.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`])).join(',');
}

/** A time before nothing, as of a clock that is wrong, has no place there. */
function milliseconds(seconds: number): string | undefined {
  return seconds >= 0 ? String(Math.round(seconds * 1000)) : undefined;
}

function list(item: string | undefined): string | undefined {
  return item && `(${item})`;
}
