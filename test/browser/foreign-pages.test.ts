import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchBrowser, pageErrors } from '../support/browser';
import { startRelay, type TestRelay } from '../support/relay';
import { goLive } from '../support/studio';

let browser: Browser;
let context: BrowserContext;
let relay: TestRelay;
let studio: Page;
const sites: Server[] = [];
/** Sites that the relay allows, that it lets embed, and that it doesn't know. */
let allowed: string;
let embedding: string;
let unknown: string;
/** What the policy of a page forbade, in any page of this test. */
const violations: string[] = [];

beforeAll(async () => {
  [allowed = '', embedding = '', unknown = ''] = await Promise.all([openSite(), openSite(), openSite()]);
  relay = await startRelay({ allowOrigins: [allowed], embedOrigins: [embedding] });
  browser = await launchBrowser({ fakeCamera: true, autoplay: 'no-user-gesture-required' });
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.exposeFunction('tellViolation', (text: string) => void violations.push(text));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
      (window as unknown as { tellViolation(text: string): void }).tellViolation(`${location.pathname}: ${effectiveDirective} ${blockedURI}`);
    });
  });
  studio = await context.newPage();
  await goLive(studio, `${relay.url}/publish/cam`);
});

afterAll(async () => {
  await browser.close();
  await relay.close();
  for (const site of sites) site.close();
});

/** Serves what stands behind `?` in an address as the body of a page; gives its origin. */
async function openSite(): Promise<string> {
  const site = createServer(({ url = '' }, response) => {
    const body = decodeURIComponent(url.slice(url.indexOf('?') + 1));
    response.setHeader('Content-Type', 'text/html').end(`<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">${body}`);
  });
  sites.push(site.listen(0, '127.0.0.1'));
  await once(site, 'listening');
  return `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
}

async function open(url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

function openAt(site: string, body: string): Promise<Page> {
  return open(`${site}/?${encodeURIComponent(body)}`);
}

/** Resolves once the player of a page or frame shows moving pictures. */
async function plays(page: Pick<Page, 'waitForFunction'>): Promise<void> {
  await page.waitForFunction(() => (document.querySelector('sluice-video')?.shadowRoot?.querySelector('video')?.currentTime ?? 0) > 0.3);
}

function playerOf(relayUrl: string): string {
  return `<script type="module" src="${relayUrl}/player/sluice-video.js"></script><sluice-video src="${relayUrl}/watch/cam" muted autoplay></sluice-video>`;
}

describe('the pages of the relay', () => {
  it('do all that they do within their own policy', async () => {
    const watch = await open(`${relay.url}/watch/cam`);
    const errors = pageErrors(watch);
    await plays(watch);
    const dashboard = await open(`${relay.url}/`);
    await dashboard.getByText('cam', { exact: true }).first().waitFor();
    expect(errors).toEqual([]);
    expect(violations).toEqual([]);
    await watch.close();
    await dashboard.close();
  });

  it('may open no connection to another host', async () => {
    const page = await open(`${relay.url}/watch/absent`);
    const outcome = await page.evaluate(async (url) => {
      const forbidden = new Promise<string>((resolve) => document.addEventListener('securitypolicyviolation', ({ blockedURI }) => resolve(blockedURI), { once: true }));
      try {
        new WebSocket(url);
      } catch {
        // Some browsers throw, some only tell.
      }
      return forbidden;
    }, unknown.replace('http', 'ws'));
    expect(outcome).toContain(unknown.replace('http', 'ws'));
    violations.length = 0;
    await page.close();
  });
});

describe('a page of another site', () => {
  it('plays with the relay’s player where the relay allows it', async () => {
    const page = await openAt(allowed, playerOf(relay.url));
    await plays(page);
    const read = await page.evaluate(async (url) => (await fetch(`${url}/api/streams`, { headers: { Authorization: 'Bearer any' } })).status, relay.url);
    expect(read).toBe(200);
    const loads = (cors: boolean): Promise<unknown> =>
      page.evaluate(async ({ url, asked }) => {
        const video = document.createElement('video');
        if (asked) video.crossOrigin = 'anonymous';
        return await new Promise((resolve) => Object.assign(video, { src: `${url}/watch/cam.mp4`, onerror: () => resolve('refused'), onloadedmetadata: () => resolve('loaded') }));
      }, { url: relay.url, asked: cors });
    expect([await loads(true), await loads(false)]).toEqual(['loaded', 'refused']);
    await page.close();
  });

  it('gets neither the player nor a stream where the relay doesn’t know it', async () => {
    const page = await openAt(unknown, '<script>0</script>');
    const outcome = await page.evaluate(async ({ http, ws }) => {
      const script = (async () => (await import(`${http}/player/sluice-video.js`)) as unknown)().then(() => 'loaded', () => 'refused');
      const api = fetch(`${http}/api/streams`).then(() => 'read', () => 'refused');
      const socket = new Promise((resolve) => {
        const opened = new WebSocket(`${ws}/watch/cam`, 'sluice.v1');
        opened.onopen = () => resolve('opened');
        opened.onerror = () => resolve('refused');
      });
      const picture = new Promise((resolve) => {
        const video = Object.assign(document.createElement('video'), { src: `${http}/watch/cam.mp4`, onerror: () => resolve('refused'), onloadedmetadata: () => resolve('loaded') });
        document.body.append(video);
      });
      return Promise.all([script, api, socket, picture]);
    }, { http: relay.url, ws: relay.wsUrl });
    expect(outcome).toEqual(['refused', 'refused', 'refused', 'refused']);
    await page.close();
  });

  it('shows the watch page in a frame only where the relay lets it', async () => {
    const frame = `<iframe src="${relay.url}/watch/cam" allow="autoplay"></iframe>`;
    const good = await openAt(embedding, frame);
    await plays(good.frames()[1]!);
    await good.close();
    for (const site of [allowed, unknown]) {
      const page = await openAt(site, frame);
      expect(page.frames()[1]?.url()).toMatch(/^chrome-error:/);
      await page.close();
    }
    const studioFrame = await openAt(embedding, `<iframe src="${relay.url}/publish/cam2"></iframe>`);
    expect(studioFrame.frames()[1]?.url()).toMatch(/^chrome-error:/);
    await studioFrame.close();
  });
});
