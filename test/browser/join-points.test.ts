import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import type { SluiceVideoElement } from '../../player/video/sluice-video';
import { launchBrowser, pageErrors } from '../support/browser';
import { eventually } from '../support/eventually';
import { FRAGMENTED, makeFile } from '../support/ffmpeg';
import { findBoxes } from '../support/mp4-parse';
import { connectPublisher } from '../support/publishing';
import { startRelay, type TestRelay } from '../support/relay';
import { liveStream, streamInfo } from '../support/streams';
import type { TestSocket } from '../support/test-socket';

/** Of a fragment, ms: one begins with every picture that ffmpeg calls a keyframe. */
const GOP = 500;
const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];

let browser: Browser;
let page: Page;
let relay: TestRelay;
let publisher: TestSocket;
let sending: ReturnType<typeof setInterval> | undefined;

beforeAll(async () => {
  browser = await launchBrowser({ autoplay: 'no-user-gesture-required' });
  relay = await startRelay();
  page = await browser.newPage();
});
afterEach(() => {
  clearInterval(sending);
  publisher.socket.close();
});
afterAll(async () => {
  await browser.close();
  await relay.close();
});

/** The init segment of a file, and its fragments, as ffmpeg wrote them. */
function piecesOf(file: string): { init: Uint8Array; fragments: Uint8Array[] } {
  const bytes = new Uint8Array(readFileSync(file));
  const [moofs, mdats] = [findBoxes(bytes, 'moof'), findBoxes(bytes, 'mdat')];
  const fragments = moofs.map((moof, index) => Buffer.concat([moof, mdats[index]!]));
  return { init: bytes.subarray(0, moofs[0]!.byteOffset - bytes.byteOffset), fragments };
}

/** Publishes the init segment and the first fragments at once, and the others at their pace once it is told to go on. */
async function publish(name: string, file: string, first: number): Promise<{ goOn: () => void }> {
  const { init, fragments } = piecesOf(file);
  publisher = await connectPublisher(relay.wsUrl, name);
  for (const piece of [init, ...fragments.splice(0, first)]) publisher.send(piece);
  await liveStream(relay.url, name);
  const goOn = (): void => {
    sending = setInterval(() => {
      const next = fragments.shift();
      if (next !== undefined) publisher.send(next);
    }, GOP);
  };
  return { goOn };
}

function look(): Promise<{ state: string; frames: number; size: string }> {
  return page.evaluate(() => {
    const video = document.querySelector<SluiceVideoElement>('sluice-video')!;
    return { state: video.state, frames: video.getVideoPlaybackQuality().totalVideoFrames, size: `${video.videoWidth}x${video.videoHeight}` };
  });
}

describe('H.264 in MP4', () => {
  it('of open GOPs is played by who joins after a recovery point', async () => {
    const errors = pageErrors(page);
    const gops = ['-x264-params', 'open-gop=1:bframes=3:keyint=15:min-keyint=8:scenecut=0', '-forced-idr', '1', '-force_key_frames', 'expr:gte(t,n_forced*5)'];
    const made = await makeFile('open.mp4', ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=30:duration=40', ...X264, '-bf', '3', ...gops]);
    // As it is copied: only then are its recovery points called keyframes.
    const { goOn } = await publish('open', await makeFile('copied.mp4', ['-i', made, '-c', 'copy', '-movflags', FRAGMENTED]), 4);
    await page.goto(`${relay.url}/watch/open`);
    goOn();
    await eventually('it plays two seconds and more', async () => {
      const { state, frames } = await look();
      return state === 'live' && frames > 120;
    });
    expect(errors).toEqual([]);
  });

  it('is shown in its new size where only the samples tell it, and the API reports it', async () => {
    const errors = pageErrors(page);
    const part = (size: string, seconds: number): Promise<string> =>
      makeFile('part.ts', ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=30:duration=${seconds}`, ...X264, '-g', '15']);
    const parts = await Promise.all([part('320x180', 4), part('240x320', 30)]);
    const { goOn } = await publish('camera', await makeFile('parts.mp4', ['-i', `concat:${parts.join('|')}`, '-c', 'copy', '-movflags', FRAGMENTED]), 4);
    await page.goto(`${relay.url}/watch/camera`);
    await eventually('the first size is shown', async () => (await look()).size === '320x180');
    goOn();
    await eventually('the second size is shown', async () => (await look()).size === '240x320');
    expect((await streamInfo(relay.url, 'camera'))?.tracks).toMatchObject([{ width: 240, height: 320 }]);
    expect(errors).toEqual([]);
  });
});
