import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { PublisherOptions } from '../../player/publisher/publisher-options';
import type { PublisherState, PublisherStats } from '../../player/publisher/publisher-state';
import type { SluicePublisher } from '../../player/publisher/sluice-publisher';
import { launchBrowser, pageErrors, screenshot } from '../support/browser';
import { complaints } from '../support/ffmpeg';
import { eventually } from '../support/eventually';
import { parseMp4 } from '../support/mp4-parse';
import { startRelay, type TestRelay } from '../support/relay';
import { slowLink } from '../support/slow-link';
import { goneStream, liveStream, streamInfo } from '../support/streams';
import { viewerPlays } from '../support/viewer-plays';

/** What the page keeps of its publisher. */
interface Kept {
  readonly publisher: SluicePublisher;
  readonly states: PublisherState[];
  readonly told: string[];
  stats: PublisherStats | undefined;
}

declare global {
  interface Window {
    kept: Kept;
    SluicePublisher: typeof SluicePublisher;
  }
}

let browser: Browser;
let relay: TestRelay;
let page: Page;
let viewer: Page;
let errors: readonly (readonly string[])[];

beforeAll(async () => {
  browser = await launchBrowser({ fakeCamera: true, autoplay: 'no-user-gesture-required' });
});

afterAll(() => browser.close());

beforeEach(async () => {
  relay = await startRelay();
  [page, viewer] = [await browser.newPage({ viewport: { width: 900, height: 700 } }), await browser.newPage()];
  errors = [pageErrors(page), pageErrors(viewer)];
});

afterEach(async () => {
  await viewer.close();
  await page.close();
  await relay.close();
});

/** Publishes the fake camera from a page of the relay. */
async function publish(options: Partial<PublisherOptions> = {}, { sound = true, port = relay.port } = {}): Promise<void> {
  await page.goto(`http://127.0.0.1:${port}/samples/publisher/`);
  await page.evaluate("import('/player/sluice-publisher.js').then((script) => { window.SluicePublisher = script.SluicePublisher; })");
  await page.evaluate(
    async ({ given, audio }) => {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360 }, audio });
      const publisher = new window.SluicePublisher({ url: '/publish/cam', stream, video: { bitrate: 800_000 }, ...given });
      const kept: Kept = { publisher, states: [], told: [], stats: undefined };
      window.kept = kept;
      publisher.addEventListener('statechange', ({ detail }) => kept.states.push(detail));
      publisher.addEventListener('warning', ({ detail }) => kept.told.push(detail.code));
      publisher.addEventListener('error', ({ detail }) => kept.told.push(detail.code));
      publisher.addEventListener('stats', ({ detail }) => (kept.stats = detail));
      await publisher.start();
    },
    { given: options, audio: sound },
  );
}

/** Reads what comes from there until it ends. */
async function readTo(url: string, pieces: Uint8Array[]): Promise<void> {
  const { body } = await fetch(url);
  for await (const piece of body ?? []) pieces.push(piece);
}

const state = (): Promise<PublisherState> => page.evaluate(() => window.kept.publisher.state);
const told = (): Promise<string[]> => page.evaluate(() => window.kept.told);
/** What was told, but for what a busy machine may bring. */
const trouble = async (): Promise<string[]> => (await told()).filter((code) => code !== 'upload-slow' && code !== 'encoder-slow');
const stats = (): Promise<PublisherStats> => page.evaluate(() => window.kept.publisher.stats);
const becomes = (wanted: PublisherState): Promise<unknown> => eventually(`the publisher is ${wanted}`, async () => (await state()) === wanted);

describe('SluicePublisher in a browser', () => {
  type Encoding = readonly [encoder: 'auto' | 'webcodecs' | 'mediarecorder', codec: 'auto' | 'vp8' | 'vp9' | 'av1', mime: RegExp, used: 'webcodecs' | 'mediarecorder'];

  async function isSeen(...[encoder, codec, mime, used]: Encoding): Promise<void> {
    await viewer.goto(`${relay.url}/watch/cam`);
    await publish({ encoder, video: { bitrate: 800_000, codec } });
    await becomes('live');
    expect((await liveStream(relay.url, 'cam')).mime).toMatch(mime);
    await viewerPlays(viewer);
    await eventually('the figures are there', async () => {
      const { bitrate, viewers, frameRate } = await stats();
      return bitrate > 50_000 && viewers === 1 && frameRate > 5;
    });
    expect((await stats()).encoder).toBe(used);
    await page.evaluate(() => window.kept.publisher.stop());
    expect(await state()).toBe('ended');
    await viewer.getByText('The stream has ended').waitFor();
    expect(await trouble()).toEqual([]);
    expect(errors).toEqual([[], []]);
  }

  it('is seen on the watch page, encoding by itself', () => isSeen('auto', 'auto', /^video\/mp4; codecs="avc1\.[0-9A-F]{6}, opus"$/, 'webcodecs'));

  it.each<Encoding>([
    ['webcodecs', 'vp9', /^video\/mp4; codecs="vp09\.00\.[0-9.]+, opus"$/, 'webcodecs'],
    ['mediarecorder', 'vp8', /^video\/webm; codecs="vp8, opus"$/, 'mediarecorder'],
    ['webcodecs', 'av1', /^video\/mp4; codecs="av01\.0\.[0-9A-Z.]+, opus"$/, 'webcodecs'],
  ])('is seen on the watch page: encoder %s, codec %s (long)', isSeen);

  async function writesWhatDecodes(codec: 'h264' | 'vp9' | 'av1'): Promise<void> {
    await publish({ encoder: 'webcodecs', video: { bitrate: 800_000, codec } });
    await becomes('live');
    const pieces: Uint8Array[] = [];
    const read = readTo(`${relay.url}/watch/cam.mp4`, pieces);
    await eventually('two keyframes have come', () => parseMp4(pieces).chunks.filter(({ joinable }) => joinable).length >= 2);
    await page.evaluate(() => window.kept.publisher.stop());
    await read;
    const folder = mkdtempSync(join(tmpdir(), 'sluice-publisher-'));
    try {
      const path = join(folder, 'live.mp4');
      writeFileSync(path, Buffer.concat(pieces));
      // Frames come when they come: that two are nearer than the null muxer likes is no fault.
      expect((await complaints(path)).replaceAll(/.*(non monotonically increasing dts|Last message repeated).*\n?/g, '')).toBe('');
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it('writes H.264 that ffmpeg decodes', () => writesWhatDecodes('h264'));

  it.each(['vp9', 'av1'] as const)('writes %s that ffmpeg decodes (long)', writesWhatDecodes);

  it('goes on with other tracks, without sound and in another size, and viewers stay', async () => {
    await publish();
    await becomes('live');
    await viewer.goto(`${relay.url}/watch/cam`);
    await viewerPlays(viewer);
    await page.evaluate(async () => {
      await window.kept.publisher.replaceTracks(await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 240 } }));
    });
    await eventually('the relay has the new tracks', async () => (await streamInfo(relay.url, 'cam'))?.tracks.map(({ width }) => width).join() === '320');
    await viewerPlays(viewer);
    expect(await trouble()).toEqual([]);
    expect(errors).toEqual([[], []]);
  });

  it('goes on for its viewers while its page stands still, as hidden ones do', async () => {
    await publish();
    await becomes('live');
    await viewer.goto(`${relay.url}/watch/cam`);
    await viewerPlays(viewer);
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    await page.route('**/answered', async (route) => {
      await answered;
      await route.fulfill({ body: '' });
    });
    // Nothing else runs in the page until this request is answered.
    const still = page.evaluate(() => {
      const request = new XMLHttpRequest();
      request.open('GET', '/answered', false);
      request.send();
    });
    await viewerPlays(viewer);
    await viewerPlays(viewer);
    answer();
    await still;
    expect(await page.evaluate(() => window.kept.states)).toEqual(['connecting', 'live']);
  });

  it('goes on when the connection is lost, and ends what it was told to end', async () => {
    const link = await slowLink(relay.port);
    await publish({}, { port: link.port });
    await becomes('live');
    await viewer.goto(`${relay.url}/watch/cam`);
    await viewerPlays(viewer);
    await link.close();
    await eventually('the loss is told', async () => (await told()).includes('connection-lost'));
    expect(await state()).toBe('reconnecting');
    await page.evaluate(() => window.kept.publisher.stop());
    expect(await state()).toBe('ended');
  });

  it('comes back to a relay that has started again', async () => {
    await publish();
    await becomes('live');
    const { port } = relay;
    await relay.close();
    await becomes('reconnecting');
    relay = await startRelay({ port });
    await becomes('live');
    await liveStream(relay.url, 'cam');
  });

  async function isLiveAfterOutage(seconds: number): Promise<void> {
    const link = await slowLink(relay.port);
    await publish({}, { port: link.port });
    await becomes('live');
    link.limit(0);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    link.limit(Infinity);
    await eventually('it is live, and the relay has what was encoded', async () => (await state()) === 'live' && (await stats()).lag < 500);
    await viewer.goto(`${relay.url}/watch/cam`);
    await viewerPlays(viewer);
    await link.close();
  }

  it('is live again after an outage of 1 s', () => isLiveAfterOutage(1));

  it('is live again after an outage of 5 s (long)', () => isLiveAfterOutage(5));

  it('lowers its bitrate while the upload is slow, and raises it behind that', async () => {
    const link = await slowLink(relay.port);
    await publish({ video: { bitrate: 1_000_000 } }, { port: link.port });
    await becomes('live');
    link.limit(50_000);
    await eventually('the bitrate is lowered', async () => (await stats()).targetBitrate < 600_000);
    expect(await told()).toContain('upload-slow');
    expect(await state()).toBe('live');
    link.limit(Infinity);
    await eventually('the bitrate is what it was', async () => (await stats()).targetBitrate === 1_000_000);
    await link.close();
  });

  it('says in words what can not be encoded, and what is used instead', async () => {
    await publish({ encoder: 'webcodecs', video: { bitrate: 800_000, codec: 'vp8' } });
    await becomes('live');
    expect(await trouble()).toEqual(['encoder-fallback']);
  });

  it('fails with the code of the relay when the name is taken', async () => {
    await publish({ session: '0123456789abcdef' });
    await becomes('live');
    await page.evaluate(async () => {
      const other = new window.SluicePublisher({ url: '/publish/cam', stream: await navigator.mediaDevices.getUserMedia({ video: true }) });
      other.addEventListener('error', ({ detail }) => window.kept.told.push(detail.code));
      await other.start();
    });
    await eventually('it is told', async () => (await told()).includes('name-in-use'));
    expect(await state()).toBe('live');
  });

  it('is what the sample page does', async () => {
    await page.goto(`${relay.url}/samples/publisher/`);
    await page.getByRole('button', { name: 'Go live' }).click();
    await page.getByText('State: live').waitFor();
    await page.getByText(/^webcodecs \(avc1/).waitFor();
    await screenshot(page, 'sample-publisher');
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('State: ended').waitFor();
    await goneStream(relay.url, 'sample');
    expect(errors).toEqual([[], []]);
  });
});
