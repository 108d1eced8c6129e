import type { Browser, Page } from 'playwright-core';
import { type BlockingProxy, blockingProxy } from '../support/blocking-proxy';
import { launchBrowser, screenshot } from '../support/browser';
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
let proxy: BlockingProxy | undefined;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser.close());

beforeEach(async () => {
  relay = await startRelay();
});

afterEach(async () => {
  await page?.context().close();
  proxy?.close();
  proxy = undefined;
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

/** The publisher ends the stream, as a camera that is switched off. */
async function endPublishing(): Promise<void> {
  publisher?.process.kill('SIGINT');
  await publisher?.ended;
  publisher = undefined;
}

function fatal({ errors }: HlsState): string[] {
  return errors.filter((error) => error.endsWith('fatal'));
}

needs('a whole Chromium', () => {
  describe('hls.js in its low-latency mode', () => {
    it('plays fragmented MP4, and catches up to less than 1.5 s behind', async () => {
      await publish({ size: '320x240', codecs: H264 });
      page = await openHlsPage(browser, { url: relay.url, name: 'cam' });
      const shown = page;
      await eventually('it has caught up', async () => ((await hlsState(shown)).behind ?? Infinity) < 1.5, 30_000);
      const state = await playsFor(page, 3);
      expect(state.width).toBe(320);
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

  describe('<sluice-video>', () => {
    /** Resolves once the player of the page plays live, and says how. */
    async function playsBy(shown: Page, timeout: number): Promise<string> {
      return eventually<string>('it is live', () => shown.evaluate("(() => { const video = document.querySelector('sluice-video'); return video?.state === 'live' && video.stats.feed; })()"), timeout);
    }

    it('plays over HLS where two WebSockets were cut off, and says so', async () => {
      await publish({ size: '320x240', codecs: H264 });
      await eventually('there is something to show', async () => (await fetch(`${relay.url}/hls/cam/index.m3u8`)).ok);
      proxy = await blockingProxy(relay.url);
      page = await browser.newPage();
      await page.goto(`${proxy.url}/watch/cam`);
      expect(await playsBy(page, 20_000)).toBe('hls.js');
      expect(proxy.refused).toBe(2);
      await page.evaluate("document.querySelector('sluice-video').toggleStats()");
      const shown = page;
      await eventually('it is told how', async () => String(await shown.evaluate("document.querySelector('sluice-video').shadowRoot.textContent")).includes('HLS, by hls.js'));
      await screenshot(page, 'hls-fallback');
    });

    it.each([
      ['hls', 'hls.js'],
      ['websocket', 'worker'],
    ])('plays by "%s" where it is told to, with %s', async (transport, feed) => {
      await publish({ size: '320x240', codecs: H264 });
      page = await browser.newPage();
      await page.goto(`${relay.url}/watch/cam`);
      await page.evaluate(`document.querySelector('sluice-video').transport = '${transport}'`);
      expect(await playsBy(page, 15_000)).toBe(feed);
      expect(relay.registry.get('cam')?.viewers).toBe(1);
    });

    it('waits over HLS for a publisher, and plays the next when one has ended', async () => {
      page = await browser.newPage();
      await page.goto(`${relay.url}/watch/cam`);
      await page.evaluate("document.querySelector('sluice-video').transport = 'hls'");
      const shown = page;
      const state = (): Promise<string> => shown.evaluate("document.querySelector('sluice-video').state");
      await eventually('it waits', async () => (await state()) === 'waiting');
      await publish({ size: '320x240', codecs: H264 });
      await playsBy(page, 20_000);
      await endPublishing();
      await eventually('it has ended', async () => ['ended', 'waiting'].includes(await state()), 20_000);
      await publish({ size: '480x270', codecs: H264 });
      await playsBy(page, 20_000);
      expect(await page.evaluate("document.querySelector('sluice-video').videoWidth")).toBe(480);
    });
  });
});
