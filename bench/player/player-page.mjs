/* global document, Event, MutationObserver -- of the page */
import { setTimeout as wait } from 'node:timers/promises';

/**
 * What the player says of itself at a moment: times in seconds, but for `at`, which is in ms.
 * @typedef {{ at: number, buffer: number, target: number, latency: number, stalls: number, seeks: number, skips: number, frames: number, bitrate: number }} Look
 */

/**
 * What a player had when it stood still: times in seconds, but for `at`, and for `quiet` since the newest frame, which are in ms.
 * @typedef {{ at: number, rate: number, buffer: number, held: number, target: number, quiet: number }} Wait
 */

/** So near to what it wants to hold, a player is at the live edge, s. */
export const LIVE = 0.15;

/** A page that plays a stream, and notes what happens. */
export class PlayerPage {
  #page;

  /**
   * @param {import('playwright-core').Browser} browser
   * @param {string} name Of the stream.
   * @param {{ port: number, muted?: boolean }} options `port` of the relay, or of a link to it.
   */
  static async open(browser, name, { port, muted = false }) {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.addScriptTag({ type: 'module', url: '/player/sluice-video.js' });
    await page.evaluate(
      ([address, silent]) => {
        const video = /** @type {any} */ (document.createElement('sluice-video'));
        const bench = /** @type {any} */ ({ video, opened: performance.now(), cover: () => video.shadowRoot.querySelector('[part="cover"]') });
        Object.assign(globalThis, { bench });
        video.muted = silent;
        video.setAttribute('autoplay', '');
        video.setAttribute('src', address);
        document.body.append(video);
        bench.waits = [];
        video.nativeEl.addEventListener('waiting', () => {
          const { buffered, currentTime } = video;
          if (video.stats === undefined || buffered.length === 0 || video.nativeEl.seeking) return;
          const at = performance.now();
          bench.waits.push({ at, rate: video.playbackRate, buffer: video.stats.buffer, target: video.stats.target, held: buffered.end(buffered.length - 1) - currentTime, quiet: at - (bench.shown ?? NaN) });
        });
        const note = () => {
          bench.shown = performance.now();
          video.nativeEl.requestVideoFrameCallback(note);
        };
        note();
        video.nativeEl.requestVideoFrameCallback((/** @type {number} */ _, /** @type {{ mediaTime: number }} */ { mediaTime }) => {
          bench.first = performance.now();
          bench.time = mediaTime;
        });
      },
      /** @type {const} */ ([`/watch/${name}`, muted]),
    );
    return new PlayerPage(page);
  }

  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.#page = page;
  }

  /**
   * How it began, once it is at the live edge, or 20 s after its first frame: ms since the socket was opened, and the media time of the first frame, s.
   * @returns {Promise<{ first: number, live: number, time: number }>}
   */
  started() {
    return this.#page.evaluate(
      (near) =>
        /** @type {Promise<{ first: number, live: number, time: number }>} */ (
          new Promise((resolve) => {
            const state = /** @type {any} */ (globalThis).bench;
            const looking = setInterval(() => {
              const { opened, first, live, time } = state;
              if (first === undefined) return;
              const { buffer, target } = state.video.stats;
              if (live === undefined && buffer - target < near) state.live = performance.now();
              if (state.live === undefined && performance.now() < first + 20_000) return;
              clearInterval(looking);
              resolve({ first: first - opened, live: (state.live ?? NaN) - opened, time });
            }, 10);
          })
        ),
      LIVE,
    );
  }

  /** @returns {Promise<Look>} */
  look() {
    return this.#page.evaluate(() => ({ ...(/** @type {any} */ (globalThis).bench.video.stats), at: performance.now() }));
  }

  /**
   * Looks again and again, ten times a second.
   * @param {number} time s.
   * @param {(look: Look) => void} [each]
   * @param {number} [pause] Between two looks, s.
   */
  async watchFor(time, each, pause = 0.1) {
    const looks = [];
    for (const end = performance.now() + time * 1000; performance.now() < end; await wait(pause * 1000)) {
      const now = await this.look();
      looks.push(now);
      each?.(now);
    }
    return looks;
  }

  /**
   * Waits until it plays, and so many seconds more.
   * @param {number} time
   */
  async settle(time) {
    await this.#page.waitForFunction(() => /** @type {any} */ (globalThis).bench.video.state === 'live');
    await wait(time * 1000);
  }

  /** Tells the page that nobody sees it: headless Chromium hides no tab by itself. */
  hide() {
    return this.#page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { configurable: true, value: true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
  }

  /**
   * Tells it that it is seen again, and waits until a fresh picture is shown.
   * @returns {Promise<number>} How long that took, ms.
   */
  show() {
    return this.#page.evaluate(() => {
      const { cover } = /** @type {any} */ (globalThis).bench;
      const begun = performance.now();
      return /** @type {Promise<number>} */ (
        new Promise((resolve) => {
          new MutationObserver(() => resolve(performance.now() - begun)).observe(cover(), { attributes: true });
          Object.defineProperty(document, 'hidden', { configurable: true, value: false });
          document.dispatchEvent(new Event('visibilitychange'));
        })
      );
    });
  }

  /**
   * Keeps its main thread busy.
   * @param {number} time ms.
   */
  block(time) {
    return this.#page.evaluate((busy) => {
      for (const end = performance.now() + busy; performance.now() < end; );
    }, time);
  }

  /** Seconds of media that the browser holds. */
  held() {
    return this.#page.evaluate(() => {
      const { buffered } = /** @type {any} */ (globalThis).bench.video;
      return buffered.end(buffered.length - 1) - buffered.start(0);
    });
  }

  /** A function that measures the heap of the page after garbage collection, bytes. */
  async heapMeter() {
    const devtools = await this.#page.context().newCDPSession(this.#page);
    return async () => {
      await devtools.send('HeapProfiler.collectGarbage');
      return (await devtools.send('Runtime.getHeapUsage')).usedSize;
    };
  }

  /**
   * Each time that it stood still.
   * @returns {Promise<Wait[]>}
   */
  waits() {
    return this.#page.evaluate(() => /** @type {any} */ (globalThis).bench.waits);
  }

  close() {
    return this.#page.context().close();
  }
}
