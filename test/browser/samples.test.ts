import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, pageErrors, screenshot } from '../support/browser';
import { H264_AAC, start, startFfmpeg, testPicture } from '../support/ffmpeg';
import { startRelay, type TestRelay } from '../support/relay';
import { goneStream, liveStream } from '../support/streams';

let browser: Browser;
let relay: TestRelay;
let page: Page;
let errors: readonly string[];

beforeAll(async () => {
  browser = await launchBrowser({ fakeCamera: true });
  relay = await startRelay();
});

afterAll(async () => {
  await browser.close();
  await relay.close();
});

beforeEach(async () => {
  page = await browser.newPage({ viewport: { width: 900, height: 700 } });
  errors = pageErrors(page);
});

afterEach(() => page.close());

/** Runs `use` while a test picture is live as `name`. Then its publisher ends the stream, or breaks off by that signal. */
async function whileLive(name: string, use: () => Promise<void>, { signal = 'SIGTERM', encoder = [] }: { signal?: 'SIGTERM' | 'SIGKILL'; encoder?: readonly string[] } = {}): Promise<void> {
  const output = ['-movflags', '+frag_every_frame+empty_moov+default_base_moof', '-f', 'mp4', `${relay.url}/publish/${name}`];
  const publisher = startFfmpeg(['-re', ...testPicture(), ...H264_AAC, ...encoder, ...output]);
  try {
    await liveStream(relay.url, name);
    await use();
  } finally {
    publisher.process.kill(signal);
    await publisher.ended;
  }
}

/** Waits until the page's first element of that name plays on: its time, and its pictures. */
async function plays(selector: string): Promise<void> {
  await page.waitForFunction(
    (wanted) => {
      const host = document.querySelector(wanted);
      const video = host instanceof HTMLVideoElement ? host : host?.shadowRoot?.querySelector('video');
      return video && video.buffered.length > 0 && video.currentTime > video.buffered.start(0) + 1 && video.getVideoPlaybackQuality().totalVideoFrames > 20;
    },
    selector,
  );
}

const ROOT = join(__dirname, '../..');

/** Copies a sample as a reader would, and runs `use` while its own development server serves it. */
async function whileDeveloped(name: string, use: (url: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-sample-'));
  cpSync(join(ROOT, 'samples', name), folder, { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const vite = start(process.execPath, [join(ROOT, 'node_modules/vite/bin/vite.js'), folder, '--host', '127.0.0.1', '--port', '0'], { ...process.env, SLUICE_URL: relay.url, NO_COLOR: '1' });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let told = '';
      vite.process.stdout?.on('data', (text: string) => {
        told += text;
        const found = /Local:\s+(http:\S+)/.exec(told)?.[1];
        if (found !== undefined) resolve(found);
      });
      void vite.ended.then(({ stderr }) => reject(new Error(stderr)));
    });
    await use(url);
  } finally {
    vite.process.kill();
    await vite.ended;
    rmSync(folder, { recursive: true });
  }
}

describe('the sample', () => {
  it('embed plays the demo', async () => {
    await whileLive('demo', async () => {
      await page.goto(`${relay.url}/samples/embed/`);
      await plays('sluice-video');
      await screenshot(page, 'sample-embed');
    });
    expect(errors).toEqual([]);
  });

  it.each([
    ['Vue plays in a component, and follows its state and latency', 'vue'],
    ['React plays in a component, and follows its state and latency (long)', 'react'],
  ])('%s', async (_title, name) => {
    await whileLive('demo', () =>
      whileDeveloped(name, async (url) => {
        await page.goto(url);
        await plays('sluice-video');
        await page.getByText(/^demo: live, \d\.\d\d s from the camera$/).waitFor();
        const button = page.getByRole('button', { name: 'Go to live' });
        await page.getByRole('button', { name: 'Go to live', disabled: true }).waitFor();
        await page.evaluate(() => document.querySelector('sluice-video')!.pause());
        await page.getByText(/^demo: paused/).waitFor();
        await button.click();
        await page.getByText(/^demo: live/).waitFor();
        await screenshot(page, `sample-${name}`);
        // Before its server ends: it would complain of that.
        await page.goto('about:blank');
      }),
    );
    expect(errors).toEqual([]);
  });

  it('plain-viewer plays the stream that it is asked for', async () => {
    await whileLive('other', async () => {
      await page.goto(`${relay.url}/samples/plain-viewer/?name=other`);
      await plays('video');
      await screenshot(page, 'sample-plain-viewer');
    });
    expect(errors).toEqual([]);
  });

  it('plain-viewer goes on when the publisher returns, also with another size of the same codecs', async () => {
    const breaksOff = { signal: 'SIGKILL', encoder: ['-level', '3.0'] } as const;
    /** Waits until the picture has that width and goes on: more pictures come than were buffered. */
    const goesOn = async (width: number): Promise<void> => {
      const before = await page.evaluate(() => document.querySelector('video')!.getVideoPlaybackQuality().totalVideoFrames);
      await page.waitForFunction(
        ([wanted, shown]) => {
          const video = document.querySelector('video')!;
          return video.videoWidth === wanted && video.buffered.length === 1 && video.getVideoPlaybackQuality().totalVideoFrames > shown! + 60;
        },
        [width, before],
      );
    };
    await whileLive(
      'returning',
      async () => {
        await page.goto(`${relay.url}/samples/plain-viewer/?name=returning`);
        await plays('video');
      },
      breaksOff,
    );
    await whileLive('returning', () => goesOn(320), breaksOff);
    await whileLive('returning', () => goesOn(256), { ...breaksOff, encoder: [...breaksOff.encoder, '-s', '256x144'] });
    expect(errors).toEqual([]);
  });

  it('plain-viewer says that nobody publishes', async () => {
    await page.goto(`${relay.url}/samples/plain-viewer/`);
    await page.getByText('Nobody publishes "demo"').waitFor();
    expect(errors).toEqual([]);
  });

  it('publish goes live with the camera, is watched, and ends', async () => {
    await page.goto(`${relay.url}/samples/publish/`);
    await page.getByRole('button', { name: 'Go live' }).click();
    const { mime } = await liveStream(relay.url, 'sample');
    expect(mime).toBe('video/webm; codecs="vp8, opus"');
    await page.getByText('Live: 0 watching').waitFor();

    const watching = await browser.newPage();
    await watching.goto(`${relay.url}/samples/plain-viewer/?name=sample`);
    await watching.waitForFunction(() => document.querySelector('video')!.getVideoPlaybackQuality().totalVideoFrames > 20);
    await page.getByText('Live: 1 watching').waitFor();
    await screenshot(page, 'sample-publish');
    await watching.close();

    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('The stream is over').waitFor();
    await goneStream(relay.url, 'sample');
    expect(await page.getByRole('button', { name: 'Go live' }).isEnabled()).toBe(true);
    expect(errors).toEqual([]);
  });

  it('studio goes live by buttons of the page, and ends', async () => {
    await page.goto(`${relay.url}/samples/studio/`);
    await page.getByRole('button', { name: 'Go live' }).click();
    await liveStream(relay.url, 'sample-studio');
    await page.getByText(/^Live: 0 watching, [1-9]\d* kbit\/s$/).waitFor();
    await page.getByRole('button', { name: 'Mute' }).click();
    expect(await page.evaluate(() => document.querySelector<HTMLElement & { microphoneOn: boolean }>('sluice-studio')!.microphoneOn)).toBe(false);
    await screenshot(page, 'sample-studio');
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('You are off air').first().waitFor();
    await goneStream(relay.url, 'sample-studio');
    expect(errors).toEqual([]);
  });

  it('studio says that the name is taken', async () => {
    await whileLive('sample-studio', async () => {
      await page.goto(`${relay.url}/samples/studio/`);
      await page.getByRole('button', { name: 'Go live' }).click();
      await page.locator('output', { hasText: 'is in use' }).waitFor();
    });
    expect(errors).toEqual([]);
  });

  it('publish says that the name is taken', async () => {
    await whileLive('sample', async () => {
      await page.goto(`${relay.url}/samples/publish/`);
      await page.getByRole('button', { name: 'Go live' }).click();
      await page.getByText('The relay refuses: ').waitFor();
    });
    expect(errors).toEqual([]);
  });
});
