import type { StreamSample } from '../../src/protocol/stream-detail';

/** The box that the line is drawn in. */
export const SPARK_WIDTH = 120;
export const SPARK_HEIGHT = 28;
/** Seconds from its left to its right. */
const SPAN = 120;

/** The line as the `d` of a path in a box of 120 by 28, the newest sample at its right edge; empty for fewer than two. */
export function sparklinePath(samples: readonly StreamSample[]): string {
  const newest = samples.at(-1);
  if (newest === undefined || samples.length < 2) return '';
  const top = Math.max(...samples.map(({ bitrate }) => bitrate), 1);
  const points = samples.map(({ at, bitrate }) => {
    const x = SPARK_WIDTH - ((newest.at - at) / 1000 / SPAN) * SPARK_WIDTH;
    // A pixel at top and bottom for half the line's width.
    const y = 1 + (SPARK_HEIGHT - 2) * (1 - bitrate / top);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return `M${points.join('L')}`;
}
