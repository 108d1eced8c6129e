import { PlayedTime } from '../../../player/video/played-time';

/** What has been played after these looks: the time in ms, and the position in seconds. */
function played(...looks: readonly (readonly [now: number, position: number])[]): number {
  const time = new PlayedTime();
  for (const [now, position] of looks) time.look(now, position);
  return time.ms;
}

describe('the time that a video has played', () => {
  it('is what its position has gone on by', () => {
    expect(played([1_000, 50], [2_000, 51], [3_000, 51.5])).toBe(1_500);
  });

  it('stands while the video stands, however long that takes', () => {
    expect(played([0, 50], [1_000, 51], [90_000, 51], [91_000, 52])).toBe(2_000);
  });

  it('is no longer after a seek back, or a new media source that begins at 0', () => {
    expect(played([0, 50], [1_000, 51], [2_000, 0], [3_000, 1])).toBe(2_000);
  });

  it('counts no more of a seek forward than the time that has passed', () => {
    expect(played([0, 50], [100, 80])).toBe(100);
  });
});
