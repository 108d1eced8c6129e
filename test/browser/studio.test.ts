import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { hashKey, makeKey } from '../../src/access/access-key';
import { PERMISSIONS } from '../../src/access/permissions';
import { type BrowserOptions, launchBrowser, pageErrors, screenshot } from '../support/browser';
import { ffmpeg } from '../support/ffmpeg';
import { needs } from '../support/needs';
import { connectPublisher } from '../support/publishing';
import { slowLink } from '../support/slow-link';
import { startRelay, type TestRelay } from '../support/relay';
import { goneStream } from '../support/streams';
import { goLive, onAir, openStudio, startCamera } from '../support/studio';
import { TestSocket } from '../support/test-socket';
import type { SluiceStudioElement } from '../../player/studio/sluice-studio';

let browser: Browser;
let relay: TestRelay;
let context: BrowserContext;
let page: Page;
let errors: readonly string[];
const sockets: TestSocket[] = [];

beforeAll(async () => {
  browser = await launchBrowser({ fakeCamera: true });
});

afterAll(() => browser.close());

beforeEach(async () => {
  relay = await startRelay();
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  page = await context.newPage();
  errors = pageErrors(page);
});

afterEach(async () => {
  for (const { socket } of sockets.splice(0)) socket.terminate();
  await context.close();
  await relay.close();
});

const studioUrl = (name = 'cam'): string => `${relay.url}/publish/${name}`;
const button = (name: string, on = page) => on.getByRole('button', { name, exact: true });

async function watch(name = 'cam'): Promise<TestSocket> {
  const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/${name}`);
  sockets.push(viewer);
  return viewer;
}

/** Waits until the studio tells that trouble, and gives all that it says. */
async function trouble(title: RegExp, on = page): Promise<string> {
  const notice = on.locator('.notice', { hasText: title });
  await notice.waitFor();
  return notice.innerText();
}

/** What a browser does when the camera is unplugged. */
async function unplugCamera(on: Page): Promise<void> {
  await on.evaluate(() => {
    const [track] = document.querySelector<SluiceStudioElement>('sluice-studio')!.stream!.getVideoTracks();
    track!.stop();
    track!.dispatchEvent(new Event('ended'));
  });
}

/** Waits until the figures say that the studio has been on air for so many seconds, or more. */
async function onAirFor(seconds: number): Promise<void> {
  await page.waitForFunction((least) => {
    const text = document.querySelector('sluice-studio')?.shadowRoot?.querySelector('.figures')?.textContent ?? '';
    const [, minute, second] = /(\d+):(\d\d)/.exec(text) ?? [];
    return Number(minute) * 60 + Number(second) >= least;
  }, seconds);
}

async function stop(): Promise<void> {
  await button('Stop').click();
  await page.getByText('You are off air').waitFor();
}

/** A page that plays a progressive file as it comes. */
async function play(path: string): Promise<Page> {
  const viewer = await context.newPage();
  await viewer.goto(relay.url);
  await viewer.evaluate((src) => {
    const video = Object.assign(document.createElement('video'), { src, muted: true, id: 'played' });
    document.body.append(video);
    return video.play();
  }, path);
  return viewer;
}

/** Resolves once what is played is bright, or black, in its middle. */
async function shows(viewer: Page, wanted: 'bright' | 'black'): Promise<void> {
  await viewer.waitForFunction((look) => {
    const video = document.querySelector<HTMLVideoElement>('#played')!;
    const canvas = Object.assign(document.createElement('canvas'), { width: 16, height: 16 });
    const picture = canvas.getContext('2d')!;
    picture.drawImage(video, 0, 0, 16, 16);
    const brightest = Math.max(...picture.getImageData(0, 0, 16, 16).data.filter((_, index) => index % 4 !== 3));
    return look === 'black' ? brightest < 8 : brightest > 60;
  }, wanted);
}

/** What ffmpeg has against a recording. Its frames come when they come: made even, two of them can fall together. */
async function decodeErrors(file: string): Promise<string> {
  return (await ffmpeg(['-i', file, '-vsync', 'passthrough', '-enc_time_base', '-1', '-f', 'null', '-'])).stderr;
}

describe('a broadcast from the studio', () => {
  type Encoding = readonly [encoder: 'mediarecorder' | 'webcodecs', codec: 'vp8' | 'vp9' | 'h264', container: 'webm' | 'mp4', codecs: RegExp];

  async function reachesViewers(...[encoder, codec, container, codecs]: Encoding): Promise<void> {
    const viewer = await watch();
    await goLive(page, studioUrl(), { encoder, codec });
    expect((await viewer.next('init')).mime).toMatch(codecs);
    const body = fetch(`${relay.url}/watch/cam.${container}`).then(async (answer) => Buffer.from(await answer.arrayBuffer()));
    const playing = await play(`/watch/cam.${container}`);
    await playing.waitForFunction(() => document.querySelector<HTMLVideoElement>('#played')!.currentTime > 1.5);
    await onAirFor(3);
    await stop();
    const file = join(tmpdir(), `sluice-studio-${process.pid}.${container}`);
    await writeFile(file, await body);
    expect(await decodeErrors(file)).toBe('');
    expect((await viewer.next('end')).reason).toBe('ended');
    expect(errors).toEqual([]);
  }

  it.each<Encoding>([
    ['mediarecorder', 'vp8', 'webm', /vp8/],
    ['webcodecs', 'h264', 'mp4', /avc1.*opus/],
  ])('reaches viewers by %s as %s, sound and whole', reachesViewers);

  it.each<Encoding>([
    ['mediarecorder', 'vp9', 'webm', /vp09|vp9/],
    ['mediarecorder', 'h264', 'mp4', /avc1.*opus/],
  ])('reaches viewers by %s as %s, sound and whole (long)', reachesViewers);

  it('leaves the preview to play on while its figures change', async () => {
    await goLive(page, studioUrl());
    await page.evaluate(() => {
      const preview = document.querySelector('sluice-studio')!.shadowRoot!.querySelector('video')!;
      preview.addEventListener('emptied', () => (preview.dataset['begun'] = 'again'));
    });
    await onAirFor(3);
    expect(await page.locator('video').getAttribute('data-begun')).toBeNull();
  });

  it('takes H.264 by itself, and tells its time, bitrate and viewers', async () => {
    const viewer = await watch();
    await goLive(page, studioUrl());
    expect((await viewer.next('init')).mime).toMatch(/^video\/mp4; codecs="avc1/);
    await onAirFor(1);
    await page.locator('.figures', { hasText: /[1-9]\d* kbit\/s/ }).waitFor();
    await page.locator('#viewers', { hasText: /^1$/ }).waitFor();
    expect(await page.title()).toBe('● On air · cam · Studio · Sluice');
    expect(await button('Copy the address of the watch page').count()).toBe(1);
    await screenshot(page, 'studio-live');
    await stop();
    await goneStream(relay.url, 'cam');
    expect(await page.title()).toBe('cam · Studio · Sluice');
  });

  it('goes on for viewers when the studio is reloaded and goes live again', async () => {
    const viewer = await watch();
    await goLive(page, studioUrl());
    const first = await viewer.next('init');
    const asked = page.waitForEvent('dialog').then(async (dialog) => {
      await dialog.accept();
      return dialog.type();
    });
    await page.reload();
    expect(await asked).toBe('beforeunload');
    await startCamera(page);
    await button('Go live').click();
    await onAir(page);
    expect((await viewer.next('init')).epoch).not.toBe(first.epoch);
    await viewer.nextMedia();
  });

  it('shows viewers black while the camera is off, and goes on when it is on again', async () => {
    await goLive(page, studioUrl());
    const viewer = await play('/watch/cam.mp4');
    await shows(viewer, 'bright');
    await button('Camera on').click();
    await page.getByText('The picture is off: viewers see black').waitFor();
    await shows(viewer, 'black');
    // Another quality opens the camera anew: it must not show itself by that.
    await page.locator('#quality').selectOption('standard');
    await page.waitForFunction(() => document.querySelector('sluice-studio')!.shadowRoot!.querySelector('video')!.videoHeight === 720);
    await button('Camera off').waitFor();
    await page.locator('#quality').selectOption('low');
    await page.waitForFunction(() => document.querySelector('sluice-studio')!.shadowRoot!.querySelector('video')!.videoHeight === 360);
    await button('Camera off').click();
    const again = await play('/watch/cam.mp4');
    await shows(again, 'bright');
  });

  it('goes on in black when the camera is unplugged, and with another one when that is chosen', async () => {
    await goLive(page, studioUrl());
    await unplugCamera(page);
    expect(await trouble(/camera is gone/)).toMatch(/Viewers see black/);
    await shows(await play('/watch/cam.mp4'), 'black');
    await button('Camera').click();
    await page.locator('.notice').waitFor({ state: 'detached' });
    await shows(await play('/watch/cam.mp4'), 'bright');
    await onAir(page);
  });

  it('comes back by itself when the relay was gone', async () => {
    await goLive(page, studioUrl());
    const { port } = relay;
    await relay.close();
    expect(await trouble(/connection to the relay is lost/)).toMatch(/Trying again/);
    await screenshot(page, 'studio-retrying');
    relay = await startRelay({ port });
    await onAir(page);
    const viewer = await watch();
    await viewer.next('init');
  });

  it('says that the upload is too slow, and by how much the picture is lowered (long)', async () => {
    const link = await slowLink(relay.port);
    const viewer = await watch();
    await goLive(page, `http://127.0.0.1:${link.port}/publish/cam`);
    await viewer.next('init');
    link.limit(15_000);
    expect(await trouble(/Your upload is too slow/)).toMatch(/lower quality/);
    await page.getByText(/the picture is lowered to \d+ kbit\/s/).waitFor();
    await screenshot(page, 'studio-slow');
    link.limit(Infinity);
    await page.locator('.notice', { hasText: 'Your upload is too slow' }).waitFor({ state: 'detached' });
    await onAir(page);
    await page.close({ runBeforeUnload: false });
    await link.close();
  });

  it('shares a screen', async () => {
    const viewer = await watch();
    await page.goto(studioUrl());
    await startCamera(page);
    await button('Screen').click();
    await page.getByRole('button', { name: 'Screen on' }).waitFor();
    await button('Go live').click();
    await onAir(page);
    expect((await viewer.next('init')).tracks.map(({ kind }) => kind).sort()).toEqual(['audio', 'video']);
  });
});

/** Resolves once that spot of the preview, from 0 to 1 across and down, is of the fake camera's green, or isn't. */
async function previewIs(colour: 'green' | 'other', [x, y]: readonly [number, number], on = page): Promise<void> {
  await on.waitForFunction(
    ({ wanted, spot }) => {
      const video = document.querySelector('sluice-studio')!.shadowRoot!.querySelector('video')!;
      const canvas = Object.assign(document.createElement('canvas'), { width: 100, height: 100 });
      const picture = canvas.getContext('2d')!;
      picture.drawImage(video, 0, 0, 100, 100);
      const [red = 0, green = 0, blue = 0] = picture.getImageData(spot[0]! * 100, spot[1]! * 100, 1, 1).data;
      return (green > 90 && red < 110 && blue < 60) === (wanted === 'green');
    },
    { wanted: colour, spot: [x, y] },
  );
}

describe('the studio', () => {
  it('lays the camera over the screen, in the corner that is chosen', async () => {
    const viewer = await watch();
    await goLive(page, studioUrl());
    await viewer.next('init');
    // A screen of one colour, which the fake camera doesn't have.
    await page.evaluate(() => {
      navigator.mediaDevices.getDisplayMedia = () => {
        const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
        const picture = canvas.getContext('2d')!;
        setInterval(() => {
          picture.fillStyle = '#ff00ff';
          picture.fillRect(0, 0, 640, 360);
        }, 50);
        return Promise.resolve(canvas.captureStream(20));
      };
    });
    await button('Camera over screen').click();
    await previewIs('green', [0.83, 0.95]);
    await previewIs('other', [0.15, 0.08]);
    await page.locator('#corner').selectOption('top-left');
    await previewIs('green', [0.15, 0.08]);
    await previewIs('other', [0.83, 0.95]);
    await screenshot(page, 'studio-camera-over-screen');
    await onAir(page);
    expect(errors).toEqual([]);
  });

  it('lets go of a camera that opens when it is gone from the page', async () => {
    await page.addInitScript(() => {
      const { mediaDevices } = navigator;
      const open = mediaDevices.getUserMedia.bind(mediaDevices);
      mediaDevices.getUserMedia = async (wanted) => {
        document.querySelector('sluice-studio')?.remove();
        const camera = await open(wanted);
        Object.assign(window, { camera });
        return camera;
      };
    });
    await page.goto(studioUrl());
    // Where the browser asks nobody, the studio has opened it by itself.
    await page.evaluate(() => void document.querySelector('sluice-studio')?.start().catch(() => undefined));
    await page.waitForFunction(() => (window as { camera?: MediaStream }).camera?.getTracks().every(({ readyState }) => readyState === 'ended'));
  });

  it('remembers what was chosen', async () => {
    await openStudio(page, studioUrl());
    await page.getByText('Advanced', { exact: true }).click();
    await page.locator('#quality').selectOption('custom');
    await page.locator('#bitrate-limit').fill('640');
    await page.locator('#bitrate-limit').press('Tab');
    await page.locator('#encoder-choice').selectOption('mediarecorder');
    await page.reload();
    await page.getByText('Advanced', { exact: true }).click();
    expect(await page.locator('#quality').inputValue()).toBe('custom');
    expect(await page.locator('#bitrate-limit').inputValue()).toBe('640');
    expect(await page.locator('#encoder-choice').inputValue()).toBe('mediarecorder');
  });

  it('leaves alone what is being typed while what it shows changes', async () => {
    await openStudio(page, studioUrl());
    await page.getByText('Advanced', { exact: true }).click();
    await page.locator('#quality').selectOption('custom');
    const limit = page.locator('#bitrate-limit');
    await limit.fill('64');
    await page.evaluate(() => (document.querySelector('sluice-studio')!.microphoneOn = false));
    await button('Microphone off').waitFor();
    expect(await limit.inputValue()).toBe('64');
    for (const tooLittle of ['65', '66']) {
      await limit.fill(tooLittle);
      await limit.press('Tab');
      expect(await limit.inputValue()).toBe('100');
    }
  });

  it('works where the browser keeps nothing', async () => {
    await page.addInitScript(() => {
      for (const storage of ['localStorage', 'sessionStorage']) {
        Object.defineProperty(window, storage, {
          get: () => {
            throw new DOMException('Refused', 'SecurityError');
          },
        });
      }
    });
    await goLive(page, studioUrl());
    expect(errors).toEqual([]);
  });

  it('heeds its keys, but not where something is chosen by letters', async () => {
    await openStudio(page, studioUrl());
    await button('Microphone on').focus();
    await page.keyboard.press('m');
    await button('Microphone off').waitFor();
    await page.keyboard.press('v');
    await page.getByText('The picture is off: viewers see black').waitFor();
    await page.locator('.sources select').last().focus();
    await page.keyboard.press('m');
    await button('Microphone off').waitFor();
  });

  it('shows the level of the microphone', async () => {
    await openStudio(page, studioUrl());
    await page.waitForFunction(() => document.querySelector('sluice-studio')!.shadowRoot!.querySelector<HTMLMeterElement>('#level')!.value > 0.2);
  });

  it('tells how late viewers see it, as they report it', async () => {
    const viewer = await watch();
    await goLive(page, studioUrl());
    await viewer.next('init');
    await viewer.nextMedia();
    viewer.tell({ type: 'report', id: 1, latency: 0.321 });
    await page.locator('#latency', { hasText: '321 ms' }).waitFor();
  });

  it('warns of a page in the background', async () => {
    await goLive(page, studioUrl());
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { value: true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    expect(await trouble(/page is in the background/)).toMatch(/window of its own/);
    await screenshot(page, 'studio-background');
  });

  type Look = readonly [colorScheme: 'light' | 'dark', width: number, height: number];

  async function fits(...[colorScheme, width, height]: Look): Promise<void> {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    await goLive(page, studioUrl());
    await onAirFor(1);
    await screenshot(page, `studio-${colorScheme}-${width}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  }

  it.each<Look>([
    ['light', 1280, 800],
    ['dark', 390, 844],
  ])('fits a page that is %s, and %d pixels wide', fits);

  it.each<Look>([
    ['dark', 1280, 800],
    ['light', 390, 844],
  ])('fits a page that is %s, and %d pixels wide (long)', fits);
});

describe('the studio says in words', () => {
  it('that the relay wants a key, and goes live with one', async () => {
    await relay.close();
    const folder = mkdtempSync(join(tmpdir(), 'sluice-studio-'));
    const [file, key] = [join(folder, 'keys.json'), makeKey()];
    await writeFile(file, JSON.stringify({ keys: [{ id: 'studio', hash: hashKey(key), ...PERMISSIONS.parse({ publish: ['cam'] }) }] }));
    relay = await startRelay({ accessRule: { kind: 'keys', file } });
    rmSync(folder, { recursive: true });
    await openStudio(page, studioUrl());
    await button('Go live').click();
    expect(await trouble(/wants a valid key/)).toMatch(/[?]token=KEY/);
    await screenshot(page, 'studio-key');
    await goLive(page, `${studioUrl()}?token=${key}`);
    expect(await page.locator('.share code').innerText()).toBe(`${relay.url}/watch/cam`);
  });

  it('that this browser encodes nothing that the relay can pass on', async () => {
    await page.addInitScript(() => {
      for (const name of ['MediaRecorder', 'VideoEncoder']) Reflect.deleteProperty(window, name);
    });
    await page.goto(studioUrl());
    expect(await trouble(/can’t encode what the relay can pass on/)).toMatch(/current Chrome/);
    expect(await button('Go live').count()).toBe(0);
  });

  it('that the name is in use, and offers another', async () => {
    const other = await connectPublisher(relay.wsUrl, 'cam');
    sockets.push(other);
    await openStudio(page, studioUrl());
    await button('Go live').click();
    expect(await trouble(/“cam” is in use/)).toContain('Open /publish/cam-2');
    await screenshot(page, 'studio-name-in-use');
    await page.getByText('You are off air').waitFor();
    expect(errors).toEqual([]);
  });

  it('that another tab of its session has taken over', async () => {
    await goLive(page, studioUrl());
    const session = await page.evaluate(() => sessionStorage.getItem('sluice.session'));
    sockets.push(await connectPublisher(relay.wsUrl, 'cam', `?session=${session}`));
    await trouble(/goes on in another tab/);
    await page.getByText('You are off air').waitFor();
  });

  describe('in other browsers', () => {
    let other: Browser;

    afterEach(() => other.close());

    async function open(options: BrowserOptions, url = studioUrl()): Promise<Page> {
      other = await launchBrowser(options);
      const opened = await other.newPage();
      errors = pageErrors(opened);
      await opened.goto(url);
      return opened;
    }

    it('that the permission was refused', async () => {
      const refused = await open({ flags: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream=deny'] });
      await button('Start camera', refused).click();
      expect(await trouble(/Permission for the camera was refused/, refused)).toMatch(/Allow camera and microphone/);
      await screenshot(refused, 'studio-refused');
      expect(await button('Go live', refused).isDisabled()).toBe(true);
      expect(errors).toEqual([]);
    });

    it('that nothing is heard and the picture is black (long)', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'sluice-studio-'));
      const [picture, sound] = [join(folder, 'black.y4m'), join(folder, 'silence.wav')];
      await ffmpeg(['-f', 'lavfi', '-i', 'color=black:s=320x180:r=10', '-t', '1', '-pix_fmt', 'yuv420p', picture]);
      await ffmpeg(['-f', 'lavfi', '-i', 'anullsrc=r=48000:cl=mono', '-t', '1', sound]);
      const quiet = await open({ fakeCamera: true, flags: [`--use-file-for-fake-video-capture=${picture}`, `--use-file-for-fake-audio-capture=${sound}`] });
      await goLive(quiet, studioUrl());
      expect(await trouble(/The picture is black/, quiet)).toMatch(/lid of the camera/);
      expect(await trouble(/Nothing is heard/, quiet)).toMatch(/another microphone/);
      await screenshot(quiet, 'studio-quiet');
      // Off is no fault.
      await button('Camera on', quiet).click();
      await button('Microphone on', quiet).click();
      await quiet.waitForFunction(() => document.querySelector<SluiceStudioElement>('sluice-studio')!.warnings.length === 0);
      rmSync(folder, { recursive: true });
    });

    it('that the camera is gone, and goes on with another one (long)', async () => {
      const two = await open({ fakeCamera: true, flags: ['--use-fake-device-for-media-stream=device-count=2'] });
      await goLive(two, studioUrl());
      const viewer = await watch();
      await viewer.next('init');
      await unplugCamera(two);
      expect(await trouble(/going on with “fake_device_1”/, two)).toMatch(/Plug it in again/);
      await onAir(two);
      await button('Switch camera', two).click();
      await two.locator('.notice', { hasText: 'going on with' }).waitFor({ state: 'detached' });
      expect(errors).toEqual([]);
    });

    it('that there is no camera', async () => {
      const bare = await open({ flags: ['--use-fake-ui-for-media-stream'] });
      await button('Start camera', bare).click();
      expect(await trouble(/No camera was found/, bare)).toMatch(/No camera/);
      expect(errors).toEqual([]);
    });

    it('that a page without https gets no camera, and where there is one', async () => {
      await relay.close();
      relay = await startRelay({ allowedHosts: ['relay.test'] });
      const insecure = await open({ fakeCamera: true, flags: ['--host-resolver-rules=MAP relay.test 127.0.0.1'] }, `http://relay.test:${relay.port}/publish/cam`);
      const words = await trouble(/Browsers give no camera to this page/, insecure);
      expect(words).toMatch(/https or localhost/);
      expect(words).toContain(`http://localhost:${relay.port}/publish/cam`);
      expect(await button('Go live', insecure).count()).toBe(0);
      await screenshot(insecure, 'studio-insecure');
      expect(errors).toEqual([]);
    });

    // A page without https that has a camera.
    needs('a whole Chromium', () => {
      it('that publishing is not allowed from there', async () => {
        await relay.close();
        relay = await startRelay({ allowedHosts: ['relay.test'] });
        const origin = `http://relay.test:${relay.port}`;
        const foreign = await open(
          { fakeCamera: true, flags: ['--host-resolver-rules=MAP relay.test 127.0.0.1', `--unsafely-treat-insecure-origin-as-secure=${origin}`] },
          `${origin}/publish/cam`,
        );
        await startCamera(foreign);
        await button('Go live', foreign).click();
        expect(await trouble(/not allowed from this address/, foreign)).toContain(`http://localhost:${relay.port}/publish/cam`);
      });
    });
  });
});
