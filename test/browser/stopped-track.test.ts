import type { Browser, Page } from 'playwright-core';
import type { StreamDetail } from '../../src/protocol/stream-detail';
import { launchBrowser } from '../support/browser';
import { DamagedPublisher } from '../support/damaged-publisher';
import { eventually } from '../support/eventually';
import { H264_AAC } from '../support/ffmpeg';
import { launchFirefox } from '../support/firefox';
import { needs } from '../support/needs';
import { startRelay, type TestRelay } from '../support/relay';
import { liveStream } from '../support/streams';

const WEBM = ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '300k', '-g', '15', '-c:a', 'libopus', '-f', 'webm'];
/** There is no silence for it. */
const FLAC = [...H264_AAC, '-c:a', 'flac', '-strict', 'experimental', '-movflags', '+frag_every_frame+empty_moov+default_base_moof', '-f', 'mp4', '-flush_packets', '1'];
/** Far more than the silence of a second takes up, and less than a second of sound, bytes. */
const HEARD = 4_000;
/** What its time has to go on by, seconds. */
const ADVANCE = 1.2;

type Transport = 'websocket' | 'hls';

interface Sight {
  /** Why it has failed, if it has. */
  readonly error: string | undefined;
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
    return { error: element.error?.message, time: video.currentTime, frames: video.getVideoPlaybackQuality().totalVideoFrames, sound: video.webkitAudioDecodedByteCount ?? Infinity, state: element.state, ready: video.videoWidth > 0 && video.readyState > 2 };
  });
}

/** What has come since, of one media source or the next. */
interface Growth {
  time: number;
  frames: number;
  sound: number;
}

/** Waits until its time goes on, and what of it should, too. */
async function goesOn(page: Page, what: string, does: (growth: Growth) => boolean): Promise<void> {
  let last = await see(page);
  const growth: Growth = { time: 0, frames: 0, sound: 0 };
  await eventually(
    what,
    async () => {
      const now = await see(page);
      if (now.time - last.time < 1) growth.time += Math.max(0, now.time - last.time);
      growth.frames += Math.max(0, now.frames - last.frames);
      growth.sound += now.sound === Infinity ? Infinity : Math.max(0, now.sound - last.sound);
      last = now;
      return now.ready && growth.time > ADVANCE && does(growth);
    },
  ).catch((error: unknown) => {
    throw new Error(`${(error as Error).message} … ${JSON.stringify({ last, growth })}`);
  });
}

const picture = ({ frames }: Growth): boolean => frames > 10;
const sound = (growth: Growth): boolean => growth.sound > HEARD;
const both = (growth: Growth): boolean => picture(growth) && sound(growth);

async function stopped(kinds: readonly string[] | undefined): Promise<void> {
  await eventually(`stopped: ${kinds?.join() ?? 'none'}`, async () => {
    const detail = (await (await fetch(`${relay.url}/api/streams/cam`)).json()) as StreamDetail;
    return JSON.stringify(detail.stopped) === JSON.stringify(kinds);
  });
}

async function allGoOn(viewers: readonly Page[], what: string, does: (growth: Growth) => boolean): Promise<void> {
  await Promise.all(viewers.map((page) => goesOn(page, what, does)));
}

interface Scene {
  readonly transports: readonly Transport[];
  readonly encoding?: readonly string[] | undefined;
}

/** Those who watch from the beginning, once all of them play. */
async function firstViewers({ transports, encoding }: Scene): Promise<Page[]> {
  publisher = await DamagedPublisher.start(relay.wsUrl, 'cam', encoding && { encoding });
  await liveStream(relay.url, 'cam');
  const viewers = await Promise.all(transports.map(watch));
  await allGoOn(viewers, 'it plays', both);
  return viewers;
}

/** Switches off a track, while viewers are there and newcomers come by each of these ways, and on again. */
async function switchOff(kind: 'video' | 'audio', viewers: Page[], newcomers: readonly Transport[]): Promise<void> {
  publisher.leaveOut(kind);
  await stopped([kind]);
  viewers.push(...(await Promise.all(newcomers.map(watch))));
  await allGoOn(viewers, `it goes on without ${kind}`, kind === 'audio' ? picture : sound);
  publisher.leaveOut();
  await stopped(undefined);
  await allGoOn(viewers, `${kind} is back`, both);
}

async function switchOffBoth(scene: Scene): Promise<void> {
  const viewers = await firstViewers(scene);
  await switchOff('audio', viewers, scene.transports);
  for (const page of viewers.splice(scene.transports.length)) await page.close();
  await switchOff('video', viewers, scene.transports);
}

describe('in Chromium', () => {
  needs('a whole Chromium', () => {
    beforeAll(async () => {
      browser = await launchBrowser({ autoplay: 'no-user-gesture-required' });
    });

    afterAll(() => browser.close());

    it('viewers and newcomers of MP4 go on while a track has stopped, by WebSocket and HLS, and have it again when it comes back', async () => {
      await switchOffBoth({ transports: ['websocket', 'hls'] });
    });

    it('viewers and newcomers of WebM go on while a track has stopped, by WebSocket and HLS, and have it again when it comes back (long)', async () => {
      await switchOffBoth({ transports: ['websocket', 'hls'], encoding: WEBM });
    });

    it('viewers go on without sound for which there is no silence, and have it again when it comes back', async () => {
      await switchOff('audio', await firstViewers({ transports: ['websocket', 'hls'], encoding: FLAC }), []);
    });
  });
});

describe('in Firefox', () => {
  needs('Firefox', () => {
    beforeAll(async () => {
      browser = await launchFirefox();
    });

    afterAll(() => browser.close());

    it('viewers and newcomers go on while a track has stopped, and have it again when it comes back (long)', async () => {
      // Over HLS that is MP4.
      await switchOffBoth({ transports: ['websocket', 'hls'], encoding: WEBM });
    });
  });
});
