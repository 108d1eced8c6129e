import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser';
import { eventually } from '../support/eventually';
import { type Running, startFfmpeg } from '../support/ffmpeg';
import { type HlsState, hlsState, openHlsPage, playsFor } from '../support/hls-page';
import { needs } from '../support/needs';
import { startRelay, type TestRelay } from '../support/relay';
import { liveStream } from '../support/streams';

const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '30', '-c:a', 'aac'];
const VP9 = ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-g', '30', '-c:a', 'libopus'];
const FRAME_BY_FRAME = ['-movflags', '+frag_every_frame+empty_moov+default_base_moof', '-f', 'mp4'];

let browser: Browser;
let relay: TestRelay;
let publisher: Running | undefined;
let page: Page | undefined;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser.close());

beforeEach(async () => {
  relay = await startRelay();
});

afterEach(async () => {
  await page?.context().close();
  await stopPublishing();
  await relay.close();
});

async function publish({ size, codecs, container = FRAME_BY_FRAME }: { size: string; codecs: readonly string[]; container?: readonly string[] }): Promise<void> {
  const input = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=30`, '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'];
  publisher = startFfmpeg(['-re', ...input, ...codecs, ...container, `${relay.url}/publish/cam`]);
  await liveStream(relay.url, 'cam');
}

async function stopPublishing(): Promise<void> {
  publisher?.process.kill('SIGKILL');
  await publisher?.ended;
  publisher = undefined;
}

function fatal({ errors }: HlsState): string[] {
  return errors.filter((error) => error.endsWith('fatal'));
}

needs('a whole Chromium', () => {
  describe('hls.js in its low-latency mode', () => {
    it('plays fragmented MP4 at most 1.5 s behind', async () => {
      await publish({ size: '320x240', codecs: H264 });
      page = await openHlsPage(browser, { url: relay.url, name: 'cam' });
      const shown = page;
      await eventually('it has caught up', async () => ((await hlsState(shown)).behind ?? Infinity) < 1.2, 30_000);
      const state = await playsFor(page, 3);
      expect(state.width).toBe(320);
      expect(state.behind).toBeLessThan(1.5);
      expect(fatal(state)).toEqual([]);
      expect(relay.registry.get('cam')?.viewers).toBe(1);
    });

    it('goes on where a publisher comes back with another picture, codec and container', async () => {
      await publish({ size: '320x240', codecs: H264 });
      page = await openHlsPage(browser, { url: relay.url, name: 'cam' });
      await playsFor(page, 2);
      await stopPublishing();
      await publish({ size: '480x270', codecs: VP9, container: ['-f', 'webm'] });
      const shown = page;
      await eventually('the new picture is shown', async () => (await hlsState(shown)).width === 480, 20_000);
      const state = await playsFor(page, 3);
      expect(fatal(state)).toEqual([]);
    });
  });
});
