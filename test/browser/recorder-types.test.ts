import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser';
import { launchFirefox } from '../support/firefox';
import { needs } from '../support/needs';
import { PATIENCE } from '../support/patience';
import { sweepRecorders } from '../support/recorder-sweep';
import { startRelay, type TestRelay } from '../support/relay';

/** What isn't relayed, and what the relay says of it: docs/containers.md. */
const REFUSED: readonly (readonly [type: RegExp, outcome: string])[] = [
  [/^audio\/ogg/, 'refused: not-a-container'],
  [/pcm/, 'refused: unsupported-codec'],
];

let relay: TestRelay;

beforeAll(async () => {
  relay = await startRelay();
});

afterAll(() => relay.close());

/** Every type that this browser records, with what becomes of it where that isn't what it should be. */
async function wrong(browser: Browser): Promise<{ tried: number; wrong: string[] }> {
  const page: Page = await browser.newPage();
  try {
    await page.goto(relay.url);
    await page.addScriptTag({ type: 'module', url: '/player/sluice-video.js' });
    const results = await sweepRecorders(page, PATIENCE);
    const expected = (type: string): string => REFUSED.find(([pattern]) => pattern.test(type))?.[1] ?? 'plays';
    return { tried: results.length, wrong: results.flatMap(({ type, outcome }) => (outcome === expected(type) ? [] : [`${type}: ${outcome}`])) };
  } finally {
    await page.close();
  }
}

needs('a whole Chromium', () => {
  it('every type that MediaRecorder supports in Chromium is played, or refused with its reason (long)', async () => {
    const browser = await launchBrowser({ autoplay: 'no-user-gesture-required', fakeCamera: true });
    try {
      const { tried, wrong: found } = await wrong(browser);
      expect(found).toEqual([]);
      expect(tried).toBeGreaterThan(10);
    } finally {
      await browser.close();
    }
  });
});

needs('Firefox', () => {
  it('every type that MediaRecorder supports in Firefox is played, or refused with its reason (long)', async () => {
    const browser = await launchFirefox();
    try {
      const { tried, wrong: found } = await wrong(browser);
      expect(found).toEqual([]);
      expect(tried).toBeGreaterThan(2);
    } finally {
      await browser.close();
    }
  });
});
