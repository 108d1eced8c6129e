import type { Browser, Page } from 'playwright-core';
import type { SluiceVideoElement } from '../../player/video/sluice-video';
import { DamagedPublisher } from '../support/damaged-publisher';
import { launchBrowser, openEmptyPage, pageErrors, screenshot } from '../support/browser';
import { eventually } from '../support/eventually';
import { H264_AAC, type Running, startFfmpeg, testPicture } from '../support/ffmpeg';
import { startRelay, type TestRelay } from '../support/relay';
import { slowLink } from '../support/slow-link';
import { goneStream, liveStream, streamInfo } from '../support/streams';

const PER_FRAME = ['-movflags', '+frag_every_frame+empty_moov+default_base_moof', '-f', 'mp4'];
/** Longer than any player holds on a machine that is busy with tests, seconds. */
const MUCH = 3;
/** How long a page stays blocked at most, ms: on a machine with nothing else to do it is for two seconds. */
const BLOCKED = 30_000;

let browser: Browser;
let relay: TestRelay;
let page: Page;
let errors: readonly string[];
let publisher: Running;

beforeAll(async () => {
  browser = await launchBrowser({ autoplay: 'no-user-gesture-required' });
  // One of the publishers is stopped for as long as a busy machine takes.
  relay = await startRelay({ idleTimeout: 600_000 });
  publisher = startFfmpeg(['-re', ...testPicture(), ...H264_AAC, '-tune', 'zerolatency', ...PER_FRAME, `${relay.url}/publish/cam`]);
  await liveStream(relay.url, 'cam');
});

afterAll(async () => {
  publisher.process.kill('SIGKILL');
  await publisher.ended;
  await browser.close();
  await relay.close();
});

beforeEach(async () => {
  page = await browser.newPage({ viewport: { width: 640, height: 480 } });
  errors = pageErrors(page);
});

afterEach(() => page.close());

/** Opens a page of the relay's origin that has no player, and perhaps a policy. */
async function openPage({ url = relay.url, policy }: { url?: string; policy?: string } = {}): Promise<void> {
  await openEmptyPage(page, url);
  if (policy === undefined) return;
  await page.evaluate((content) => document.head.append(Object.assign(document.createElement('meta'), { httpEquiv: 'Content-Security-Policy', content })), policy);
}

/** Puts the element into such a page, as a page of somebody else would. */
async function embed(attributes: Record<string, string> = {}, place?: { url?: string; policy?: string }): Promise<void> {
  await openPage(place);
  await page.addScriptTag({ type: 'module', url: '/player/sluice-video.js' });
  await add({ src: '/watch/cam', autoplay: '', ...attributes });
}

async function add(attributes: Record<string, string>): Promise<void> {
  await page.evaluate((given) => {
    const video = document.createElement('sluice-video');
    for (const [name, value] of Object.entries(given)) video.setAttribute(name, value);
    document.body.append(video);
  }, attributes);
}

/** Waits until it plays, near the live edge, and calmly. */
async function plays(): Promise<void> {
  const from = await eventually('it is live', () =>
    page.evaluate(() => {
      const { state, currentTime } = document.querySelector('sluice-video')!;
      return state === 'live' && currentTime;
    }),
  );
  await eventually(
    'it plays',
    () =>
      page.evaluate(
        ([begun, much]) => {
          const { state, currentTime, stats } = document.querySelector('sluice-video')!;
          return state === 'live' && currentTime > begun! + 1 && stats!.buffer < much!;
        },
        [from, MUCH],
      ),
  );
}

function figures(): Promise<{ feed: string; stalls: number; seeks: number; latency: number; frames: number }> {
  return page.evaluate(() => {
    const { feed, stalls, seeks, latency, frames } = document.querySelector('sluice-video')!.stats!;
    return { feed, stalls, seeks, latency, frames };
  });
}

/** Counts what happens to the `<video>` inside from now on. */
async function count(type: string): Promise<() => Promise<number>> {
  await page.evaluate((wanted) => {
    const video = document.querySelector('sluice-video')!;
    video.dataset[wanted] = '0';
    video.shadowRoot!.querySelector('video')!.addEventListener(wanted, () => (video.dataset[wanted] = String(Number(video.dataset[wanted]) + 1)));
  }, type);
  return () => page.evaluate((wanted) => Number(document.querySelector('sluice-video')!.dataset[wanted]), type);
}

describe('a page that is busy', () => {
  it('plays what comes while its main thread is blocked', async () => {
    await embed();
    await plays();
    expect((await figures()).feed).toBe('worker');
    const { wanted, passed } = await page.evaluate((limit) => {
      const { stats } = document.querySelector('sluice-video')!;
      const video = document.querySelector('sluice-video')!.shadowRoot!.querySelector('video')!;
      // Of 30 a second: those that are there, and two seconds of what comes now.
      const wanted = Math.ceil(stats!.buffer * 30) + 60;
      const frames = (): number => video.getVideoPlaybackQuality().totalVideoFrames;
      const before = frames();
      const deadline = performance.now() + limit;
      while (frames() < before + wanted && performance.now() < deadline);
      return { wanted, passed: frames() - before };
    }, BLOCKED);
    expect(passed).toBeGreaterThanOrEqual(wanted);
    const after = await figures();
    await eventually('it plays on', async () => (await figures()).frames > after.frames + 15);
    expect(errors).toEqual([]);
  });

  it('plays all the same where the browser has no media sources in workers', async () => {
    await page.addInitScript(() => Object.defineProperty(MediaSource, 'canConstructInDedicatedWorker', { value: false }));
    await embed();
    await plays();
    expect((await figures()).feed).toBe('page');
    expect(errors).toEqual([]);
  });

  it('plays all the same where the page allows no workers', async () => {
    await embed({}, { policy: "worker-src 'none'" });
    await plays();
    expect((await figures()).feed).toBe('page');
  });
});

describe('what goes wrong', () => {
  it('is mended when the decoder fails, without a reload', async () => {
    await embed();
    await plays();
    const emptied = await count('emptied');
    await page.evaluate(() => {
      const video = document.querySelector('sluice-video')!.shadowRoot!.querySelector('video')!;
      Object.defineProperty(video, 'error', { configurable: true, value: { message: 'made up' } });
      video.dispatchEvent(new Event('error'));
    });
    await eventually('it has a new media source', async () => (await emptied()) > 0);
    await plays();
    expect(await page.evaluate(() => document.querySelector('sluice-video')!.error)).toBeNull();
  });

  it('is told when the decoder fails for the third time in a minute', async () => {
    await embed();
    const told = page.evaluate(
      () =>
        new Promise<unknown>((resolve) => {
          const video: SluiceVideoElement = document.querySelector('sluice-video')!;
          video.addEventListener('error', () => resolve({ state: video.state, code: video.error?.code, reason: video.error?.reason, text: video.stateText }));
        }),
    );
    for (let i = 0; i < 3; i++) {
      await plays();
      await page.evaluate(() => document.querySelector('sluice-video')!.shadowRoot!.querySelector('video')!.dispatchEvent(new Event('error')));
    }
    expect(await told).toEqual({ state: 'failed', code: 3, reason: 'media-failed', text: "This browser can't play the stream" });
  });

  describe('with media that is damaged on its way', () => {
    let damaged: DamagedPublisher;

    beforeEach(async () => {
      damaged = await DamagedPublisher.start(relay.wsUrl, 'damaged');
      await liveStream(relay.url, 'damaged');
      await embed({ src: '/watch/damaged' });
      await plays();
    });
    afterEach(() => damaged.stop());

    it('is borne where the decoder makes do with it', async () => {
      const { frames } = await figures();
      damaged.damage('slices', 45);
      await eventually('the damage is played', async () => (await figures()).frames > frames + 60);
      await plays();
      expect(await page.evaluate(() => document.querySelector('sluice-video')!.error)).toBeNull();
    });

    it('is mended by a new media source where the browser refuses it, without a reload', async () => {
      const emptied = await count('emptied');
      damaged.damage('lengths', 1);
      await eventually('it has a new media source', async () => (await emptied()) > 0);
      await plays();
      expect(await page.evaluate(() => document.querySelector('sluice-video')!.error)).toBeNull();
    });

    it('is told by a code where it never ends', async () => {
      damaged.damage('lengths', Infinity);
      const told = await eventually(
        'it has given up',
        () =>
          page.evaluate(() => {
            const { state, stateText, error } = document.querySelector('sluice-video')!;
            return state === 'failed' && { code: error?.code, reason: error?.reason, text: stateText, says: error?.message.replace(/: .*/s, ': …') };
          }),
      );
      const text = "This browser can't play the stream";
      expect(told).toEqual({ code: 3, reason: 'media-failed', text, says: `${text}: …` });
    });
  });

  it('is mended when the picture freezes while the sound goes on', async () => {
    await embed();
    await plays();
    const seeking = await count('seeking');
    await page.evaluate(() => {
      const video = document.querySelector('sluice-video')!.shadowRoot!.querySelector('video')!;
      const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
      video.getVideoPlaybackQuality = () => ({ totalVideoFrames, droppedVideoFrames }) as VideoPlaybackQuality;
      video.requestVideoFrameCallback = () => 0;
    });
    await eventually('it has gone to the live edge', async () => (await seeking()) > 0);
    const emptied = await count('emptied');
    await eventually('it has begun anew', async () => (await emptied()) > 0);
  });
});

describe('a browser that holds little media', () => {
  it('plays on when it takes no more', async () => {
    // Half a minute is wanted; this takes three seconds of it.
    const small = await launchBrowser({ autoplay: 'no-user-gesture-required', flags: ['--mse-video-buffer-size-limit-mb=1', '--mse-audio-buffer-size-limit-mb=1'] });
    const rich = startFfmpeg(['-re', ...testPicture(), ...H264_AAC, '-qp', '1', '-tune', 'zerolatency', ...PER_FRAME, `${relay.url}/publish/rich`]);
    try {
      await liveStream(relay.url, 'rich');
      await page.close();
      page = await small.newPage();
      await embed({ src: '/watch/rich' });
      await plays();
      const emptied = await count('emptied');
      const { received } = await page.evaluate(() => ({ received: document.querySelector('sluice-video')!.currentTime }));
      await eventually('it has played for eight seconds more', () => page.evaluate((from) => document.querySelector('sluice-video')!.currentTime > from + 8, received));
      await plays();
      expect(await emptied()).toBe(0);
      const held = await page.evaluate(() => {
        const { buffered, stats } = document.querySelector('sluice-video')!;
        return ((buffered.end(0) - buffered.start(0)) * stats!.bitrate) / 8;
      });
      expect(held).toBeLessThan(3e6);
    } finally {
      // So that it isn't held for ten seconds, at whose end the dashboard of another test would ask for what is gone.
      rich.process.kill('SIGINT');
      await rich.ended;
      await goneStream(relay.url, 'rich');
      await small.close();
    }
  });
});

describe('a network that goes and comes back', () => {
  it('has taken a connection along without a word: another is made at once, not after ten seconds of silence', async () => {
    const link = await slowLink(relay.port);
    try {
      await embed({}, { url: `http://127.0.0.1:${link.port}` });
      await plays();
      const lost = page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            const video = document.querySelector('sluice-video')!;
            const begun = performance.now();
            video.addEventListener('statechange', () => video.state === 'reconnecting' && resolve(performance.now() - begun));
          }),
      );
      link.cut();
      await page.context().setOffline(true);
      await page.context().setOffline(false);
      expect(await lost).toBeLessThan(8_000);
      await plays();
      expect(errors.filter((error) => !error.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([]);
    } finally {
      await link.close();
    }
  });
});

describe('its sound', () => {
  /** Lets the page see the AudioContexts that are made, and hear what goes through them. */
  async function listen(): Promise<void> {
    await page.addInitScript(() => {
      const contexts: AudioContext[] = [];
      const analysers: AnalyserNode[] = [];
      Object.assign(globalThis, { contexts, analysers });
      globalThis.AudioContext = class extends AudioContext {
        constructor(options?: AudioContextOptions) {
          super(options);
          contexts.push(this);
        }

        override createMediaElementSource(element: HTMLMediaElement): MediaElementAudioSourceNode {
          const source = super.createMediaElementSource(element);
          const analyser = this.createAnalyser();
          source.connect(analyser);
          analysers.push(analyser);
          return source;
        }
      };
    });
  }

  /** The state of each context, and whether sound goes through it just now. */
  function heard(): Promise<{ states: string[]; loud: boolean[]; target: number }> {
    return page.evaluate(() => {
      const { contexts, analysers } = globalThis as unknown as { contexts: AudioContext[]; analysers: AnalyserNode[] };
      const loud = analysers.map((analyser) => {
        const samples = new Float32Array(analyser.fftSize);
        analyser.getFloatTimeDomainData(samples);
        return samples.some((sample) => Math.abs(sample) > 0.01);
      });
      return { states: contexts.map(({ state }) => state), loud, target: document.querySelector('sluice-video')!.stats!.target };
    });
  }

  const set = (properties: Record<string, unknown>): Promise<void> =>
    page.evaluate((given) => {
      Object.assign(document.querySelector('sluice-video')!, given);
    }, properties);

  it('goes through Web Audio, where mute, volume and pause count as before', async () => {
    await listen();
    await embed();
    await eventually('it is heard', async () => (await heard()).loud[0]);
    await plays();
    await set({ muted: true });
    await eventually('it is muted', async () => (await heard()).loud[0] === false);
    await set({ muted: false });
    await eventually('it is heard again', async () => (await heard()).loud[0]);
    await set({ volume: 0 });
    await eventually('it is turned down', async () => (await heard()).loud[0] === false);
    await set({ volume: 1 });
    await page.evaluate(() => document.querySelector('sluice-video')!.pause());
    await eventually('Web Audio rests', async () => (await heard()).states[0] === 'suspended');
    await page.evaluate(() => document.querySelector('sluice-video')!.seekToLive());
    await plays();
    await eventually('it is heard after the pause', async () => (await heard()).loud[0]);
    expect((await heard()).states).toEqual(['running']);
    expect(errors).toEqual([]);
  });

  it('goes on through Web Audio with another stream, and when the browser takes the decoder away', async () => {
    await listen();
    await embed();
    await eventually('it is heard', async () => (await heard()).loud[0]);
    await set({ src: '/watch/cam?again' });
    await plays();
    await eventually('it is heard again', async () => (await heard()).loud[0]);
    await page.evaluate(() => document.querySelector('sluice-video')!.shadowRoot!.querySelector('video')!.dispatchEvent(new Event('error')));
    await plays();
    await eventually('it is heard once more', async () => (await heard()).loud[0]);
    expect((await heard()).loud).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  it('plays on when something stops Web Audio', async () => {
    await listen();
    await embed();
    await eventually('it is heard', async () => (await heard()).loud[0]);
    await page.evaluate(() => (globalThis as unknown as { contexts: AudioContext[] }).contexts[0]!.suspend());
    await plays();
    expect((await heard()).states).toEqual(['running']);
    expect(errors).toEqual([]);
  });

  it('goes the way of any video where the page asks for that, with more media ahead', async () => {
    await listen();
    await embed({ 'sound-path': 'element' });
    await plays();
    expect(await heard()).toMatchObject({ states: [], loud: [] });
    expect((await heard()).target).toBeGreaterThanOrEqual(0.13);
    expect(errors).toEqual([]);
  });
});

describe('a picture without sound', () => {
  let silent: Running;

  beforeAll(async () => {
    silent = startFfmpeg(['-re', ...testPicture(), ...H264_AAC, '-tune', 'zerolatency', '-an', ...PER_FRAME, `${relay.url}/publish/silent`]);
    await liveStream(relay.url, 'silent');
  });

  afterAll(async () => {
    silent.process.kill('SIGKILL');
    await silent.ended;
  });

  it('has silence beside it in Chromium, with which it waits where nothing comes, goes on, goes back, and ends', async () => {
    await embed({ src: '/watch/silent' });
    await plays();
    const isDecoded = await page.evaluate(() => (document.querySelector('sluice-video')!.shadowRoot!.querySelector('video') as HTMLVideoElement & { webkitAudioDecodedByteCount: number }).webkitAudioDecodedByteCount > 0);
    expect(isDecoded).toBe(true);
    const state = (): Promise<string> => page.evaluate(() => document.querySelector('sluice-video')!.state);
    const { stalls } = await figures();
    silent.process.kill('SIGSTOP');
    await eventually('it has run dry', async () => (await figures()).stalls > stalls && ['stalled', 'waiting'].includes(await state()));
    await eventually('its time stands', () =>
      page.evaluate(async () => {
        const video = document.querySelector('sluice-video')!;
        const from = video.currentTime;
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        return video.currentTime === from;
      }),
    );
    silent.process.kill('SIGCONT');
    await eventually('it is live again', async () => (await state()) === 'live');
    await plays();
    const back = await page.evaluate(() => (document.querySelector('sluice-video')!.currentTime -= 3));
    await eventually('it plays where somebody went', () =>
      page.evaluate((from) => {
        const { state, currentTime } = document.querySelector('sluice-video')!;
        return state === 'behind' && currentTime > from + 0.5;
      }, back),
    );
    await page.evaluate(() => document.querySelector('sluice-video')!.seekToLive());
    await plays();
    silent.process.stdin?.end();
    silent.process.kill('SIGTERM');
    await eventually('it has ended', async () => (await state()) === 'ended');
    expect(errors).toEqual([]);
  });
});

describe('a page for everybody', () => {
  it('is used by the keyboard alone', async () => {
    await page.goto(`${relay.url}/watch/cam`);
    await plays();
    const is = (what: 'paused' | 'muted'): Promise<boolean> => page.evaluate((name) => document.querySelector('sluice-video')![name], what);
    await page.getByRole('button', { name: 'pause' }).focus();
    await page.keyboard.press('Enter');
    await eventually('it is paused', () => is('paused'));
    // The controls hear of it a little later, and would pause it again.
    await page.getByRole('button', { name: 'play', exact: true }).waitFor();
    await page.keyboard.press('Enter');
    await eventually('it plays', async () => !(await is('paused')));
    await page.keyboard.press('m');
    await eventually('it is muted', () => is('muted'));
    await page.keyboard.press('m');
    const live = page.getByRole('button', { name: /live/i });
    await live.focus();
    await page.keyboard.press('Enter');
    await plays();
    expect(errors).toEqual([]);
  });

  it('has captions, over a new media source too', async () => {
    await page.route('**/captions.vtt', (route) => route.fulfill({ contentType: 'text/vtt', body: 'WEBVTT\n\n00:00.000 --> 99:00:00.000\nA test picture' }));
    await openPage();
    await page.addScriptTag({ type: 'module', url: '/player/sluice-video.js' });
    await page.evaluate(() => {
      document.body.innerHTML = '<sluice-video src="/watch/cam" autoplay><track kind="captions" srclang="en" label="English" src="/captions.vtt" default></sluice-video>';
    });
    const shown = (): Promise<unknown> =>
      eventually('a caption is shown', () =>
        page.evaluate(() => {
          const [track] = document.querySelector('sluice-video')!.textTracks;
          const cue = track?.activeCues?.[0] as VTTCue | undefined;
          return cue !== undefined && { kind: track?.kind, mode: track?.mode, text: cue.text };
        }),
      );
    await plays();
    const captions = { kind: 'captions', mode: 'showing', text: 'A test picture' };
    expect(await shown()).toEqual(captions);
    await page.evaluate(() => document.querySelector('sluice-video')!.shadowRoot!.querySelector('video')!.dispatchEvent(new Event('error')));
    await plays();
    expect(await shown()).toEqual(captions);
  });
});

describe('a tab that is hidden', () => {
  /** What the page is told, and whether the picture is covered at that moment: headless Chromium hides no tab by itself. */
  async function hide(hidden: boolean): Promise<{ covered: boolean }> {
    return page.evaluate((wanted) => {
      Object.defineProperty(document, 'hidden', { configurable: true, value: wanted });
      document.dispatchEvent(new Event('visibilitychange'));
      return { covered: !document.querySelector('sluice-video')!.shadowRoot!.querySelector<HTMLElement>('[part="cover"]')!.hidden };
    }, hidden);
  }

  function isCovered(): Promise<boolean> {
    return page.evaluate(() => !document.querySelector('sluice-video')!.shadowRoot!.querySelector<HTMLElement>('[part="cover"]')!.hidden);
  }

  it('gets nothing more if nobody hears it, and shows nothing stale when it comes back', async () => {
    await embed({ muted: '' });
    await plays();
    await hide(true);
    expect(await isCovered()).toBe(true);
    await eventually('nothing comes any more', async () => (await figures()).latency > 4);
    expect(await hide(false)).toEqual({ covered: true });
    await eventually('it is uncovered', async () => !(await isCovered()));
    expect((await figures()).latency).toBeLessThan(2);
    await plays();
    expect(errors).toEqual([]);
  });

  it('plays on if it is heard', async () => {
    await embed();
    await plays();
    await hide(true);
    await plays();
    expect(await isCovered()).toBe(true);
    await hide(false);
    await eventually('it is uncovered', async () => !(await isCovered()));
    expect(errors).toEqual([]);
  });
});

describe('the figures', () => {
  it('are shown over the picture by a key, and told to the page and to the relay', async () => {
    await page.goto(`${relay.url}/watch/cam`);
    await plays();
    const told = await page.evaluate(
      () => new Promise<unknown>((resolve) => document.querySelector('sluice-video')!.addEventListener('latency', (event) => resolve((event as CustomEvent).detail), { once: true })),
    );
    expect(told).toMatchObject({ feed: 'worker', width: 320, height: 240, mime: expect.stringMatching(/^video\/mp4/) as string });
    await page.keyboard.press('s');
    await page.getByText('WebSocket, in a worker').waitFor();
    await page.getByRole('img', { name: /Latency and buffer/ }).waitFor();
    await eventually('the graph has points', () => page.evaluate(() => (document.querySelector('sluice-video')!.shadowRoot!.querySelector('polyline')!.getAttribute('points') ?? '').split(' ').length > 3));
    await screenshot(page, 'watch-stats');
    await page.keyboard.press('s');
    await page.getByText('WebSocket, in a worker').waitFor({ state: 'hidden' });
    expect((await streamInfo(relay.url, 'cam'))?.viewers).toBe(1);
    expect(errors).toEqual([]);
  });
});

describe('the script', () => {
  it('works as a plain script too', async () => {
    await openPage();
    await page.addScriptTag({ url: '/player/sluice-video.iife.js' });
    await add({ src: '/watch/cam', autoplay: '', muted: '' });
    await plays();
    expect((await figures()).feed).toBe('worker');
    expect(errors).toEqual([]);
  });
});
