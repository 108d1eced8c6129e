import type { Browser, Page } from 'playwright-core';
import { SluiceModule, StreamRegistry } from 'sluice';
import type { SluiceVideoElement } from '../../player/video/sluice-video';
import { launchBrowser, pageErrors } from '../support/browser';
import { quiet, startHost, type TestHost } from '../support/host-app';
import { goLive } from '../support/studio';

let host: TestHost;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  host = await startHost([SluiceModule.forRoot(quiet({ demo: true }))]);
  browser = await launchBrowser({ fakeCamera: true, autoplay: 'no-user-gesture-required' });
  page = await browser.newPage();
});

afterAll(async () => {
  await browser.close();
  await host.close();
});

/** Waits until the picture moves. */
async function plays(): Promise<void> {
  await page.waitForFunction(() => {
    const video = document.querySelector<SluiceVideoElement>('sluice-video');
    return video?.state === 'live' && video.currentTime > 0 && video.videoWidth > 0;
  });
}

describe('in a Nest application, below a path,', () => {
  it('the dashboard leads to the player, the studio broadcasts, and the samples and HLS play', async () => {
    const errors = pageErrors(page);
    await page.goto(`${host.url}/live`);
    await page.locator('stream-thumb img:not([hidden])').waitFor();
    await page.getByRole('link', { name: 'Watch demo' }).click();
    await plays();
    expect(new URL(page.url()).pathname).toBe('/live/watch/demo');
    expect(await page.locator('#embed').textContent()).toContain('src="/live/watch/demo"');
    await page.evaluate("document.querySelector('sluice-video').transport = 'hls'");
    await plays();
    await page.goto(`${host.url}/live/samples/embed/`);
    await plays();
    await page.goto(`${host.url}/live/samples/plain-viewer/`);
    await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 0);
    await goLive(page, `${host.url}/live/publish/cam`);
    expect(host.app.get(StreamRegistry, { strict: false }).get('cam')?.live).toBe(true);
    await page.goto(`${host.url}/live/api/docs`);
    await page.getByText('Lists the streams').waitFor();
    expect(errors).toEqual([]);
    await page.goto(`${host.url}/live/nothing`);
    await page.getByRole('link', { name: 'All streams' }).click();
    await page.getByRole('heading', { name: 'Streams', exact: true }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/live/');
  });
});
