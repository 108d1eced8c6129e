import type { Browser, Locator, Page } from 'playwright-core';
import { launchBrowser, pageErrors, pictures } from '../support/browser';
import { eventually } from '../support/eventually';
import { FakeApi, fakeStream, fakeViewer } from '../support/fake-api';

let browser: Browser;
let api: FakeApi;
let page: Page;
let errors: readonly string[];

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser.close());

beforeEach(async () => {
  api = await new FakeApi().start();
  page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
  errors = pageErrors(page);
});

afterEach(async () => {
  await page.close();
  api.close();
});

const row = (name: string): Locator => page.locator('.stream').filter({ has: page.getByRole('heading', { name, exact: true }) });
const overhang = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
const steadyThen = (...bitrates: number[]): number[] => [...Array.from({ length: 100 }, () => 4e6), ...bitrates];

/** Presses Tab until the focus is there. */
async function tabTo(target: Locator): Promise<void> {
  for (let steps = 0; steps < 60; steps++) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error('It cannot be reached by the Tab key');
}

describe('the dashboard of an administrator', () => {
  it('shows how publishers and viewers do, and what happens', async () => {
    api.streams = [
      fakeStream('cam', { viewers: 12, viewerSummary: { byTransport: {}, behind: 2, maxLag: 3.4, skips: 5, skippedBytes: 4e6 } }),
      fakeStream('door', { bitrates: steadyThen(0, 0, 0, 0, 0, 0) }),
      fakeStream('garden', { bitrates: steadyThen(1e6, 1e6, 1e6, 1e6, 1e6), viewers: 1 }),
      fakeStream('radio', { tracks: [{ kind: 'audio', codec: 'opus' }] }),
      fakeStream('yard', { state: 'held' }),
    ];
    api.sources = [
      { name: 'door', state: 'running', input: 'rtsp://camera/1', loop: false, restarts: 2 },
      { name: 'clip', state: 'failed', input: '/srv/clip.mp4', loop: true, restarts: 0, message: 'There is no such file' },
    ];
    await page.goto(api.url);
    await page.getByRole('status').getByText('5 streams · 13 viewers · 4.2 Mbit/s in').waitFor();
    await row('cam').getByText('Steady').waitFor();
    await row('cam').getByText('12 viewers: 10 keeping up, 2 behind').waitFor();
    await row('door').getByText(/^Nothing has come for \d+ s$/).waitFor();
    await row('garden').getByText(/^Bitrate is \d+ % of its average$/).waitFor();
    await row('yard').getByText('Broke off; may come back').waitFor();
    await row('cam').locator('stream-thumb img:not([hidden])').waitFor();
    await row('radio').locator('stream-thumb').getByText('Sound only').waitFor();
    await page.getByText('There is no such file').waitFor();
    api.tell({ type: 'stream-held', name: 'yard' });
    api.tell({ type: 'viewers-changed', name: 'cam', joined: 3, left: 1, viewers: 12 });
    api.tell({ type: 'publisher-refused', name: 'cam', address: '198.51.100.4', code: 'name-in-use', message: 'Cannot publish "cam": somebody does', count: 4 });
    await page.getByText('“cam”: 3 came and 1 left, 12 watch').waitFor();
    await page.getByText('4 publishers were refused to “cam” from 198.51.100.4').waitFor();
    await pictures(page, 'operator');
    expect(await overhang()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('lists why publishers were refused, with what to do about it', async () => {
    const refusal = { name: 'cam', address: '198.51.100.4', code: 'unsupported-layout', message: 'Cannot pass on this MP4: its AAC has no AudioSpecificConfig', remedy: 'Add -bsf:a aac_adtstoasc', count: 1, first: Date.now(), last: Date.now() } as const;
    api.refusals = [refusal];
    await page.goto(api.url);
    const list = page.getByRole('region', { name: 'Refused publishers' });
    await list.getByText('Add -bsf:a aac_adtstoasc.').waitFor();
    api.refusals = Array.from({ length: 12 }, (_none, index) => ({ ...refusal, name: `cam${index}`, count: index + 1 }));
    api.tell({ type: 'publisher-refused', name: 'cam0', address: '198.51.100.4', code: 'unsupported-layout', message: refusal.message, count: 1 });
    await list.getByText('And 7 more').waitFor();
    expect(await list.getByRole('listitem').count()).toBe(5);
    await list.getByText('cam4 from 198.51.100.4, 5 times').waitFor();
    await pictures(page, 'operator-refusals');
    expect(await overhang()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('ends a stream by keyboard only after a question, and says so', async () => {
    api.streams = [fakeStream('cam', { viewers: 3 })];
    await page.goto(api.url);
    const end = row('cam').getByRole('button', { name: 'End cam' });
    await end.waitFor();
    await tabTo(end);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'End “cam”?' });
    await dialog.getByText('3 viewers are watching').waitFor();
    await pictures(page, 'operator-question');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await end.evaluate((button) => button === document.activeElement)).toBe(true);
    expect(api.asked.filter((line) => line.startsWith('DELETE'))).toEqual([]);
    await page.keyboard.press('Enter');
    await tabTo(dialog.getByRole('button', { name: 'End the stream' }));
    await page.keyboard.press('Enter');
    await page.locator('#told').getByText('“cam” was ended').waitFor();
    await page.getByText('Nothing is live yet').waitFor();
    await page.getByText('“cam” was ended by an operator').waitFor();
    expect(api.asked).toContain('DELETE /api/streams/cam');
    expect(errors).toEqual([]);
  });

  it('stops and starts sources', async () => {
    const clip = { name: 'clip', input: '/srv/clip.mp4', loop: true, restarts: 0 } as const;
    api.sources = [{ ...clip, state: 'running' }];
    await page.goto(api.url);
    await page.getByRole('button', { name: 'Stop the source clip' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stop the source' }).click();
    await page.getByText('The source “clip” was stopped').waitFor();
    api.tell({ type: 'source-state', source: { ...clip, state: 'stopped' } });
    await page.getByRole('button', { name: 'Start the source clip' }).click();
    await page.getByText('The source “clip” was started').waitFor();
    expect(api.asked.filter((line) => line.startsWith('POST'))).toEqual(['POST /api/sources/clip/stop', 'POST /api/sources/clip/start']);
  });

  it('says what did not work in the words of the relay', async () => {
    api.streams = [fakeStream('cam')];
    await page.goto(api.url);
    const end = row('cam').getByRole('button', { name: 'End cam' });
    await end.click();
    await page.route('**/api/streams/cam', (route) => (route.request().method() === 'DELETE' ? route.fulfill({ status: 403, json: { error: { message: 'Cannot do that now' } } }) : route.continue()));
    await page.getByRole('dialog').getByRole('button', { name: 'End the stream' }).click();
    await page.getByText('That did not work: Cannot do that now').waitFor();
  });

  it('shows the list alone to whoever has no key for more, and says how to get it', async () => {
    api.token = 'secret';
    api.streams = [fakeStream('cam', { viewers: 3 })];
    await page.goto(api.url);
    await row('cam').getByText('Live').waitFor();
    await page.getByText('open this page by a link with such a key, /?token=KEY').waitFor();
    expect(await page.getByRole('button', { name: 'End cam' }).count()).toBe(0);
    expect(await page.locator('stream-thumb').count()).toBe(0);
    expect(api.asked).not.toContain('GET /api/events');
    await pictures(page, 'operator-no-key');

    await page.goto(`${api.url}/?token=secret`);
    await row('cam').getByText('Steady').waitFor();
    expect(await row('cam').getByRole('link', { name: 'Details of cam' }).getAttribute('href')).toBe('streams/cam?token=secret');
    await row('cam').locator('stream-thumb img:not([hidden])').waitFor();
    await row('cam').getByRole('link', { name: 'Details of cam' }).click();
    await page.getByText('Nobody watches').waitFor();
    await page.getByRole('link', { name: 'All streams' }).click();
    await row('cam').getByText('Steady').waitFor();
  });

  it('finds the events again after the relay was away', async () => {
    api.streams = [fakeStream('cam')];
    await page.goto(api.url);
    await row('cam').getByText('Steady').waitFor();
    const { port } = api;
    api.close();
    await page.getByRole('alert').getByText('The relay does not answer. What is below is from').waitFor();
    api = new FakeApi();
    api.streams = [fakeStream('garden')];
    await api.start(port);
    await row('garden').getByText('Live').waitFor();
    await page.getByRole('alert').waitFor({ state: 'hidden' });
  });

  it('listens to nothing while nobody sees it', async () => {
    api.streams = [fakeStream('cam')];
    await page.goto(api.url);
    await row('cam').getByText('Steady').waitFor();
    await page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, value: 'hidden' });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await eventually('nobody listens', () => api.listeners === 0);
    const asked = api.asked.length;
    await page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, value: 'visible' });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await eventually('somebody listens', () => api.listeners === 1);
    expect(api.asked.slice(asked)).toContain('GET /api/sources');
  });
});

describe('the page of one stream', () => {
  const open = (query = ''): Promise<unknown> => page.goto(`${api.url}/streams/cam${query}`);

  it('shows the publisher, the graph, and the viewers by lag', async () => {
    api.viewers = [
      fakeViewer('1', { latency: 0.31, stalls: 0 }),
      fakeViewer('2', { lag: 1.4, skips: 1, skippedBytes: 2.1e6, latency: 1.2, stalls: 3, dropped: 12 }),
      fakeViewer('3', { lag: 3.4, state: 'behind', skips: 4, skippedBytes: 7.4e6 }),
      fakeViewer('4', { transport: 'hls' }),
      fakeViewer('5', { state: 'paused', address: '2001:db8:85a3:8d3:1319:8a2e:370:7348' }),
    ];
    api.streams = [fakeStream('cam', { viewers: 5, viewerSummary: { byTransport: {}, behind: 1, maxLag: 3.4, skips: 5, skippedBytes: 9.5e6 } })];
    await open();
    await page.getByText('5 viewers: 1 keeping up, 1 up to 1.6 s late, 1 behind').waitFor();
    await page.getByText('HTTP push from 192.0.2.7').waitFor();
    await page.locator('rate-chart canvas').waitFor();
    await page.locator('stream-thumb img:not([hidden])').waitFor();
    api.tell({ type: 'stream-live', name: 'other', mime: 'video/mp4', resumed: false });
    api.tell({ type: 'viewer-too-slow', name: 'cam', count: 1 });
    await page.getByText('“cam”: 1 viewer too slow, let go').waitFor();
    expect(await page.getByText('“other”').count()).toBe(0);
    await pictures(page, 'stream');
    expect(await overhang()).toBe(0);

    const addresses = (): Promise<string[]> => page.locator('.viewers .who strong').allTextContents();
    expect((await addresses()).slice(0, 2)).toEqual(['192.0.2.3', '192.0.2.2']);
    await page.getByRole('button', { name: 'Lag' }).click();
    expect((await addresses())[0]).toBe('2001:db8:85a3:8d3:1319:8a2e:370:7348');
    expect(await page.getByRole('columnheader', { name: 'Lag' }).getAttribute('aria-sort')).toBe('ascending');
    expect(errors).toEqual([]);
  });

  it('warns of H.264 that hardware decoders show late, and says what to do', async () => {
    api.streams = [fakeStream('cam', { tracks: [{ kind: 'video', codec: 'avc1.4D0028', width: 1920, height: 1080, frameRate: 30 }], presumedReorder: 4 })];
    await page.goto(`${api.url}/streams/cam`);
    const warning = page.locator('.notice.warn');
    await warning.getByText('up to 4 frames (0.13 s) late').waitFor();
    await warning.getByText('-c:v libx264 -tune zerolatency').waitFor();
    await pictures(page, 'stream-reorder');
    expect(await overhang()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('disconnects a viewer after a question, by keyboard', async () => {
    api.viewers = [fakeViewer('1'), fakeViewer('2')];
    api.streams = [fakeStream('cam', { viewers: 2 })];
    await open();
    const disconnect = page.getByRole('button', { name: 'Disconnect the viewer at 192.0.2.2' });
    await disconnect.waitFor();
    await tabTo(disconnect);
    await page.keyboard.press('Enter');
    await tabTo(page.getByRole('dialog').getByRole('button', { name: 'Disconnect', exact: true }));
    await page.keyboard.press('Enter');
    await page.locator('#told').getByText('The viewer at 192.0.2.2 was disconnected').waitFor();
    await disconnect.waitFor({ state: 'detached' });
    expect(api.asked).toContain('DELETE /api/streams/cam/viewers/2');
    expect(errors).toEqual([]);
  });

  it('says that the stream has ended while it was looked at, and goes on when it is back', async () => {
    api.streams = [fakeStream('cam')];
    await open();
    await page.getByText('Steady').waitFor();
    api.streams = [];
    await page.getByRole('status').getByText('The stream ended at').waitFor();
    await page.locator('.whole.stale').waitFor();
    expect(await page.getByRole('button', { name: 'End stream' }).count()).toBe(0);
    await pictures(page, 'stream-ended');
    api.streams = [fakeStream('cam')];
    await page.getByRole('button', { name: 'End stream' }).waitFor();
  });

  it('waits for a stream that is not live', async () => {
    await open();
    await page.getByText('“cam” is not live. It appears here as soon as somebody publishes it.').waitFor();
    await pictures(page, 'stream-absent');
    api.streams = [fakeStream('cam')];
    await page.getByText('Steady').waitFor();
  });

  it('shows the little that there is for everybody without a key', async () => {
    api.token = 'secret';
    api.streams = [fakeStream('cam', { viewers: 2 })];
    await open();
    await page.getByText('H.264 + AAC, 1280×720').waitFor();
    await page.getByText('are for administrators').waitFor();
    expect(await page.getByRole('button').count()).toBe(0);
    await pictures(page, 'stream-no-key');
    await open('?token=secret');
    await page.getByText('Steady').waitFor();
  });

  it('says that the relay does not answer', async () => {
    api.streams = [fakeStream('cam')];
    await open();
    await page.getByText('Steady').waitFor();
    api.close();
    await page.getByRole('alert').getByText('The relay does not answer. What is below is how it last stood').waitFor();
    await pictures(page, 'stream-unreachable');
  });

  it('shows what it is told as text, whatever is in it', async () => {
    const evil = '<img src="/none.png" onerror="document.title = 1">';
    api.streams = [fakeStream('cam', { viewers: 1, publisher: { transport: 'http', address: evil, since: 0 } })];
    api.viewers = [fakeViewer('1', { address: evil })];
    await open();
    await page.getByText('HTTP push from <img').waitFor();
    api.tell({ type: 'publisher-refused', name: 'cam', address: evil, code: 'name-in-use', message: evil, count: 1 });
    await page.getByText('A publisher was refused').waitFor();
    expect(await page.locator('main img[src="/none.png"]').count()).toBe(0);
    expect(errors).toEqual([]);
  });
});
