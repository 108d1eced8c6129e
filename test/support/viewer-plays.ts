import type { Page } from 'playwright-core';
import { eventually } from './eventually';

/** Waits until a watch page's picture moves on for a second. */
export async function viewerPlays(viewer: Page): Promise<void> {
  const look = (): Promise<{ live: boolean; time: number; frames: number }> =>
    viewer.evaluate(() => {
      const video = document.querySelector('sluice-video')!;
      return { live: video.state === 'live', time: video.currentTime, frames: video.getVideoPlaybackQuality().totalVideoFrames };
    });
  const before = await eventually('the viewer is live', async () => {
    const sight = await look();
    return sight.live && sight;
  });
  await eventually("the viewer's picture moves", async () => {
    const { live, time, frames } = await look();
    return live && time > before.time + 1 && frames > before.frames + 5;
  });
}
