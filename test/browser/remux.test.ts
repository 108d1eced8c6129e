import type { Browser, Page } from 'playwright-core';
import type { SluiceVideoElement } from '../../player/video/sluice-video';
import { launchBrowser, pageErrors } from '../support/browser';
import { eventually } from '../support/eventually';
import { makeFile, type Running, startFfmpeg, testPicture } from '../support/ffmpeg';
import { connectPublisher } from '../support/publishing';
import { recordedBlobs } from '../support/recording';
import { startRelay, type TestRelay } from '../support/relay';

const RECORDING = 'webm-h264-opus';
/** Of its blobs, ms. */
const TIMESLICE = 300;
/** Each frame leaves ffmpeg as soon as the next has come. */
const PER_FRAME = ['-cluster_time_limit', '1', '-flush_packets', '1'];
const B_FRAMES = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '3', '-g', '30', '-pix_fmt', 'yuv420p'];
/** One keyframe and no other: what is dropped up to the next is dropped for good. */
const CODECS = {
  VP8: ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '16', '-b:v', '200k', '-g', '9999', '-f', 'webm'],
  'H.264': ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '9999', '-pix_fmt', 'yuv420p', '-f', 'matroska'],
  'H.264 with B-frames': ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '2', '-g', '9999', '-pix_fmt', 'yuv420p', '-f', 'matroska'],
} as const;
/** Seconds of media that a test has at most. */
const LENGTH = 30;

let browser: Browser;
let relay: TestRelay;
let page: Page;
let errors: readonly string[];
let publisher: Running | undefined;

beforeAll(async () => {
  browser = await launchBrowser({ autoplay: 'no-user-gesture-required' });
});

afterAll(() => browser.close());

beforeEach(async () => {
  relay = await startRelay();
  page = await browser.newPage({ viewport: { width: 640, height: 480 } });
  errors = pageErrors(page);
});

afterEach(async () => {
  await page.close();
  publisher?.process.kill('SIGKILL');
  await publisher?.ended;
  publisher = undefined;
  await relay.close();
});

/** Pushes a file at its own pace. */
function publish(file: string): void {
  const format = file.endsWith('.webm') ? 'webm' : 'matroska';
  publisher = startFfmpeg(['-re', '-i', file, '-c', 'copy', ...PER_FRAME, '-f', format, `${relay.url}/publish/cam`]);
}

interface Sight {
  readonly state: string;
  readonly time: number;
  readonly frames: number;
  readonly ranges: number;
  readonly width: number;
}

function look(): Promise<Sight> {
  return page.evaluate(() => {
    const video = document.querySelector<SluiceVideoElement>('sluice-video')!;
    const { currentTime: time, videoWidth: width, buffered, state } = video;
    return { time, width, state, ranges: buffered.length, frames: video.getVideoPlaybackQuality().totalVideoFrames };
  });
}

/** Plays the stream for so many seconds of its time, and gives the frames that were shown in it. */
async function watch(seconds: number): Promise<{ frames: number; played: number; width: number; ranges: number }> {
  await page.goto(`${relay.url}/watch/cam`);
  const begun = await eventually('the player is live', async () => {
    const sight = await look();
    return sight.state === 'live' && sight;
  });
  const done = await eventually(`it plays for ${seconds} s`, async () => {
    const sight = await look();
    return sight.time > begun.time + seconds && sight;
  });
  return { frames: done.frames - begun.frames, played: done.time - begun.time, width: done.width, ranges: done.ranges };
}

describe('the remux of Matroska to MP4 plays in a browser:', () => {
  it("a recording of Chromium's MediaRecorder", async () => {
    const socket = await connectPublisher(relay.wsUrl, 'cam');
    const blobs = recordedBlobs(RECORDING);
    const sending = setInterval(() => {
      const blob = blobs.shift();
      if (blob) socket.send(blob);
    }, TIMESLICE);
    try {
      const { frames, width } = await watch(1.5);
      expect(width).toBe(320);
      expect(frames).toBeGreaterThan(20);
    } finally {
      clearInterval(sending);
    }
    expect(errors).toEqual([]);
  });

  async function playsBFrames(audio: string): Promise<void> {
    publish(await makeFile('film.mkv', [...testPicture(LENGTH), ...B_FRAMES, '-c:a', audio]));
    const { frames, played, width, ranges } = await watch(4);
    expect({ width, ranges }).toEqual({ width: 320, ranges: 1 });
    expect(frames).toBeGreaterThan(played * 20);
    expect(errors).toEqual([]);
  }

  it('B-frames with AAC from ffmpeg', () => playsBFrames('aac'));

  it('B-frames with Opus from ffmpeg (long)', () => playsBFrames('libopus'));
});

/** Makes a film without sound, at most `LENGTH` long, and publishes it. */
async function publishFilm(codec: readonly string[], filter: string, flags: readonly string[] = []): Promise<void> {
  const name = codec.at(-1) === 'webm' ? 'film.webm' : 'film.mkv';
  publish(await makeFile(name, ['-f', 'lavfi', '-i', `testsrc2=size=160x120:duration=${LENGTH}${filter}`, ...flags, ...codec]));
}

async function playsAt(rate: number, codec: readonly string[]): Promise<void> {
  await publishFilm(codec, `:rate=${rate}`);
  const { frames, played } = await watch(Math.max(3, 4 / rate));
  expect(frames).toBeGreaterThan(played * rate * 0.7 - 1);
  expect(errors).toEqual([]);
}

it('H.264 with B-frames and without sound plays without a freeze at 5 frames a second', () => playsAt(5, CODECS['H.264 with B-frames']));

describe.each(Object.entries(CODECS))('%s without sound plays without a freeze (long)', (_, codec) => {
  it.each([1, 2, 5, 60])('at %d frames a second', (rate) => playsAt(rate, codec));

  it('where it changes from 30 frames a second to 1', async () => {
    await publishFilm(codec, ":rate=30,select='lt(t,5)+not(mod(n,30))'", ['-fps_mode', 'passthrough']);
    const { frames } = await watch(10);
    expect(frames).toBeGreaterThan(20);
    const later = await look();
    await eventually('three more frames are shown', async () => (await look()).frames >= later.frames + 3);
    expect((await look()).state).toBe('live');
    expect(errors).toEqual([]);
  });
});
