import type { Browser, Page } from 'playwright-core';
import type { ViewerList } from '../../src/protocol/viewer-info';
import { launchBrowser } from '../support/browser';
import { DamagedPublisher } from '../support/damaged-publisher';
import { eventually } from '../support/eventually';
import { PATIENCE } from '../support/patience';
import { startRelay, type TestRelay } from '../support/relay';
import { goneStream, liveStream } from '../support/streams';

/** hls.js tries each piece several times before it calls it a failure. */
const TEST_TIME = 4 * PATIENCE;
/** Of publishers that take each other's place. */
const SESSION = '?session=the-same-camera-again';

let browser: Browser;
let relay: TestRelay;
let page: Page;
/** The last is the one that publishes. */
let publishers: DamagedPublisher[];

beforeAll(async () => {
  browser = await launchBrowser({ autoplay: 'no-user-gesture-required' });
  relay = await startRelay();
});
afterAll(async () => {
  await browser.close();
  await relay.close();
});

beforeEach(async () => {
  page = await browser.newPage();
  publishers = [];
  await publish();
  await liveStream(relay.url, 'cam');
});
afterEach(async () => {
  await page.close();
  for (const publisher of publishers) await publisher.stop();
  await goneStream(relay.url, 'cam');
});

async function publish(): Promise<void> {
  publishers.push(await DamagedPublisher.start(relay.wsUrl, 'cam', { query: SESSION }));
}

/** Opens the player, and waits until it has given up on what comes. */
async function fail(transport: string): Promise<void> {
  await page.goto(relay.url);
  await page.addScriptTag({ type: 'module', url: '/player/sluice-video.js' });
  await page.evaluate((given) => {
    document.body.innerHTML = `<sluice-video src="/watch/cam" autoplay transport="${given}"></sluice-video>`;
    const video = document.querySelector('sluice-video')!;
    // How often a decoder is begun, and how often the page is told of a failure.
    video.dataset['begun'] = video.dataset['errors'] = '0';
    video.addEventListener('emptied', () => (video.dataset['begun'] = String(Number(video.dataset['begun']) + 1)));
    video.addEventListener('error', () => (video.dataset['errors'] = String(Number(video.dataset['errors']) + 1)));
  }, transport);
  await plays();
  publishers.at(-1)!.damage('lengths', Infinity);
  await is('failed');
}

function is(state: string): Promise<unknown> {
  return eventually(`it is ${state}`, () => page.evaluate((wanted) => document.querySelector('sluice-video')!.state === wanted, state));
}

/** Waits until pictures come, and it says so. */
async function plays(): Promise<void> {
  const frames = (): Promise<number> => page.evaluate(() => document.querySelector('sluice-video')!.stats!.frames);
  await is('live');
  const before = await frames();
  await eventually('pictures come', async () => (await frames()) > before + 15);
  await is('live');
}

function told(): Promise<unknown> {
  return page.evaluate(() => {
    const { error, dataset, stateText } = document.querySelector('sluice-video')!;
    return { error: error?.reason, text: stateText, errors: dataset['errors'] };
  });
}

describe.each(['websocket', 'hls'])('after media that the browser can not play, over %s', (transport) => {
  beforeEach(() => fail(transport), TEST_TIME);

  it('the player says so once, and plays the next publisher by itself', async () => {
    expect(await told()).toEqual({ error: 'media-failed', text: "This browser can't play the stream", errors: '1' });
    await publishers.pop()!.stop();
    await goneStream(relay.url, 'cam');
    await publish();
    await plays();
    expect(await told()).toEqual({ error: undefined, text: '', errors: '1' });
  }, TEST_TIME);

  it('the player plays a publisher that takes the place of that one, by itself', async () => {
    await publish();
    await plays();
  }, TEST_TIME);
});

describe('a player that has given up over a socket', () => {
  it('tries again as somebody presses play, and plays what has become good', async () => {
    await fail('websocket');
    publishers.at(-1)!.damage('lengths', 0);
    await page.evaluate(() => void document.querySelector('sluice-video')!.play().catch(() => undefined));
    await plays();
  });

  it('is sent nothing more, and begins no decoder until there is another publisher', async () => {
    await fail('websocket');
    const viewer = async (): Promise<ViewerList['viewers'][number]> => {
      const { viewers } = (await (await fetch(`${relay.url}/api/streams/cam/viewers`)).json()) as ViewerList;
      return viewers[0]!;
    };
    await eventually('the relay sends it nothing', async () => (await viewer()).state === 'paused');
    const { sentBytes } = await viewer();
    const begun = (): Promise<string | undefined> => page.evaluate(() => document.querySelector('sluice-video')!.dataset['begun']);
    const before = await begun();
    const received = async (): Promise<number> => ((await (await fetch(`${relay.url}/api/streams/cam`)).json()) as { epoch: { bytes: number } }).epoch.bytes;
    const at = await received();
    await eventually('the publisher goes on', async () => (await received()) > at + 100_000);
    expect([(await viewer()).sentBytes, await begun()]).toEqual([sentBytes, before]);
  });
});
