import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { MediaParser } from '../../src/media/media-parser';
import { launchBrowser } from '../support/browser';
import { parsePieces, type ParseResult } from '../support/container-parser-contract';
import { acceptedMedia } from '../support/fixture-files';
import { needs } from '../support/needs';

/** One of each container, and of each way to cut it; the rest of the fixtures takes minutes. */
const REPRESENTATIVES = ['mp4/every-frame.mp4', 'mp4/keyframe.mp4', 'mp4/hevc-opus.mp4', 'webm/vp9-opus.webm', 'webm/h264-aac.mkv', 'webm-vp8-opus-kf1s'];
const MEDIA = acceptedMedia().map(({ name, bytes }) => ({ name: REPRESENTATIVES.includes(name) ? name : `${name} (long)`, bytes }));

/** What Debian's Chromium doesn't take: H.265 wants a graphics card, AC-3 a licence, and MP3 it takes by itself, but not in MP4. */
const FOREIGN = /hvc1|hev1|ac-3|ec-3|mp4a\.6B/;

let browser: Browser;
let server: Server;
let page: Page;
let url: string;
/** What the page fetches: an init segment, or a chunk. */
const parts = new Map<string, Uint8Array>();

beforeAll(async () => {
  server = createServer((request, response) => {
    const part = parts.get(request.url ?? '');
    response.setHeader('Content-Type', part ? 'application/octet-stream' : 'text/html');
    response.end(part ?? '<!doctype html><link rel="icon" href="data:,"><video muted></video>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  browser = await launchBrowser({ autoplay: 'no-user-gesture-required' });
});

afterAll(async () => {
  await browser.close();
  server.close();
});

beforeEach(async () => {
  page = await browser.newPage();
  await page.goto(url);
});

afterEach(() => page.close());

interface Appended {
  readonly ranges: [from: number, to: number][];
  readonly frames: number;
  readonly error: string | undefined;
}

/** Appends the init segment and all chunks one after the other, and plays them to their end. */
async function append({ inits, chunks }: ParseResult): Promise<Appended> {
  parts.clear();
  [...inits, ...chunks].forEach(({ bytes }, i) => parts.set(`/part/${i}`, bytes));
  return page.evaluate(
    async ({ mime, count }) => {
      const video = document.querySelector('video')!;
      const source = new MediaSource();
      video.src = URL.createObjectURL(source);
      await new Promise((resolve) => source.addEventListener('sourceopen', resolve, { once: true }));
      const buffer = source.addSourceBuffer(mime);
      const failed = (): string | undefined => video.error?.message ?? (source.readyState === 'open' ? undefined : source.readyState);
      for (let i = 0; i < count && !failed(); i++) {
        const bytes = await (await fetch(`/part/${i}`)).arrayBuffer();
        const done = new Promise((resolve) => buffer.addEventListener('updateend', resolve, { once: true }));
        buffer.appendBuffer(bytes);
        await done;
      }
      const ranges = failed() ? [] : Array.from({ length: buffer.buffered.length }, (_, i): [number, number] => [buffer.buffered.start(i), buffer.buffered.end(i)]);
      if (!failed()) {
        source.endOfStream();
        video.currentTime = ranges[0]?.[0] ?? 0;
        video.playbackRate = 4;
        const over = new Promise((resolve) => ['ended', 'error'].forEach((name) => video.addEventListener(name, resolve, { once: true })));
        await video.play().catch(() => undefined);
        await over;
      }
      return { ranges, frames: video.getVideoPlaybackQuality().totalVideoFrames, error: video.error?.message };
    },
    { mime: inits[0]!.mime, count: parts.size },
  );
}

/** Where all tracks have begun, and where the first and the last of them end, seconds. */
function extent({ inits, chunks }: ParseResult): { begun: number; firstEnd: number; lastEnd: number } {
  const spans = inits[0]!.tracks.map(({ id, timescale }) => {
    const own = chunks.flatMap((chunk) => chunk.spans).filter(({ trackId }) => trackId === id);
    return { from: Math.min(...own.map(({ time }) => time)) / timescale, to: Math.max(...own.map(({ time, duration }) => time + duration)) / timescale };
  });
  const ends = spans.map(({ to }) => to);
  return { begun: Math.max(...spans.map(({ from }) => from)), firstEnd: Math.min(...ends), lastEnd: Math.max(...ends) };
}

/** Seconds that tell one time from another: less than a frame. */
const CLOSE = 0.05;
/** What a chunk of one video frame says at least that it lasts, seconds. */
const BRIDGE = 1;
/** All of the media has more. */
const FRAME_RATE = 12;

// The packaged Chromium is another version, and lacks some codecs.
needs('a whole Chromium', () => {
  describe.each(MEDIA)('$name', ({ bytes }) => {
    const result = parsePieces((sink) => new MediaParser(sink), [bytes]);
    const { mime } = result.inits[0]!;

    it(`is of a type that Chromium ${FOREIGN.test(mime) ? 'does not know' : 'knows'}`, async () => {
      expect(await page.evaluate((type) => MediaSource.isTypeSupported(type), mime)).toBe(!FOREIGN.test(mime));
    });

    if (FOREIGN.test(mime)) return;

    it('is appended as one range, and plays to its end', async () => {
      const { ranges, frames, error } = await append(result);
      expect({ error, ranges: ranges.length }).toEqual({ error: undefined, ranges: 1 });
      const { begun, firstEnd, lastEnd } = extent(result);
      const [from, to] = ranges[0]!;
      expect(from).toBeLessThan(begun + CLOSE);
      expect(to).toBeGreaterThan(firstEnd - CLOSE);
      expect(to).toBeLessThan(lastEnd + BRIDGE + CLOSE);
      // Nothing was dropped on the way to the end.
      if (mime.startsWith('video/')) expect(frames).toBeGreaterThan(FRAME_RATE * (to - from));
    });
  });
});
