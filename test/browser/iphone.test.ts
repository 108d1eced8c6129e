import type { Browser, Page } from 'playwright-core';
import { launchBrowser, pageErrors } from '../support/browser';
import { eventually } from '../support/eventually';
import { H264_AAC, type Running, startFfmpeg, testPicture } from '../support/ffmpeg';
import { onlyManagedMediaSource, type Place } from '../support/managed-media-source';
import { startRelay, type TestRelay } from '../support/relay';
import { slowLink } from '../support/slow-link';
import { liveStream } from '../support/streams';

const PER_FRAME = ['-tune', 'zerolatency', '-movflags', '+frag_every_frame+empty_moov+default_base_moof', '-f', 'mp4'];

let browser: Browser;
let relay: TestRelay;
let page: Page;
let errors: readonly string[];
let publisher: Running;

beforeAll(async () => {
  // A script that the test hands to a worker comes from no network that Chromium knows, and would be kept from loopback.
  browser = await launchBrowser({ autoplay: 'no-user-gesture-required', flags: ['--disable-features=LocalNetworkAccessChecks'] });
});
afterAll(() => browser.close());

beforeEach(async () => {
  relay = await startRelay();
  await publish();
});
afterEach(async () => {
  await page.close();
  await stopPublishing();
  await relay.close();
});

async function publish(): Promise<void> {
  publisher = startFfmpeg(['-re', ...testPicture(), ...H264_AAC, ...PER_FRAME, `${relay.url}/publish/cam`]);
  await liveStream(relay.url, 'cam');
}

async function stopPublishing(): Promise<void> {
  publisher.process.kill('SIGKILL');
  await publisher.ended;
}

/** Opens a page with a player, as an iPhone would. */
async function open(place: Place, url = relay.url): Promise<void> {
  page = await browser.newPage();
  errors = pageErrors(page);
  await onlyManagedMediaSource(page, place);
  await page.goto(url);
  await page.addScriptTag({ type: 'module', url: '/player/sluice-video.js' });
  await page.evaluate(() => {
    document.body.insertAdjacentHTML('beforeend', '<sluice-video src="/watch/cam" autoplay></sluice-video>');
    // The one that must stay: Safari's decoder fails in a second one.
    Object.assign(globalThis, { first: document.querySelector('sluice-video')!.shadowRoot!.querySelector('video') });
  });
}

/** Waits until pictures come, and it says so, in the first video. */
async function plays(): Promise<void> {
  const seen = (): Promise<{ live: boolean; frames: number; same: boolean }> =>
    page.evaluate(() => {
      const { state, stats, shadowRoot } = document.querySelector('sluice-video')!;
      const videos = shadowRoot!.querySelectorAll('video');
      return { live: state === 'live', frames: stats?.frames ?? 0, same: videos.length === 1 && videos[0] === (globalThis as unknown as { first: unknown }).first };
    });
  let last = await seen();
  let shown = 0;
  await eventually(
    'it is live, and pictures come',
    async () => {
      const now = await seen();
      shown += Math.max(0, now.frames - last.frames);
      last = now;
      return now.live && shown > 20;
    },
  );
  expect(last.same).toBe(true);
}

const feed = (): Promise<string | undefined> => page.evaluate(() => document.querySelector('sluice-video')!.stats?.feed);

describe.each<readonly [where: string, place: Place]>([
  ['a worker', 'worker'],
  ['the page (long)', 'page'],
])('a browser that has nothing but ManagedMediaSource, in %s', (_where, place) => {
  it('plays, after pauses and seeks too, and goes on when the browser takes media away', async () => {
    await open(place);
    await plays();
    expect(await feed()).toBe(place);
    await page.evaluate(() => document.querySelector('sluice-video')!.pause());
    await eventually('it is paused', () => page.evaluate(() => document.querySelector('sluice-video')!.state === 'paused'));
    await page.evaluate(() => document.querySelector('sluice-video')!.seekToLive());
    await plays();
    await page.evaluate(() => (globalThis as unknown as { evict: (to: number) => void }).evict(document.querySelector('sluice-video')!.currentTime - 0.5));
    await plays();
    await page.evaluate(() => (globalThis as unknown as { evict: (to: number) => void }).evict(document.querySelector('sluice-video')!.currentTime + 60));
    await plays();
    // The dashboard, which is the page here, asks for pictures that may not be there yet.
    expect(errors.filter((error) => !error.includes('/snapshot.jpg'))).toEqual([]);
  });

  it('keeps its one video over lost connections, other publishers, failures and HLS', async () => {
    const link = await slowLink(relay.port);
    try {
      await open(place, `http://127.0.0.1:${link.port}`);
      await plays();
      link.cut();
      await page.context().setOffline(true);
      await page.context().setOffline(false);
      await plays();
      await stopPublishing();
      await publish();
      await plays();
      const fail = (): Promise<unknown> => page.evaluate(() => document.querySelector('sluice-video')!.shadowRoot!.querySelector('video')!.dispatchEvent(new Event('error')));
      for (let failures = 0; failures < 2; failures++) {
        await fail();
        await plays();
      }
      await fail();
      await eventually('it has failed', () => page.evaluate(() => document.querySelector('sluice-video')!.state === 'failed'));
      await stopPublishing();
      await publish();
      await plays();
      await page.evaluate(() => document.querySelector('sluice-video')!.setAttribute('transport', 'hls'));
      await plays();
      expect(await feed()).toBe('hls.js');
    } finally {
      await link.close();
    }
  });
});
