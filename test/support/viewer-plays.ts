import type { Page } from 'playwright-core';
import { eventually } from './eventually';

interface Sight {
  readonly live: boolean;
  readonly time: number;
  readonly frames: number;
  /** What a failure shows. */
  readonly player: string;
}

/** Waits until a watch page's picture moves on for a second; a failure shows how the player is instead. */
export async function viewerPlays(viewer: Page): Promise<void> {
  const look = (): Promise<Sight> =>
    viewer.evaluate(() => {
      const video = document.querySelector('sluice-video')!;
      const inner = video.shadowRoot!.querySelector('video')!;
      const { paused, readyState, currentTime } = inner;
      const buffered = Array.from({ length: inner.buffered.length }, (_, index) => [inner.buffered.start(index), inner.buffered.end(index)]);
      const player = JSON.stringify({ state: video.state, text: video.stateText, paused, readyState, currentTime, buffered, stats: video.stats, error: video.error?.message });
      return { live: video.state === 'live', time: video.currentTime, frames: video.getVideoPlaybackQuality().totalVideoFrames, player };
    });
  const shown = async (error: unknown): Promise<never> => {
    throw new Error(`${(error as Error).message}: ${(await look()).player}`, { cause: error });
  };
  const before = await eventually('the viewer is live', async () => {
    const sight = await look();
    return sight.live && sight;
  }).catch(shown);
  await eventually("the viewer's picture moves", async () => {
    const { live, time, frames } = await look();
    return live && time > before.time + 1 && frames > before.frames + 5;
  }).catch(shown);
}
