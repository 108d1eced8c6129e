import type { Browser, Page } from 'playwright-core';
import type { SluiceVideoElement } from '../../player/video/sluice-video';
import { launchBrowser, pageErrors, screenshot } from '../support/browser';
import { eventually } from '../support/eventually';
import { FRAGMENTED, H264_AAC, makeFile, type Running, startFfmpeg, testPicture } from '../support/ffmpeg';
import { fixture } from '../support/recording';
import { connectPublisher, send } from '../support/publishing';
import { startRelay, type TestRelay } from '../support/relay';
import { streamInfo } from '../support/streams';

const PER_FRAME = '+frag_every_frame+empty_moov+default_base_moof';
const VP8_OPUS = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '16', '-b:v', '400k', '-g', '15', '-c:a', 'libopus'];
/** Seconds after which the demo begins again. */
const DEMO_LENGTH = 8;
/** Seconds of media that a test has at most. */
const LENGTH = 40;

let browser: Browser;
let relay: TestRelay;
let page: Page;
let errors: readonly string[];
let files: { readonly avc: string; readonly silent: string; readonly vp8: string };
let publishers: Running[] = [];

beforeAll(async () => {
  const [avc, vp8] = await Promise.all([
    makeFile('avc.mp4', [...testPicture(LENGTH), ...H264_AAC, '-tune', 'zerolatency']),
    makeFile('vp8.webm', [...testPicture(LENGTH), ...VP8_OPUS]),
  ]);
  files = { avc, vp8, silent: await makeFile('silent.mp4', ['-i', avc, '-an', '-c', 'copy']) };
  browser = await launchBrowser({ autoplay: 'no-user-gesture-required' });
});

afterAll(() => browser.close());

beforeEach(async () => {
  relay = await startRelay();
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  errors = pageErrors(page);
});

afterEach(async () => {
  await page.close();
  await Promise.all(publishers.map((p) => stop(p)));
  publishers = [];
  await relay.close();
});

/** Pushes a file at its own pace, by the real ffmpeg. */
function publish(file: string, flags = PER_FRAME): Running {
  const format = file.endsWith('.webm') ? ['-f', 'webm'] : ['-movflags', flags, '-f', 'mp4'];
  const running = startFfmpeg(['-re', '-i', file, '-c', 'copy', ...format, `${relay.url}/publish/cam`]);
  publishers.push(running);
  return running;
}

/** Ends a publisher: cleanly, or as if its machine had died. */
async function stop({ process: child, ended }: Running, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  child.kill(signal);
  await ended;
}

/** What the element says of itself. */
interface Sight {
  readonly state: string;
  readonly text: string;
  readonly time: number;
  readonly frames: number;
  readonly behind: number;
  readonly muted: boolean;
  readonly paused: boolean;
  readonly width: number;
  /** Pieces of media without a gap. */
  readonly ranges: number;
}

function look(): Promise<Sight> {
  return page.evaluate(() => {
    const video = document.querySelector<SluiceVideoElement>('sluice-video')!;
    return {
      state: video.state,
      text: video.stateText,
      time: video.currentTime,
      frames: video.getVideoPlaybackQuality().totalVideoFrames,
      behind: video.latency,
      muted: video.muted,
      paused: video.paused,
      width: video.videoWidth,
      ranges: video.buffered.length,
    };
  });
}

/** Waits until the element is in that state. */
function inState(state: string): Promise<Sight> {
  return eventually(`the player is ${state}`, async () => {
    const sight = await look();
    return sight.state === state && sight;
  });
}

/** Waits until the picture moves: frames are presented, and time goes on, for a second from here. */
async function plays(): Promise<Sight> {
  const { time, frames } = await inState('live');
  return eventually('the picture moves', async () => {
    const now = await look();
    return now.state === 'live' && now.time > time + 1 && now.frames > frames + 10 && now;
  });
}

async function watch(name = 'cam'): Promise<void> {
  await page.goto(`${relay.url}/watch/${name}`);
}

describe('the watch page', () => {
  type Media = readonly [what: string, file: keyof typeof files, flags: string];

  async function playsNearLive(...[, file, flags]: Media): Promise<void> {
    publish(files[file], flags);
    await watch();
    const { width, ranges } = await plays();
    expect({ width, ranges }).toEqual({ width: 320, ranges: 1 });
    await eventually('it is near the live edge', async () => (await latency()) < 3);
    expect(await page.getByRole('status').first().textContent()).toBe('Live');
    expect(errors).toEqual([]);
  }

  it.each<Media>([
    ['frames of H.264 and AAC', 'avc', PER_FRAME],
    ['VP8 and Opus in WebM', 'vp8', PER_FRAME],
  ])('plays %s near the live edge', playsNearLive);

  it.each<Media>([
    ['GOPs of H.264 and AAC', 'avc', FRAGMENTED],
    ['H.264 without sound', 'silent', PER_FRAME],
  ])('plays %s near the live edge (long)', playsNearLive);

  it('plays the demo over the seam of its loop (long)', async () => {
    await relay.close();
    relay = await startRelay({ demo: true });
    await watch('demo');
    await plays();
    const { time, frames } = await look();
    const { ranges, ...later } = await eventually('the demo has begun again', async () => {
      const sight = await look();
      return sight.time > time + DEMO_LENGTH && sight;
    });
    expect({ state: later.state, ranges }).toEqual({ state: 'live', ranges: 1 });
    expect(later.frames - frames).toBeGreaterThan(DEMO_LENGTH * 25);
    expect(errors).toEqual([]);
  });

  it('waits in words, and plays as soon as somebody publishes', async () => {
    await watch();
    expect((await inState('waiting')).text).toBe('Waiting for a publisher');
    await page.getByText('Waiting for a publisher').waitFor();
    publish(files.avc);
    await plays();
    expect(errors).toEqual([]);
  });

  it('says that the relay is full, and plays as soon as there is a place', async () => {
    await relay.close();
    relay = await startRelay({ maxViewers: 1 });
    publish(files.avc);
    const first = await browser.newPage();
    await first.goto(`${relay.url}/watch/cam`);
    await eventually('somebody watches', async () => (await streamInfo(relay.url, 'cam'))?.viewers === 1);
    await watch();
    await page.getByText('The relay is full; it goes on here when a place is free').waitFor();
    expect((await look()).state).toBe('connecting');
    await first.close();
    await inState('live');
    await plays();
  });

  it('goes on over a publisher that dies and comes back, in the same media source', async () => {
    const publisher = publish(files.avc);
    await watch();
    await plays();
    await page.evaluate(() => {
      document.querySelector('sluice-video')!.addEventListener('emptied', () => {
        document.title = 'began anew';
      });
    });
    await stop(publisher);
    expect((await inState('waiting')).text).toBe('Waiting for a publisher');
    publish(files.avc);
    await plays();
    expect(await page.title()).not.toBe('began anew');
    expect(errors).toEqual([]);
  });

  it('goes on over a change of container and codecs, and of the kinds of tracks', async () => {
    let publisher = publish(files.avc);
    await watch();
    await plays();
    for (const file of [files.vp8, files.silent, files.avc]) {
      await stop(publisher);
      await inState('waiting');
      publisher = publish(file);
      await plays();
    }
    expect(errors).toEqual([]);
  });

  it('says that the stream has ended, and plays the next', async () => {
    const publisher = publish(files.avc);
    await watch();
    await plays();
    await stop(publisher, 'SIGINT');
    expect((await inState('ended')).text).toMatch(/^The stream has ended/);
    await eventually('the video has ended too', () => page.evaluate(() => document.querySelector('sluice-video')!.ended));
    publish(files.vp8);
    await plays();
    expect(errors).toEqual([]);
  });

  it("says which codec this browser can't play", async () => {
    const publisher = await connectPublisher(relay.wsUrl, 'cam');
    await send(publisher, fixture('mp4/ac3.mp4'));
    await watch();
    expect((await inState('unsupported')).text).toBe("This browser can't play AC-3 in MP4");
    publisher.tell({ type: 'end' });
    await publisher.closed;
    publish(files.avc);
    await plays();
    expect(errors).toEqual([]);
  });

  it('comes back after a restart of the relay', async () => {
    publish(files.avc);
    await watch();
    await plays();
    const { port } = relay;
    await relay.close();
    await inState('reconnecting');
    relay = await startRelay({ port });
    await inState('waiting');
    publish(files.avc);
    await plays();
  });

  it('stops the flow while it is paused, goes on where it was, and back to the live edge by a button', async () => {
    publish(files.avc);
    await watch();
    await plays();
    await page.locator('media-play-button').click();
    const paused = await inState('paused');
    await eventually('two seconds pass', async () => (await latency()) > paused.behind + 2);
    expect((await look()).time).toBe(paused.time);
    const lag = await page.getByRole('button', { name: /s behind/ }).textContent();
    expect(Number(/^−(\d+) s$/.exec(lag ?? '')?.[1])).toBeGreaterThanOrEqual(1);
    await page.evaluate(() => {
      const video = document.querySelector('sluice-video')!;
      video.addEventListener('playing', () => (video.dataset['resumed'] ??= String(video.currentTime)));
    });
    await page.locator('media-play-button').click();
    const resumed = await inState('behind');
    expect(Number(await page.locator('sluice-video').getAttribute('data-resumed'))).toBeLessThan(paused.time + 1);
    expect(resumed.ranges).toBe(1);
    await page.getByRole('button', { name: /behind/ }).click();
    await plays();
    await eventually('it is as near the live edge as before', async () => (await latency()) < paused.behind + 1);
    expect(errors).toEqual([]);
  });

  it('goes back in what it has kept, and to the live edge again', async () => {
    publish(files.avc);
    await watch();
    const { time } = await plays();
    await eventually('there is something to go back to', async () => (await look()).time > time + 2);
    await page.evaluate(() => (document.querySelector('sluice-video')!.currentTime -= 2));
    const { behind } = await inState('behind');
    expect(behind).toBeGreaterThan(1.5);
    await page.evaluate(() => document.querySelector('sluice-video')!.seekToLive());
    await plays();
    await eventually('it is nearer the live edge again', async () => (await latency()) < behind - 1);
    expect(errors).toEqual([]);
  });

  it('looks right on a desk and on a phone', async () => {
    await watch();
    await inState('waiting');
    await pictures('waiting');
    const publisher = publish(files.avc);
    await plays();
    await pictures('live');
    await stop(publisher, 'SIGINT');
    await inState('ended');
    await pictures('ended');
    const overhang = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overhang).toBe(0);
  });

  async function latency(): Promise<number> {
    return (await look()).behind;
  }

  async function pictures(name: string): Promise<void> {
    for (const [device, width, height] of [['desktop', 1280, 800], ['phone', 390, 844]] as const) {
      await page.setViewportSize({ width, height });
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await screenshot(page, `watch-${name}-${device}-${colorScheme}`);
      }
    }
  }
});

describe('<sluice-video> in a page of somebody else', () => {
  /** Adds the element to a page that doesn't have it. */
  async function embed(attributes: Record<string, string>): Promise<void> {
    await page.goto(relay.url);
    await page.addScriptTag({ type: 'module', url: '/player/sluice-video.js' });
    await page.evaluate((given) => {
      const video = document.createElement('sluice-video');
      for (const [name, value] of Object.entries(given)) video.setAttribute(name, value);
      document.body.append(video);
    }, attributes);
  }

  it('shows the first picture and waits for "play" without autoplay', async () => {
    publish(files.avc);
    await embed({ src: '/watch/cam' });
    const { paused, width } = await inState('paused');
    expect({ paused, width }).toEqual({ paused: true, width: 320 });
    await page.evaluate(() => document.querySelector('sluice-video')!.play());
    await plays();
    expect(errors).toEqual([]);
  });

  it('does not connect before "play" with preload="none"', async () => {
    publish(files.avc);
    await embed({ src: '/watch/cam', preload: 'none' });
    await eventually('the stream is live', async () => (await streamInfo(relay.url, 'cam'))?.state === 'live');
    expect((await look()).state).toBe('idle');
    expect((await streamInfo(relay.url, 'cam'))?.viewers).toBe(0);
    await page.evaluate(() => document.querySelector('sluice-video')!.play());
    await plays();
  });

  it('has the properties and events of <video>', async () => {
    publish(files.avc);
    await embed({ src: '/watch/cam', muted: '', autoplay: '' });
    await plays();
    const seen = await page.evaluate(async () => {
      const video = document.querySelector('sluice-video')!;
      const event = (type: string): Promise<string> => new Promise((resolve) => video.addEventListener(type, () => resolve(type), { once: true }));
      const paused = event('pause');
      video.pause();
      const volume = event('volumechange');
      video.volume = 0.5;
      return { muted: video.muted, duration: video.duration, ranges: video.buffered.length, seekable: video.seekable.length, events: [await paused, await volume] };
    });
    expect(seen).toEqual({ muted: true, duration: Infinity, ranges: 1, seekable: 1, events: ['pause', 'volumechange'] });
  });

  it('lets go of its connection when it leaves the page, and takes another src', async () => {
    publish(files.avc);
    await embed({ src: '/watch/other', muted: '', autoplay: '' });
    await inState('waiting');
    await page.evaluate(() => document.querySelector('sluice-video')!.setAttribute('src', '/watch/cam'));
    await plays();
    await page.evaluate(() => document.querySelector('sluice-video')!.remove());
    await eventually('nobody watches', async () => (await streamInfo(relay.url, 'cam'))?.viewers === 0);
    expect(errors).toEqual([]);
  });
});

describe('sound that the browser does not allow yet', () => {
  it('is left out, and a button turns it on', async () => {
    const visitor = await launchBrowser();
    try {
      await page.close();
      page = await visitor.newPage();
      // Playwright gives a page a user's activation whenever it looks into it: the page has to speak up by itself.
      await page.addInitScript(() => {
        const looking = setInterval(() => {
          const video = document.querySelector('sluice-video');
          if (video?.state !== 'live' || video.currentTime < 1) return;
          clearInterval(looking);
          console.log(`plays, muted: ${String(video.muted)}`);
        }, 50);
      });
      const spoken = page.waitForEvent('console', (message) => message.text().startsWith('plays'));
      publish(files.avc);
      await watch();
      expect((await spoken).text()).toBe('plays, muted: true');
      await page.getByRole('button', { name: 'Turn the sound on' }).click();
      expect((await look()).muted).toBe(false);
      await plays();
    } finally {
      await visitor.close();
    }
  });
});
