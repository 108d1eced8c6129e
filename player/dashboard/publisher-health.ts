import type { StreamSample } from '../../src/protocol/stream-detail';
import { plural } from '../words/format';

/** How good something is: said by a colour, and always in words, too. */
export type HealthLevel = 'good' | 'warn' | 'bad';

/** How a publisher does. */
interface PublisherHealth {
  readonly level: HealthLevel;
  readonly words: string;
}

/** What a publisher's health is judged by. */
interface HealthSigns {
  readonly state: 'live' | 'held';
  /** The last minutes, one a second, oldest first. */
  readonly samples: readonly StreamSample[];
  /** Time between keyframes, seconds: a publisher may send no oftener than that. */
  readonly gop?: number | undefined;
}

/** Before as many seconds nothing can be said, and the newest bitrate is that of as many. */
const RECENT = 5;
/** As long a silence, seconds, says nothing of a stream without a known GOP. */
const PAUSE = 2;

/** Judges a publisher against its own past: whether it is there, sends steadily, and as much as it did. */
export function publisherHealth({ state, samples, gop = 0 }: HealthSigns): PublisherHealth {
  if (state === 'held') return { level: 'bad', words: 'Broke off; may come back' };
  const pause = Math.max(PAUSE, Math.ceil(gop * 1.5));
  const silences = silencesIn(samples);
  const silent = samples.at(-1)?.bitrate === 0 ? (silences.at(-1) ?? 0) : 0;
  if (silent > pause) return { level: 'bad', words: `Nothing has come for ${silent} s` };
  if (samples.length < RECENT * 2) return { level: 'good', words: 'Just begun' };
  const gaps = silences.filter((seconds) => seconds > pause).length;
  if (gaps > 0) return { level: 'warn', words: `${plural(gaps, 'gap')} in the last ${minutes(samples.length)}` };
  const ratio = average(samples.slice(-Math.max(RECENT, pause * 2))) / average(samples);
  if (ratio < 0.5) return { level: 'warn', words: `Bitrate is ${Math.round(ratio * 100)} % of its average` };
  if (ratio > 2) return { level: 'warn', words: `Bitrate is ${ratio.toFixed(1)} times its average` };
  return { level: 'good', words: 'Steady' };
}

/** Mean bitrate of some seconds, bits a second; 0 without any. */
export function average(samples: readonly StreamSample[]): number {
  return samples.reduce((sum, { bitrate }) => sum + bitrate, 0) / Math.max(1, samples.length);
}

/** Lengths in seconds of the runs in which nothing came, oldest first. What came before the first media counts for none. */
function silencesIn(samples: readonly StreamSample[]): number[] {
  const silences: number[] = [];
  let begun = false;
  let silent = 0;
  for (const { bitrate } of samples) {
    if (bitrate === 0) {
      silent++;
      continue;
    }
    if (begun && silent > 0) silences.push(silent);
    begun = true;
    silent = 0;
  }
  if (silent > 0) silences.push(silent);
  return silences;
}

function minutes(seconds: number): string {
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} minutes`;
}
