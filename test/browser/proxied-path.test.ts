import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { SluiceVideoElement } from '../../player/video/sluice-video';
import { hashKey, makeKey } from '../../src/access/access-key';
import { PERMISSIONS } from '../../src/access/permissions';
import { launchBrowser, pageErrors } from '../support/browser';
import { needs } from '../support/needs';
import { startNginx, type TestNginx } from '../support/nginx';
import { startRelay, type TestRelay } from '../support/relay';
import { goLive } from '../support/studio';

const KEY = makeKey();
const ROOT = 'https://relay.example/live';

/** A relay below a path of the site of nginx, set up as docs/tls.md says. */
needs('nginx', () => {
  let folder: string;
  let relay: TestRelay;
  let nginx: TestNginx;
  let browser: Browser;
  let context: BrowserContext;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-below-'));
    const file = join(folder, 'keys.json');
    writeFileSync(file, JSON.stringify({ keys: [{ id: 'studio', hash: hashKey(KEY), ...PERMISSIONS.parse({ publish: ['*'], admin: true }) }] }));
    relay = await startRelay({ accessRule: { kind: 'keys', file }, trustProxy: ['loopback'], allowedHosts: ['relay.example'], demo: true });
    nginx = await startNginx(relay.port, { path: '/live/' });
    browser = await launchBrowser({ fakeCamera: true, autoplay: 'no-user-gesture-required', flags: [`--host-resolver-rules=MAP relay.example:443 127.0.0.1:${nginx.port}`] });
    context = await browser.newContext({ ignoreHTTPSErrors: true });
  });

  afterAll(async () => {
    await context.close();
    await browser.close();
    await nginx.close();
    await relay.close();
    rmSync(folder, { recursive: true });
  });

  async function open(path: string): Promise<{ page: Page; errors: readonly string[] }> {
    const page = await context.newPage();
    const errors = pageErrors(page);
    await page.goto(`${ROOT}${path}`);
    return { page, errors };
  }

  /** Waits until the picture moves. */
  async function plays(page: Page): Promise<void> {
    await page.waitForFunction(() => {
      const video = document.querySelector<SluiceVideoElement>('sluice-video');
      return video?.state === 'live' && video.currentTime > 0 && video.videoWidth > 0;
    });
  }

  describe('below a path of a proxy', () => {
    it('the dashboard lists streams with their pictures, and leads to their pages', async () => {
      const { page, errors } = await open(`/?token=${KEY}`);
      await page.getByRole('heading', { name: 'demo', exact: true }).waitFor();
      await page.locator('stream-thumb img:not([hidden])').waitFor();
      await page.getByRole('link', { name: 'Watch demo' }).click();
      await plays(page);
      expect(new URL(page.url()).pathname).toBe('/live/watch/demo');
      expect(await page.locator('#ffplay').textContent()).toBe(`ffplay ${ROOT}/watch/demo.mp4`);
      expect(await page.locator('#embed').textContent()).toContain('src="/live/watch/demo"');
      expect(errors).toEqual([]);
      await page.getByRole('link', { name: 'Sluice' }).click();
      await page.getByRole('heading', { name: 'Streams', exact: true }).waitFor();
      expect(new URL(page.url()).pathname).toBe('/live/');
      await page.close();
    });

    it('the page of a stream shows its viewers, also with a slash at the end of its address', async () => {
      const { page, errors } = await open(`/streams/demo/?token=${KEY}`);
      await page.getByRole('heading', { name: 'demo', exact: true }).waitFor();
      await page.getByRole('button', { name: /^End/ }).waitFor();
      expect(errors).toEqual([]);
      await page.close();
    });

    it('the studio broadcasts', async () => {
      const page = await context.newPage();
      const errors = pageErrors(page);
      await goLive(page, `${ROOT}/publish/cam?token=${KEY}`);
      expect(relay.registry.get('cam')?.live).toBe(true);
      expect(await page.evaluate("document.querySelector('sluice-studio').shadowRoot.innerHTML")).toContain(`${ROOT}/watch/cam`);
      expect(errors).toEqual([]);
      await page.close();
    });

    it('the player plays HLS, with hls.js from below the path', async () => {
      const { page } = await open('/watch/demo');
      await page.evaluate("document.querySelector('sluice-video').transport = 'hls'");
      await plays(page);
      expect(await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname))).toContain('/live/player/hls.js');
      await page.close();
    });

    it('an address of nothing gets a page that leads back', async () => {
      const { page } = await open('/no/such/page');
      await page.getByRole('link', { name: 'All streams' }).click();
      await page.getByRole('heading', { name: 'Streams', exact: true }).waitFor();
      expect(new URL(page.url()).pathname).toBe('/live/');
      await page.close();
    });
  });
});
