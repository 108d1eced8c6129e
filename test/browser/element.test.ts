import type { Browser, Page } from 'playwright-core';
import { launchBrowser, openEmptyPage, pageErrors } from '../support/browser';
import { eventually } from '../support/eventually';
import { H264_AAC, type Running, startFfmpeg, testPicture } from '../support/ffmpeg';
import { startRelay, type TestRelay } from '../support/relay';
import { liveStream } from '../support/streams';

let browser: Browser;
let relay: TestRelay;
let page: Page;
let errors: readonly string[];
let publisher: Running;

beforeAll(async () => {
  browser = await launchBrowser({ autoplay: 'no-user-gesture-required' });
  relay = await startRelay();
  const perFrame = ['-movflags', '+frag_every_frame+empty_moov+default_base_moof', '-f', 'mp4'];
  publisher = startFfmpeg(['-re', ...testPicture(), ...H264_AAC, '-tune', 'zerolatency', ...perFrame, `${relay.url}/publish/cam`]);
  await liveStream(relay.url, 'cam');
});

afterAll(async () => {
  publisher.process.kill('SIGKILL');
  await publisher.ended;
  await browser.close();
  await relay.close();
});

/** Opens a page with two boxes, the first of which has the player, muted and without `autoplay`. */
async function open(src: string): Promise<void> {
  page = await browser.newPage({ viewport: { width: 640, height: 480 } });
  errors = pageErrors(page);
  await openEmptyPage(page, relay.url);
  await page.addScriptTag({ type: 'module', url: '/player/sluice-video.js' });
  await page.evaluate((address) => {
    document.body.innerHTML = '<div></div><div></div>';
    const video = document.createElement('sluice-video');
    video.muted = true;
    video.dataset['errors'] = '0';
    video.addEventListener('error', () => (video.dataset['errors'] = String(Number(video.dataset['errors']) + 1)));
    video.setAttribute('src', address);
    document.querySelector('div')!.append(video);
  }, src);
}

/** Waits until pictures come. */
async function plays(): Promise<void> {
  const frames = (): Promise<number> => page.evaluate(() => document.querySelector('sluice-video')!.stats?.frames ?? 0);
  await eventually('it is live', () => page.evaluate(() => document.querySelector('sluice-video')!.state === 'live'));
  const before = await frames();
  await eventually('pictures come', async () => (await frames()) > before + 5);
}

afterEach(() => page.close());

describe('a player that is playing', () => {
  beforeEach(async () => {
    await open('/watch/cam');
    await page.evaluate(() => document.querySelector('sluice-video')!.play());
    await plays();
  });

  it('plays on with the same media when it is moved in the page', async () => {
    const told = await page.evaluate(async () => {
      const video = document.querySelector('sluice-video')!;
      const seen: string[] = [];
      for (const type of ['statechange', 'emptied', 'pause']) video.addEventListener(type, () => seen.push(type));
      document.querySelector('div:last-child')!.append(video);
      await new Promise(requestAnimationFrame);
      return { seen, paused: video.paused, state: video.state };
    });
    expect(told).toEqual({ seen: [], paused: false, state: 'live' });
    await plays();
    expect(errors).toEqual([]);
  });

  it('stops when it is removed', async () => {
    const state = await page.evaluate(async () => {
      const video = document.querySelector('sluice-video')!;
      video.remove();
      await Promise.resolve();
      return { state: video.state, stats: video.stats };
    });
    expect(state).toEqual({ state: 'idle', stats: undefined });
  });

  it('begins anew when its address is another while it is moved', async () => {
    const state = await page.evaluate(async () => {
      const video = document.querySelector('sluice-video')!;
      video.remove();
      video.src = '/watch/nobody';
      document.querySelector('div')!.append(video);
      await Promise.resolve();
      return { state: video.state, mime: video.mime };
    });
    expect(state).toEqual({ state: 'connecting', mime: '' });
  });
});

it.each(['http://[', 'ftp://relay/watch/cam'])('src="%s" makes an error event, as on <video>, and throws nothing', async (src) => {
  await open(src);
  const told = await page.evaluate(() => {
    const { state, error, dataset } = document.querySelector('sluice-video')!;
    return { state, reason: error?.reason, code: error?.code, errors: dataset['errors'] };
  });
  expect(told).toEqual({ state: 'failed', reason: 'bad-request', code: 4, errors: '1' });
  expect(errors).toEqual([]);
  await page.evaluate(async () => {
    const video = document.querySelector('sluice-video')!;
    video.src = '/watch/cam';
    await video.play();
  });
  await plays();
  expect(await page.evaluate(() => document.querySelector('sluice-video')!.error)).toBeNull();
});
