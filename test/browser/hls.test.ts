import type { Browser, Page, Request } from 'playwright-core';
import { type BlockingProxy, blockingProxy } from '../support/blocking-proxy';
import { launchBrowser, screenshot } from '../support/browser';
import { eventually } from '../support/eventually';
import { type Running, startFfmpeg } from '../support/ffmpeg';
import { type HlsState, hlsState, openHlsPage, playsFor } from '../support/hls-page';
import { needs } from '../support/needs';
import { SluiceError } from '../../src/protocol/error-code';
import type { ViewerInfo } from '../../src/protocol/viewer-info';
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

/** Everybody who watches. */
function viewers(): ViewerInfo[] {
  return [...(relay.registry.get('cam')?.viewerInfos() ?? [])];
}

/** The requests of a page for playlists that the relay hasn't answered, each with when it was sent, ms. Only what begins from now on. */
function pendingPlaylists(watched: Page): ReadonlyMap<Request, number> {
  const pending = new Map<Request, number>();
  watched.on('request', (request) => {
    if (request.url().includes('_HLS_msn')) pending.set(request, performance.now());
  });
  const answered = (request: Request): void => void pending.delete(request);
  watched.on('requestfinished', answered);
  watched.on('requestfailed', answered);
  return pending;
}

function fatal({ errors }: HlsState): string[] {
  return errors.filter((error) => error.endsWith('fatal'));
}

needs('a whole Chromium', () => {
  describe('hls.js in its low-latency mode', () => {
    it('plays fragmented MP4, nearer the live edge than whole segments allow', async () => {
      await publish({ size: '320x240', codecs: H264 });
      page = await openHlsPage(browser, { url: relay.url, name: 'cam' });
      const shown = page;
      // Without parts it keeps three segments of 2 s behind.
      await eventually('it has caught up', async () => ((await hlsState(shown)).behind ?? Infinity) < 4);
      const state = await playsFor(page, 3);
      expect(state.width).toBe(320);
      expect(fatal(state)).toEqual([]);
      expect(relay.registry.get('cam')?.viewers).toBe(1);
    });

    async function reportsByCmcd(version: number): Promise<void> {
      await publish({ size: '320x240', codecs: H264 });
      page = await openHlsPage(browser, { url: relay.url, name: 'cam', config: { cmcd: { version } } });
      const told = await eventually('it is told', () => viewers().find(({ buffer }) => buffer !== undefined && buffer > 0));
      expect(told.transport).toBe('hls');
      expect(told.buffer).toBeLessThan(10);
      expect(fatal(await playsFor(page, 2))).toEqual([]);
      expect(viewers()).toHaveLength(1);
    }

    it('tells what it experiences by its own CMCD, version 2', () => reportsByCmcd(2));

    it('tells what it experiences by its own CMCD, version 1 (long)', () => reportsByCmcd(1));

    it('goes on where a publisher comes back with another picture, codec and container', async () => {
      await publish({ size: '320x240', codecs: H264 });
      page = await openHlsPage(browser, { url: relay.url, name: 'cam' });
      await playsFor(page, 2);
      await stopPublishing();
      await publish({ size: '480x270', codecs: VP9, container: ['-f', 'webm'] });
      const shown = page;
      await eventually('the new picture is shown', async () => (await hlsState(shown)).width === 480);
      const state = await playsFor(page, 3);
      expect(fatal(state)).toEqual([]);
    });
  });

  describe('<sluice-video>', () => {
    /** Resolves once the player of the page plays live, and says how. */
    async function playsBy(shown: Page): Promise<string> {
      return eventually<string>('it is live', () => shown.evaluate("(() => { const video = document.querySelector('sluice-video'); return video?.state === 'live' && video.stats.feed; })()"));
    }

    it('plays over HLS where two WebSockets were cut off, and says so', async () => {
      await publish({ size: '320x240', codecs: H264 });
      await eventually('there is something to show', async () => (await fetch(`${relay.url}/hls/cam/index.m3u8?segments=1`)).ok);
      proxy = await blockingProxy(relay.url);
      page = await browser.newPage();
      await page.goto(`${proxy.url}/watch/cam`);
      expect(await playsBy(page)).toBe('hls.js');
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
      expect(await playsBy(page)).toBe(feed);
      expect(relay.registry.get('cam')?.viewers).toBe(1);
    });

    /** Opens the watch page, over HLS. */
    async function watchOverHls(): Promise<Page> {
      const shown = await browser.newPage();
      await shown.goto(`${relay.url}/watch/cam`);
      await shown.evaluate("document.querySelector('sluice-video').transport = 'hls'");
      return shown;
    }

    /** The state of the player, and its words. */
    function stateOf(shown: Page): Promise<string> {
      return shown.evaluate("(({ state, stateText }) => `${state}: ${stateText}`)(document.querySelector('sluice-video'))");
    }

    it('tells the relay over HLS what it tells over a socket, its first picture among it', async () => {
      await publish({ size: '320x240', codecs: H264 });
      page = await watchOverHls();
      await playsBy(page);
      const firstFrame = await page.evaluate<number>("document.querySelector('sluice-video').stats.firstFrame");
      expect(firstFrame).toBeGreaterThan(0);
      expect(firstFrame).toBeLessThan(15);
      const told = await eventually('it is told', () => viewers().find(({ latency }) => latency !== undefined));
      expect(told.transport).toBe('hls');
      expect(told.firstFrame).toBeCloseTo(firstFrame, 2);
      expect(told.latency).toBeGreaterThan(0.2);
      expect(told.latency).toBeLessThan(10);
      expect(told.buffer).toBeGreaterThan(0);
      expect([told.stalls, told.dropped].map((count) => typeof count)).toEqual(['number', 'number']);
      const shown = page;
      await eventually('it is told again', () => viewers()[0]?.latency !== told.latency);
      expect(await stateOf(shown)).toBe('live: ');
      expect(viewers()).toHaveLength(1);
    });

    /** Opens the watch page over HLS where somebody else watches already, and the relay takes one viewer. */
    async function watchAsSecond(limits: Parameters<typeof startRelay>[0]): Promise<{ first: Page; shown: Page }> {
      await relay.close();
      relay = await startRelay(limits);
      await publish({ size: '320x240', codecs: H264 });
      const first = await browser.newPage();
      await first.goto(`${relay.url}/watch/cam`);
      await eventually('somebody watches', () => viewers().length === 1);
      page = await watchOverHls();
      return { first, shown: page };
    }

    it('says over HLS that the relay is full, waits as long as that says, and plays when there is a place (long)', async () => {
      const { first, shown } = await watchAsSecond({ maxViewers: 1 });
      await eventually('it is told', async () => (await stateOf(shown)) === 'connecting: The relay is full; it goes on here when a place is free');
      const told = performance.now();
      await first.close();
      await playsBy(shown);
      // It says ten seconds.
      expect(performance.now() - told).toBeGreaterThan(9_000);
    });

    it('says over HLS that too many watch from there (long)', async () => {
      const { first, shown } = await watchAsSecond({ maxViewersPerAddress: 1 });
      await eventually('it is told', async () => (await stateOf(shown)) === 'connecting: Too many connections from your network; trying again soon');
      await first.close();
    });

    it('gives up over HLS when it is disconnected, in the words of the relay', async () => {
      await publish({ size: '320x240', codecs: H264 });
      page = await watchOverHls();
      await playsBy(page);
      relay.registry.get('cam')!.disconnect(viewers()[0]!.id, new SluiceError('disconnected', 'Cannot go on watching: somebody has said so'));
      const shown = page;
      await eventually('it has given up', async () => (await stateOf(shown)) === 'failed: Cannot go on watching: somebody has said so');
      expect(await page.evaluate("document.querySelector('sluice-video').error.reason")).toBe('disconnected');
    });

    /** Whether the last picture stands, with nothing behind it. */
    function stands(shown: Page): Promise<boolean> {
      return shown.evaluate("(({ readyState, videoWidth }) => readyState > 0 && readyState < 3 && videoWidth === 320)(document.querySelector('sluice-video').nativeEl)");
    }

    /** Resolves once the picture is near live. */
    async function isNearLive(shown: Page): Promise<void> {
      await eventually('it is near live', async () => (await shown.evaluate<number>("document.querySelector('sluice-video').latency")) < 3);
    }

    it('says over HLS that the relay can’t be reached, keeps its last picture, and plays at the live edge when it can', async () => {
      await publish({ size: '320x240', codecs: H264 });
      proxy = await blockingProxy(relay.url);
      const port = Number(new URL(proxy.url).port);
      page = await browser.newPage();
      await page.goto(`${proxy.url}/watch/cam`);
      await page.evaluate("document.querySelector('sluice-video').transport = 'hls'");
      await playsBy(page);
      proxy.close();
      const shown = page;
      await eventually('it is told', async () => (await stateOf(shown)) === 'reconnecting: Connection lost, connecting again');
      await eventually('the picture stands', () => stands(shown));
      proxy = await blockingProxy(relay.url, port);
      await playsBy(page);
      await isNearLive(page);
      expect(viewers()).toHaveLength(1);
    });

    it('says over HLS that the publisher sends nothing, once the relay does', async () => {
      await publish({ size: '320x240', codecs: H264 });
      page = await watchOverHls();
      await playsBy(page);
      publisher!.process.kill('SIGSTOP');
      const shown = page;
      await eventually('it is told', async () => (await stateOf(shown)) === 'waiting: The publisher sends nothing just now');
      await stopPublishing();
      await publish({ size: '480x270', codecs: H264 });
      await playsBy(page);
    });

    it('says so too where the relay holds no request, as after hls.js has given one up (long)', async () => {
      await publish({ size: '320x240', codecs: H264 });
      page = await watchOverHls();
      await page.route('**/media.m3u8*', (route) => {
        const url = new URL(route.request().url());
        for (const directive of ['_HLS_msn', '_HLS_part', '_HLS_skip']) url.searchParams.delete(directive);
        return route.continue({ url: url.href });
      });
      await playsBy(page);
      publisher!.process.kill('SIGSTOP');
      const shown = page;
      await eventually('it is told', async () => (await stateOf(shown)) === 'waiting: The publisher sends nothing just now');
    });

    it('says over HLS that the relay restarts, and plays at the live edge when it is back', async () => {
      await publish({ size: '320x240', codecs: H264 });
      page = await watchOverHls();
      const pending = pendingPlaylists(page);
      await playsBy(page);
      const { port } = relay;
      await page.evaluate("document.querySelector('sluice-video').addEventListener('statechange', ({ detail }) => { document.title += `, ${detail.text}`; })");
      publisher!.process.kill('SIGSTOP');
      await eventually('a request is pending', () => [...pending.values()].some((begun) => performance.now() - begun > 1_000));
      await relay.close();
      await stopPublishing();
      const shown = page;
      await eventually('it is told', async () => (await stateOf(shown)) === 'reconnecting: Connection lost, connecting again');
      expect(await page.title()).toContain(', The relay is starting anew; it goes on here soon, Connection lost');
      relay = await startRelay({ port });
      await eventually('it waits', async () => (await stateOf(shown)) === 'waiting: Waiting for a publisher');
      await publish({ size: '480x270', codecs: H264 });
      await playsBy(page);
      expect(await page.evaluate("document.querySelector('sluice-video').videoWidth")).toBe(480);
      await isNearLive(page);
      expect(viewers()).toHaveLength(1);
    });

    it('waits over HLS for a publisher, and plays the next when one has ended', async () => {
      page = await browser.newPage();
      await page.goto(`${relay.url}/watch/cam`);
      await page.evaluate("document.querySelector('sluice-video').transport = 'hls'");
      const shown = page;
      const state = (): Promise<string> => shown.evaluate("document.querySelector('sluice-video').state");
      await eventually('it waits', async () => (await state()) === 'waiting');
      await publish({ size: '320x240', codecs: H264 });
      await playsBy(page);
      await endPublishing();
      await eventually('it has ended', async () => ['ended', 'waiting'].includes(await state()));
      await publish({ size: '480x270', codecs: H264 });
      await playsBy(page);
      expect(await page.evaluate("document.querySelector('sluice-video').videoWidth")).toBe(480);
    });
  });
});
