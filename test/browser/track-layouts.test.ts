import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { MediaParser } from '../../src/media/media-parser';
import { launchBrowser } from '../support/browser';
import { joinBytes, parsePieces } from '../support/container-parser-contract';
import { eventually } from '../support/eventually';
import { H264_AAC, makeFile, startFfmpeg, testPicture } from '../support/ffmpeg';
import { launchFirefox } from '../support/firefox';
import { needs } from '../support/needs';
import { startRelay, type TestRelay } from '../support/relay';
import { liveStream } from '../support/streams';
import { viewerPlays } from '../support/viewer-plays';

/** Seconds by which the sound of the file begins later than its picture. */
const LATER = 1.5;
/** Less than a frame of picture and a packet of sound together, seconds. */
const CLOSE = 0.1;

/** From when on a browser has both picture and sound of what the relay makes of a file, seconds. */
async function bothFrom(page: Page, file: string): Promise<number> {
  const { inits, chunks } = parsePieces((sink) => new MediaParser(sink), [readFileSync(file)]);
  const [init] = inits;
  // The sound first: in what comes together, Chromium says of all tracks that they begin with the first.
  const inOrder = [false, true].flatMap((video) => chunks.filter(({ hasVideo }) => hasVideo === video));
  const media = Buffer.from(joinBytes([init!.bytes, ...inOrder.map(({ bytes }) => bytes)])).toString('base64');
  return page.evaluate(
    async ({ mime, base64 }) => {
      const source = new MediaSource();
      const video = Object.assign(document.createElement('video'), { src: URL.createObjectURL(source) });
      document.body.append(video);
      await new Promise((resolve) => source.addEventListener('sourceopen', resolve, { once: true }));
      const buffer = source.addSourceBuffer(mime);
      buffer.appendBuffer(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
      await new Promise((resolve) => buffer.addEventListener('updateend', resolve, { once: true }));
      return buffer.buffered.start(0);
    },
    { mime: init!.mime, base64: media },
  );
}

describe.each([
  ['Chromium', 'a whole Chromium', () => launchBrowser({ autoplay: 'no-user-gesture-required' })],
  ['Firefox (long)', 'Firefox', launchFirefox],
] as const)('in %s', (_browser, need, launch) => {
  needs(need, () => {
    let browser: Browser;
    let page: Page;
    let relay: TestRelay;

    beforeAll(async () => {
      browser = await launch();
      relay = await startRelay();
    });

    afterAll(async () => {
      await browser.close();
      await relay.close();
    });

    beforeEach(async () => {
      page = await browser.newPage();
    });

    afterEach(() => page.close());

    it('MP4 with two audio tracks plays one of them, by WebSocket and HLS', async () => {
      const layout = ['-map', '0:v', '-map', '1:a', '-map', '1:a', '-movflags', '+frag_every_frame+empty_moov+default_base_moof', '-f', 'mp4'];
      const publisher = startFfmpeg(['-re', ...testPicture(), ...layout.slice(0, 6), ...H264_AAC, ...layout.slice(6), `${relay.url}/publish/two`]);
      try {
        await liveStream(relay.url, 'two');
        await page.goto(`${relay.url}/watch/two`);
        await viewerPlays(page);
        expect(await page.evaluate(() => document.querySelector('sluice-video')!.tracks.map(({ kind }) => kind))).toEqual(['video', 'audio']);
        await page.evaluate(() => document.querySelector('sluice-video')!.setAttribute('transport', 'hls'));
        await eventually('it plays by HLS', () => page.evaluate(() => document.querySelector('sluice-video')!.stats?.feed === 'hls.js'));
        await viewerPlays(page);
      } finally {
        publisher.process.kill('SIGKILL');
        await publisher.ended;
      }
    });

    it('a track that an edit list has begin later begins later', async () => {
      const [picture, tone] = [testPicture(4).slice(0, 4), testPicture(4).slice(4)];
      const file = await makeFile('late.mp4', [...picture, '-itsoffset', `${LATER}`, ...tone, ...H264_AAC, '-movflags', '+frag_every_frame+delay_moov+default_base_moof']);
      expect(readFileSync(file).includes('elst')).toBe(true);
      await page.goto(relay.url);
      const from = await bothFrom(page, file);
      expect(from).toBeGreaterThan(LATER - CLOSE);
      expect(from).toBeLessThan(LATER + CLOSE);
    });
  });
});
