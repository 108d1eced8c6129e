import type { Browser, Page } from 'playwright-core';
import { launchBrowser, pageErrors } from '../support/browser';
import { eventually } from '../support/eventually';
import { startRelay, type TestRelay } from '../support/relay';
import { goLive, onAir, startCamera } from '../support/studio';
import { streamInfo } from '../support/streams';
import { viewerPlays } from '../support/viewer-plays';

let browser: Browser;
let relay: TestRelay;
let studio: Page;
let viewer: Page;
let errors: readonly (readonly string[])[];

beforeAll(async () => {
  browser = await launchBrowser({ fakeCamera: true, autoplay: 'no-user-gesture-required' });
});

afterAll(() => browser.close());

beforeEach(async () => {
  relay = await startRelay();
  [studio, viewer] = [await browser.newPage(), await browser.newPage()];
  errors = [pageErrors(studio), pageErrors(viewer)];
});

afterEach(async () => {
  await viewer.close();
  await studio.close();
  await relay.close();
});

describe('a camera in the studio', () => {
  type Encoding = readonly [encoder: 'mediarecorder' | 'webcodecs', codec: 'vp8' | 'vp9' | 'h264', mime: string | RegExp];

  async function isSeen(...[encoder, codec, mime]: Encoding): Promise<void> {
    await viewer.goto(`${relay.url}/watch/cam`);
    await viewer.getByText('Waiting for a publisher').waitFor();
    await goLive(studio, `${relay.url}/publish/cam`, { encoder, codec });
    await viewerPlays(viewer);
    expect((await streamInfo(relay.url, 'cam'))?.mime).toEqual(typeof mime === 'string' ? mime : expect.stringMatching(mime));
    await studio.getByRole('button', { name: 'Stop' }).click();
    await viewer.getByText('The stream has ended').waitFor();
    expect(errors).toEqual([[], []]);
  }

  it('is seen on the watch page by webcodecs as h264', () => isSeen('webcodecs', 'h264', /^video\/mp4; codecs="avc1\.[0-9A-F]{6}, opus"$/));

  it.each<Encoding>([
    ['mediarecorder', 'vp8', 'video/webm; codecs="vp8, opus"'],
    ['mediarecorder', 'vp9', 'video/webm; codecs="vp9, opus"'],
    ['mediarecorder', 'h264', /^video\/mp4; codecs="avc1\.[0-9A-F]{6}, opus"$/],
    ['webcodecs', 'vp9', /^video\/mp4; codecs="vp09\.[0-9.]+, opus"$/],
  ])('is seen on the watch page by %s as %s (long)', isSeen);

  it('is seen on when another codec, and another encoder, is chosen meanwhile', async () => {
    await goLive(studio, `${relay.url}/publish/cam`, { encoder: 'webcodecs', codec: 'h264' });
    await viewer.goto(`${relay.url}/watch/cam`);
    await viewerPlays(viewer);
    for (const [menu, chosen, mime] of [
      ['#codec', 'vp9', /^video\/mp4; codecs="vp09/],
      ['#encoder-choice', 'mediarecorder', /^video\/webm; codecs="vp9/],
      ['#codec', 'vp8', /^video\/webm; codecs="vp8/],
    ] as const) {
      await studio.locator(menu).selectOption(chosen);
      await eventually(`the relay passes on ${chosen}`, async () => mime.test((await streamInfo(relay.url, 'cam'))?.mime ?? ''));
      await viewerPlays(viewer);
      await onAir(studio);
    }
    await studio.getByRole('button', { name: 'Stop' }).click();
    await viewer.getByText('The stream has ended').waitFor();
    expect(errors).toEqual([[], []]);
  });

  it('is seen on by who watches when the studio is loaded again', async () => {
    await goLive(studio, `${relay.url}/publish/cam`);
    await viewer.goto(`${relay.url}/watch/cam`);
    await viewerPlays(viewer);
    await viewer.evaluate(() => {
      document.title = 'never loaded again';
    });
    studio.on('dialog', (dialog) => void dialog.accept());
    await studio.reload();
    await viewer.getByText('Waiting for a publisher').waitFor();
    await startCamera(studio);
    await studio.getByRole('button', { name: 'Go live' }).click();
    await onAir(studio);
    await viewerPlays(viewer);
    expect(await viewer.title()).toBe('never loaded again');
    expect(errors).toEqual([[], []]);
  });
});
