import type { FeedCommand, FeedEvent } from '../../../player/video/feed-message';
import { HlsPlayer } from '../../../player/video/hls-player';
import { LivePlayer } from '../../../player/video/live-player';
import type { PlayerState } from '../../../player/video/player-state';
import type { StreamPlayer } from '../../../player/video/stream-player';
import type { ErrorCode } from '../../../src/protocol/error-code';
import { FakeHls, FakeHlsVideo } from '../../support/fake-hls';
import { FakeMediaSource } from '../../support/fake-media-source';

/** The feed of the player by WebSocket: the test says what it tells. */
class FakeFeed {
  static newest: FakeFeed;
  readonly inWorker = false;
  readonly sent: FeedCommand[] = [];
  readonly hear: (event: FeedEvent) => void;

  constructor(hear: (event: FeedEvent) => void) {
    this.hear = hear;
    FakeFeed.newest = this;
  }

  send(command: FeedCommand): void {
    this.sent.push(command);
  }

  close(): void {}
}

jest.mock('../../../player/video/feed-link', () => ({
  get FeedLink() {
    return FakeFeed;
  },
}));
jest.mock('../../../player/video/hls-script', () => ({
  ...jest.requireActual<object>('../../../player/video/hls-script'),
  loadHls: () => Promise.resolve(FakeHls),
}));

/** A video that both players can have. */
class FakeVideo extends FakeHlsVideo {
  muted = false;
  volume = 1;
  src = '';

  matches(): boolean {
    return false;
  }
}

/** What a test does with a player, whatever feeds it. */
interface Feeding {
  readonly make: typeof HlsPlayer | typeof LivePlayer;
  /** The relay gives the stream, and it is shown. */
  begin(video: FakeVideo): Promise<void>;
  /** The stream goes on: there is media up to there, seconds. */
  goOn(edge: number): void;
  /** The browser can't go on. */
  fail(): void;
  /** The relay doesn't give the stream. */
  refuse(code: ErrorCode, message: string): void;
  end(): void;
}

const tracks = [{ kind: 'video', codec: 'avc1.64001E' }] as const;

function flow(edge: number): void {
  FakeFeed.newest.hear({ type: 'flow', flow: { start: 0, edge, arrivals: undefined, pace: 0.1, bytes: edge * 1_000, now: performance.now() / 1_000 } });
}

const BY_SOCKET: Feeding = {
  make: LivePlayer,
  begin: async (video) => {
    const { hear } = FakeFeed.newest;
    hear({ type: 'source', attachment: { address: 'blob:', managed: false } });
    hear({ type: 'init', epoch: 'e', mime: 'video/mp4', tracks, playable: true });
    video.bufferedTo = 2;
    flow(2);
    video.dispatchEvent(new Event('loadeddata'));
    await Promise.resolve();
  },
  goOn: flow,
  fail: () => FakeFeed.newest.hear({ type: 'failed', reason: 'decode error' }),
  refuse: (code, message) => {
    const final = code === 'not-allowed';
    FakeFeed.newest.hear(final ? { type: 'refused', code, message } : { type: 'connecting', refusal: code });
  },
  end: () => FakeFeed.newest.hear({ type: 'ended' }),
};

const OVER_HLS: Feeding = {
  make: HlsPlayer,
  begin: async (video) => {
    await jest.advanceTimersByTimeAsync(1_000);
    FakeHls.newest.list('http://relay/hls/cam/s/t/init1.mp4');
    video.dispatchEvent(new Event('loadeddata'));
  },
  goOn: () => undefined,
  fail: () => FakeHls.newest.fail(),
  refuse: (code, message) => {
    const networkDetails = { responseType: 'text', responseText: JSON.stringify({ error: { code, message } }), getResponseHeader: () => null };
    FakeHls.newest.emit('ERROR', { type: 'networkError', details: 'manifestLoadError', fatal: true, error: new Error('refused'), response: { code: 403 }, networkDetails });
  },
  end: () => FakeHls.newest.emit('LEVEL_LOADED', { details: { live: false, edge: 10 } }),
};

describe.each([
  ['by WebSocket', BY_SOCKET],
  ['over HLS', OVER_HLS],
])('a player %s', (_name, feeding) => {
  let video: FakeVideo;
  let player: StreamPlayer;
  let states: PlayerState[];
  let failed: jest.Mock;
  let measured: jest.Mock;
  let restore: () => void;

  beforeEach(() => {
    jest.useFakeTimers();
    FakeHls.made = [];
    const document = Object.assign(new EventTarget(), { hidden: false, pictureInPictureElement: null });
    Object.assign(globalThis, { document, HTMLMediaElement: { HAVE_NOTHING: 0, HAVE_FUTURE_DATA: 3 }, addEventListener: () => undefined });
    Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
    restore = FakeMediaSource.install();
    video = new FakeVideo();
    states = [];
    failed = jest.fn();
    measured = jest.fn();
    player = new feeding.make({
      video: video as unknown as HTMLVideoElement,
      url: new URL('ws://relay/watch/cam'),
      autoplay: true,
      target: undefined,
      backBuffer: 30,
      webAudio: false,
      listener: { changed: (state) => states.push(state), measured, skipped: jest.fn(), failed, blocked: jest.fn(), cover: jest.fn() },
    });
    player.open();
  });

  afterEach(() => {
    player.close();
    restore();
    jest.useRealTimers();
    for (const name of ['document', 'HTMLMediaElement', 'addEventListener', 'navigator']) Reflect.deleteProperty(globalThis, name);
  });

  const state = (): string | undefined => states.at(-1)?.name;

  async function plays(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      video.currentTime++;
      video.bufferedTo = video.currentTime + 1;
      feeding.goOn(video.bufferedTo);
      video.dispatchEvent(new Event('timeupdate'));
      await jest.advanceTimersByTimeAsync(1_000);
    }
  }

  async function live(): Promise<void> {
    await feeding.begin(video);
    await plays(1);
  }

  it('connects, plays and is live, and connects once', async () => {
    player.open();
    expect(state()).toBe('connecting');
    await live();
    expect([state(), video.paused, FakeHls.made.length]).toEqual(['live', false, feeding === OVER_HLS ? 1 : 0]);
  });

  it('says how long the first picture took, and not how long another', async () => {
    await live();
    const { firstFrame } = player.stats;
    expect(firstFrame).toBeGreaterThanOrEqual(0);
    await plays(1);
    video.dispatchEvent(new Event('loadeddata'));
    expect(player.stats.firstFrame).toBe(firstFrame);
  });

  it('is measured once a second, while it plays', async () => {
    await live();
    measured.mockClear();
    await plays(3);
    expect(measured).toHaveBeenCalledTimes(3);
    video.pause();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(measured).toHaveBeenCalledTimes(3);
    expect(state()).toBe('paused');
  });

  it('is stalled once it has run out of media for half a second, and counts that once', async () => {
    await live();
    video.readyState = 2;
    video.dispatchEvent(new Event('waiting'));
    video.dispatchEvent(new Event('waiting'));
    // Chromium tells the time once more as it runs dry.
    video.dispatchEvent(new Event('timeupdate'));
    expect(state()).toBe('live');
    await jest.advanceTimersByTimeAsync(2_000);
    expect([state(), player.stats.stalls]).toEqual(['stalled', 1]);
    video.readyState = 4;
    video.dispatchEvent(new Event('playing'));
    expect([state(), player.stats.stalls]).toEqual(['live', 1]);
  });

  it('gives up after three failures within a minute of playing, and says so once', async () => {
    await live();
    feeding.fail();
    await live();
    feeding.fail();
    await live();
    expect(failed).not.toHaveBeenCalled();
    feeding.fail();
    expect(states.at(-1)).toEqual({ name: 'failed', text: "This browser can't play the stream" });
    expect(failed.mock.calls).toEqual([[expect.objectContaining({ code: 'media-failed' })]]);
  });

  it('forgets a failure after it has played for a minute', async () => {
    for (let i = 0; i < 4; i++) {
      await live();
      await plays(60);
      feeding.fail();
    }
    expect(failed).not.toHaveBeenCalled();
  });

  it('takes a pause that a failure brings for none of a person', async () => {
    await live();
    video.error = { message: 'decode error' };
    video.pause();
    expect(state()).toBe('live');
  });

  it('stays paused where a person has paused it, though it begins anew', async () => {
    await live();
    video.pause();
    feeding.fail();
    await feeding.begin(video);
    expect([video.paused, state()]).toEqual([true, 'paused']);
  });

  it('gives up where the relay refuses for good, in the words of the relay', async () => {
    await jest.advanceTimersByTimeAsync(0);
    feeding.refuse('not-allowed', 'Cannot watch "cam"');
    expect(states.at(-1)).toEqual({ name: 'failed', text: 'Cannot watch "cam"' });
    expect(failed.mock.calls).toEqual([[expect.objectContaining({ code: 'not-allowed', message: 'Cannot watch "cam"' })]]);
  });

  it('says why the relay takes nobody in for now, and tries again', async () => {
    await live();
    feeding.refuse('full', 'Cannot take another viewer');
    expect(states.at(-1)).toEqual({ name: 'reconnecting', text: 'The relay is full; it goes on here when a place is free' });
    expect(failed).not.toHaveBeenCalled();
    await live();
    expect(state()).toBe('live');
  });

  it('has ended when the stream is over, and plays the next one', async () => {
    await jest.advanceTimersByTimeAsync(0);
    feeding.end();
    expect(state()).toBe('ended');
    await live();
    expect(state()).toBe('live');
  });
});
