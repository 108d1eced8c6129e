import type { Browser, Locator, Page } from 'playwright-core';
import { launchBrowser, pageErrors, pictures } from '../support/browser';
import { eventually } from '../support/eventually';
import { connectPublisher, send } from '../support/publishing';
import { recordedBlobs, fixture } from '../support/recording';
import { startRelay, type TestRelay } from '../support/relay';
import { sampleMedia } from '../support/sample-media';
import { TestSocket } from '../support/test-socket';

const LONG_NAME = 'a-name-of-sixty-four-characters_'.repeat(2);

let browser: Browser;
let relay: TestRelay;
let page: Page;
let errors: readonly string[];

beforeAll(async () => {
  browser = await launchBrowser({ flags: ['--host-resolver-rules=MAP relay.test 127.0.0.1'] });
});

afterAll(() => browser.close());

beforeEach(async () => {
  relay = await startRelay({ allowedHosts: ['relay.test'] });
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  errors = pageErrors(page);
});

afterEach(async () => {
  await page.close();
  await relay.close();
});

const row = (name: string): Locator => page.locator('.stream').filter({ has: page.getByRole('heading', { name, exact: true }) });

/** Waits until the row says all of that. */
async function shows(name: string, ...words: (string | RegExp)[]): Promise<void> {
  for (const word of words) await row(name).getByText(word).waitFor();
}

/** Goes live with picture and sound, and stays. */
async function goLive(name: string): Promise<TestSocket> {
  const { init, fragments } = await sampleMedia();
  const publisher = await connectPublisher(relay.wsUrl, name);
  await send(publisher, init, ...fragments.slice(0, 30));
  return publisher;
}

/** A browser reports every answer that is a refusal: here what this visitor may not ask, and pictures that there are not. */
const unexpected = (): readonly string[] => errors.filter((error) => !/\/api\/(sources|streams\/[^/]+\/snapshot\.jpg)/.test(error));

/** How far the page can be scrolled sideways, px. */
const overhang = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Makes the page a visitor's who is no administrator. */
const withoutGrant = (): Promise<unknown> => page.route('**/api/sources', (route) => route.fulfill({ status: 403, json: { error: { message: 'Not allowed' } } }));

describe('the dashboard', () => {
  it('says how to publish while there is no stream', async () => {
    await page.goto(relay.url);
    await page.getByText('Nothing is live').waitFor();
    expect(await page.getByRole('link', { name: 'Open the studio' }).getAttribute('href')).toBe('publish/cam');
    const line = `ffmpeg -re -i FILE -c copy -movflags +frag_every_frame+empty_moov+default_base_moof -f mp4 -send_expect_100 1 ${relay.url}/publish/cam`;
    await page.getByText(line).waitFor();
    await pictures(page, 'dashboard-empty');
    expect(await overhang()).toBe(0);
    expect(unexpected()).toEqual([]);
  });

  it('writes the name that is typed into link and lines, and says which names there are', async () => {
    await page.goto(relay.url);
    const name = page.getByLabel('Name of your stream');
    await name.fill('door-2');
    expect(await page.getByRole('link', { name: 'Open the studio' }).getAttribute('href')).toBe('publish/door-2');
    expect(await page.getByText(`${relay.url}/publish/door-2`).count()).toBe(2);
    await name.fill('no/name');
    await page.getByText('Not a name').waitFor();
    expect(await name.getAttribute('aria-invalid')).toBe('true');
    expect(await page.getByRole('link', { name: 'Open the studio' }).getAttribute('href')).toBe('publish/door-2');
  });

  it('shows a stream from its first chunk to its end, and who watches', async () => {
    await page.goto(relay.url);
    await page.getByText('Nothing is live').waitFor();
    const publisher = await goLive('cam');
    await shows('cam', 'Live', 'H.264 + AAC, 320×180', /\d+ kbit\/s/, /^\d:[0-5]\d$/);
    await page.getByRole('status').getByText(/^1 stream\b/).waitFor();
    expect(await row('cam').getByRole('link', { name: 'Watch cam' }).getAttribute('href')).toBe('watch/cam');

    const viewers = row('cam').locator('div', { has: page.getByText('Viewers', { exact: true }) }).locator('dd');
    expect(await viewers.textContent()).toBe('0');
    const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/cam`);
    await eventually('one watches', async () => (await viewers.textContent()) === '1');
    viewer.socket.close();
    await eventually('nobody watches', async () => (await viewers.textContent()) === '0');

    publisher.tell({ type: 'end' });
    await page.getByText('Nothing is live').waitFor();
    expect(await page.locator('.stream').count()).toBe(0);
    expect(unexpected()).toEqual([]);
  });

  it('lets the operator disconnect a viewer and end a stream, and tells what happened', async () => {
    const publisher = await goLive('cam');
    const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/cam`);
    await page.goto(relay.url);
    await row('cam').getByText(/^1 viewer: 1 (keeping up|behind)$/).waitFor();
    await row('cam').getByRole('link', { name: 'Details of cam' }).click();
    await page.getByText('WebSocket from 127.0.0.1').waitFor();
    await page.getByRole('button', { name: 'Disconnect the viewer at 127.0.0.1' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Disconnect', exact: true }).click();
    expect((await viewer.next('error')).code).toBe('disconnected');
    await page.getByText('Nobody watches.').waitFor();
    await page.getByText(/“cam”: .*1 left, 0 watch/).waitFor();

    await page.getByRole('button', { name: 'End stream' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End the stream' }).click();
    await page.locator('#told').getByText('“cam” was ended').waitFor();
    await page.getByRole('status').getByText('The stream ended at').waitFor();
    await page.getByText(/“cam” was ended by an operator/).waitFor();
    await publisher.closed;
    expect(unexpected().filter((error) => !error.includes('/api/streams/cam'))).toEqual([]);
  });

  it('says that the publisher is away, and when it is back', async () => {
    await page.goto(relay.url);
    (await goLive('cam')).socket.terminate();
    await shows('cam', 'Publisher away');
    await goLive('cam');
    await shows('cam', 'Live');
    expect(unexpected()).toEqual([]);
  });

  it('lists many streams, long names and sound alone included', async () => {
    await goLive('cam');
    await goLive(LONG_NAME);
    await send(await connectPublisher(relay.wsUrl, 'radio'), fixture('webm/opus.webm'));
    await send(await connectPublisher(relay.wsUrl, 'screen'), ...recordedBlobs('webm-vp9-opus-kf1s'));
    (await goLive('away')).socket.terminate();
    await page.goto(relay.url);
    await shows('away', 'Publisher away');
    await shows('radio', 'Opus, sound only');
    await shows('screen', 'VP9 + Opus, 320×240');
    await shows(LONG_NAME, 'Live');
    expect(await page.locator('.stream h2').allTextContents()).toEqual([LONG_NAME, 'away', 'cam', 'radio', 'screen']);

    await row('radio').getByText('Other ways to watch').click();
    await row('radio').getByText(`${relay.url}/watch/radio.webm`).waitFor();
    await row('radio').getByText(`${relay.wsUrl}/watch/radio`).waitFor();
    await pictures(page, 'dashboard-streams');
    expect(await overhang()).toBe(0);
    expect(unexpected()).toEqual([]);
  });

  it('keeps what is open, focused and copied over polls and newcomers', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: relay.url });
    await goLive('cam');
    await page.goto(relay.url);
    await row('cam').getByText('Other ways to watch').click();
    const copy = row('cam').getByRole('button', { name: 'Copy the WebSocket address' });
    await copy.click();
    await row('cam').getByText('Copied').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${relay.wsUrl}/watch/cam`);
    await goLive('before');
    await shows('before', 'Live');
    await copy.waitFor();
    expect(await copy.evaluate((button) => button === document.activeElement)).toBe(true);
    expect(unexpected()).toEqual([]);
  });

  it('says on another machine that publishing is for the relay\'s own, and copies without a clipboard there', async () => {
    await page.goto(`http://relay.test:${relay.port}/`);
    expect(await page.evaluate(() => 'clipboard' in navigator)).toBe(false);
    await page.getByText('Only the machine that runs the relay may publish').waitFor();
    await page.getByRole('button', { name: 'Copy the address of the studio' }).waitFor();
    expect(await page.getByRole('link', { name: 'Open the studio' }).count()).toBe(0);
    await pictures(page, 'dashboard-elsewhere');

    const line = await page.locator('copy-line').last().getAttribute('text');
    expect(line).toContain(` ${relay.url}/publish/cam`);
    await page.getByRole('button', { name: 'Copy the line that encodes a file' }).click();
    await page.getByText('Copied').waitFor();
    const name = page.getByLabel('Name of your stream');
    await name.evaluate((input) => input.removeAttribute('maxlength'));
    await name.fill('');
    await page.keyboard.press('Control+V');
    expect(await name.inputValue()).toBe(line);
    expect(unexpected()).toEqual([]);
  });

  it('says that the relay does not answer, and goes on when it does', async () => {
    await withoutGrant();
    await goLive('cam');
    await page.goto(relay.url);
    await shows('cam', 'Live');
    await page.route('**/api/streams', (route) => route.abort('connectionrefused'));
    const notice = page.getByRole('alert');
    await notice.getByText('The relay does not answer. What is below is from').waitFor();
    await page.locator('#streams.stale').waitFor();
    await pictures(page, 'dashboard-stale');
    await shows('cam', 'Live');
    await page.unroute('**/api/streams');
    await page.route('**/api/streams', (route) => route.fulfill({ body: '<!doctype html>' }));
    await notice.getByText("The relay's answer cannot be read").waitFor();
    await page.unroute('**/api/streams');
    await notice.waitFor({ state: 'hidden' });
    await page.locator('#streams:not(.stale)').waitFor();
  });

  it('shows what the relay tells as text, whatever is in it', async () => {
    const codec = '<img src="/none.png" onerror="document.title = 1">';
    const stream = { name: 'cam', state: 'live', mime: 'video/mp4', tracks: [{ kind: 'video', codec }], bitrate: 0, viewers: 0, since: 0 };
    await withoutGrant();
    await page.route('**/api/streams', (route) => route.fulfill({ json: { streams: [stream] } }));
    await page.goto(relay.url);
    await shows('cam', `${codec}, no sound`);
    expect(await page.locator('img').count()).toBe(0);
    expect(unexpected()).toEqual([]);
  });

  it('asks nothing while nobody sees it', async () => {
    await page.clock.install();
    await page.goto(relay.url);
    await page.getByText('Nothing is live').waitFor();
    await setVisibility('hidden');
    let asked = 0;
    page.on('request', () => asked++);
    await goLive('cam');
    await page.clock.runFor(60_000);
    expect(asked).toBe(0);
    await setVisibility('visible');
    await shows('cam', 'Live');
  });
});

/** Makes the page believe that it was hidden, or is seen again. */
function setVisibility(state: DocumentVisibilityState): Promise<void> {
  return page.evaluate((value) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, value });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
}
