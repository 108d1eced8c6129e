import type { Browser, Page } from 'playwright-core';
import type { StreamDetail } from '../../src/protocol/stream-detail';
import { launchBrowser } from '../support/browser';
import { DamagedPublisher } from '../support/damaged-publisher';
import { eventually } from '../support/eventually';
import { launchFirefox } from '../support/firefox';
import { needs } from '../support/needs';
import { startRelay, type TestRelay } from '../support/relay';
import { liveStream } from '../support/streams';

const WEBM = ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '300k', '-g', '15', '-c:a', 'libopus', '-f', 'webm'];
/** Far more than the silence of a second takes up, and less than a second of sound, bytes. */
const HEARD = 4_000;
/** What its time has to go on by, seconds. */
const ADVANCE = 1.2;
/** Any of what is waited for is seen in a moment, but for a machine that is busy. */
const PATIENCE = 30_000;

type Transport = 'websocket' | 'hls';

interface Sight {
  readonly time: number;
  readonly frames: number;
  /** Bytes of it that were decoded; Firefox doesn't tell. */
  readonly sound: number;
  readonly state: string;
  readonly ready: boolean;
}

let browser: Browser;
let relay: TestRelay;
let publisher: DamagedPublisher;
const pages: Page[] = [];

beforeAll(async () => {
  relay = await startRelay();
});

afterAll(() => relay.close());

afterEach(async () => {
  for (const page of pages.splice(0)) if (!page.isClosed()) await page.close();
  await publisher.stop();
});

async function watch(transport: Transport): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 400, height: 300 } });
  pages.push(page);
  await page.goto(relay.url);
  await page.addScriptTag({ type: 'module', url: '/player/sluice-video.js' });
  await page.evaluate((given) => {
    const video = document.createElement('sluice-video');
    for (const [name, value] of Object.entries({ src: '/watch/cam', autoplay: '', transport: given })) video.setAttribute(name, value);
    document.body.append(video);
  }, transport);
  return page;
}

function see(page: Page): Promise<Sight> {
  return page.evaluate(() => {
    const element = document.querySelector('sluice-video')!;
    const video = element.shadowRoot!.querySelector('video')! as HTMLVideoElement & { webkitAudioDecodedByteCount?: number };
    return { time: video.currentTime, frames: video.getVideoPlaybackQuality().totalVideoFrames, sound: video.webkitAudioDecodedByteCount ?? Infinity, state: element.state, ready: video.videoWidth > 0 && video.readyState > 2 };
  });
}

/** Waits until its time goes on, and what of it should, too. */
async function goesOn(page: Page, what: string, does: (before: Sight, now: Sight) => boolean): Promise<void> {
  const before = await see(page);
  let last: Sight | undefined;
  let advanced = 0;
  await eventually(
    `${what}; seen ${JSON.stringify(before)}`,
    async () => {
      const now = await see(page);
      if (last !== undefined && now.time > last.time && now.time - last.time < 1) advanced += now.time - last.time;
      last = now;
      return now.ready && advanced > ADVANCE && does(before, now);
    },
    PATIENCE,
  ).catch((error: unknown) => {
    throw new Error(`${(error as Error).message} … ${JSON.stringify(last)}, ${advanced} s`);
  });
}

const picture = (before: Sight, now: Sight): boolean => now.frames > before.frames + 10;
const sound = (before: Sight, now: Sight): boolean => now.sound === Infinity || now.sound > before.sound + HEARD;
const both = (before: Sight, now: Sight): boolean => picture(before, now) && sound(before, now);

async function stopped(kinds: readonly string[] | undefined): Promise<void> {
  await eventually(`stopped: ${kinds?.join() ?? 'none'}`, async () => {
    const detail = (await (await fetch(`${relay.url}/api/streams/cam`)).json()) as StreamDetail;
    return JSON.stringify(detail.stopped) === JSON.stringify(kinds);
  }, PATIENCE);
}

async function allGoOn(viewers: readonly Page[], what: string, does: (before: Sight, now: Sight) => boolean): Promise<void> {
  await Promise.all(viewers.map((page) => goesOn(page, what, does)));
}

/** Switches off the sound and then the picture, while viewers are there and newcomers come by each of the ways. */
async function switchOff(transports: readonly Transport[], encoding?: readonly string[]): Promise<void> {
  const watchers = (): Promise<Page[]> => Promise.all(transports.map(watch));
  publisher = await DamagedPublisher.start(relay.wsUrl, 'cam', encoding && { encoding });
  await liveStream(relay.url, 'cam');
  const viewers = await watchers();
  await allGoOn(viewers, 'it plays', both);

  publisher.leaveOut('audio');
  await stopped(['audio']);
  viewers.push(...(await watchers()));
  await allGoOn(viewers, 'the picture goes on without sound', picture);
  publisher.leaveOut();
  await stopped(undefined);
  await allGoOn(viewers, 'the sound is back', both);

  for (const page of viewers.splice(transports.length)) await page.close();
  publisher.leaveOut('video');
  await stopped(['video']);
  viewers.push(...(await watchers()));
  await allGoOn(viewers, 'the sound goes on without a picture', sound);
  publisher.leaveOut();
  await stopped(undefined);
  await allGoOn(viewers, 'the picture is back', both);
}

describe('in Chromium', () => {
  needs('a whole Chromium', () => {
    beforeAll(async () => {
      browser = await launchBrowser({ autoplay: 'no-user-gesture-required' });
    });

    afterAll(() => browser.close());

    it.each([
      ['MP4', undefined],
      ['WebM', WEBM],
    ])('viewers and newcomers of %s go on while a track has stopped, by WebSocket and HLS, and have it again when it comes back', async (_, encoding) => {
      await switchOff(['websocket', 'hls'], encoding);
    }, 180_000);
  });
});

describe('in Firefox', () => {
  needs('Firefox', () => {
    beforeAll(async () => {
      browser = await launchFirefox();
    });

    afterAll(() => browser.close());

    it('viewers and newcomers go on while a track has stopped, and have it again when it comes back', async () => {
      await switchOff(['websocket']);
    }, 180_000);
  });
});
