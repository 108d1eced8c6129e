import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { eventually } from './eventually';

/** What a player by hls.js was doing when it was asked. */
export interface HlsState {
  readonly time: number;
  readonly paused: boolean;
  /** What is shown, behind when it was captured: by PROGRAM-DATE-TIME, seconds. */
  readonly behind: number | undefined;
  readonly width: number;
  readonly frames: number;
  /** What hls.js had to say against it. */
  readonly errors: readonly string[];
}

const HLS_JS = readFileSync(require.resolve('hls.js/dist/hls.min.js'), 'utf8');

/** What is played, and with what options of hls.js beside its low-latency mode. */
export interface HlsPageOptions {
  readonly url: string;
  readonly name: string;
  readonly config?: object;
}

/** Opens a page of the relay's that plays a stream by hls.js in its low-latency mode. */
export async function openHlsPage(browser: Browser, { url, name, config = {} }: HlsPageOptions): Promise<Page> {
  const context = await browser.newContext({ bypassCSP: true });
  const page = await context.newPage();
  await page.goto(`${url}/health/live`);
  await page.addScriptTag({ content: HLS_JS });
  await page.evaluate(PLAYER);
  await page.evaluate(`openHls(${JSON.stringify(`${url}/hls/${name}/index.m3u8`)}, ${JSON.stringify(config)})`);
  return page;
}

/** What the player does now. */
export function hlsState(page: Page): Promise<HlsState> {
  return page.evaluate('hlsState()');
}

/** Resolves once it has gone on for `seconds` from now. */
export async function playsFor(page: Page, seconds: number): Promise<HlsState> {
  const { frames } = await hlsState(page);
  let last = frames;
  let advanced = 0;
  let lastTime: number | undefined;
  return eventually(
    `the player goes on for ${seconds} s`,
    async () => {
      const state = await hlsState(page);
      // A new timeline begins at another time: only small steps count.
      if (lastTime !== undefined && state.time > lastTime && state.time - lastTime < 2 && state.frames > last) advanced += state.time - lastTime;
      lastTime = state.time;
      last = state.frames;
      return advanced >= seconds && state;
    },
  );
}

/** Runs in the page. */
const PLAYER = `
  globalThis.openHls = (url, config) => {
    const video = document.createElement('video');
    video.muted = true;
    document.body.append(video);
    const hls = new Hls({ lowLatencyMode: true, enableWorker: false, maxLiveSyncPlaybackRate: 1.2, ...config });
    const errors = [];
    hls.on(Hls.Events.ERROR, (_, { details, fatal }) => errors.push(details + (fatal ? ' fatal' : '')));
    hls.on(Hls.Events.MANIFEST_PARSED, () => video.play());
    hls.loadSource(url);
    hls.attachMedia(video);
    globalThis.hlsState = () => ({
      time: video.currentTime,
      paused: video.paused,
      behind: hls.playingDate ? (Date.now() - hls.playingDate.getTime()) / 1000 : undefined,
      width: video.videoWidth,
      frames: video.getVideoPlaybackQuality().totalVideoFrames,
      errors,
    });
  }
`;
