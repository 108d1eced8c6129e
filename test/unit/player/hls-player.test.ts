import { HlsPlayer } from '../../../player/video/hls-player';
import { FakeHls, FakeHlsVideo } from '../../support/fake-hls';
import { FakeMediaSource } from '../../support/fake-media-source';

jest.mock('../../../player/video/hls-script', () => ({
  ...jest.requireActual<object>('../../../player/video/hls-script'),
  loadHls: () => Promise.resolve(FakeHls),
}));

const INIT = 'http://relay/hls/cam/s/t/init1.mp4';
const MINUTE = 60_000;

describe('a player over HLS', () => {
  let video: FakeHlsVideo;
  let player: HlsPlayer;
  let states: string[];
  let failed: jest.Mock;
  let restore: (() => void)[];

  beforeEach(async () => {
    jest.useFakeTimers();
    FakeHls.made = [];
    Object.assign(globalThis, { document: { hidden: false }, HTMLMediaElement: { HAVE_FUTURE_DATA: 3 } });
    restore = [FakeMediaSource.install()];
    video = new FakeHlsVideo();
    states = [];
    failed = jest.fn();
    player = new HlsPlayer({
      video: video as unknown as HTMLVideoElement,
      url: new URL('ws://relay/watch/cam'),
      autoplay: true,
      target: undefined,
      backBuffer: 30,
      webAudio: false,
      listener: { changed: ({ name }) => states.push(name), measured: jest.fn(), skipped: jest.fn(), failed, blocked: jest.fn(), cover: jest.fn() },
    });
    player.open();
    await begins();
  });

  afterEach(() => {
    player.close();
    for (const end of restore) end();
    jest.restoreAllMocks();
    jest.useRealTimers();
    Reflect.deleteProperty(globalThis, 'document');
    Reflect.deleteProperty(globalThis, 'HTMLMediaElement');
  });

  /** Plays for a second, as soon as the relay has answered. */
  async function begins(init = INIT): Promise<void> {
    await jest.advanceTimersByTimeAsync(1_000);
    FakeHls.newest.list(init);
    FakeHls.newest.emit('BUFFER_CODECS', { audiovideo: {} });
    video.dispatchEvent(new Event('loadeddata'));
    await plays(1);
  }

  async function plays(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      video.currentTime++;
      video.bufferedTo = video.currentTime + 2;
      await jest.advanceTimersByTimeAsync(1_000);
    }
  }

  const state = (): string | undefined => states.at(-1);

  it('gives up after three failures, however long the machine takes from one to the next', async () => {
    FakeHls.newest.fail();
    await jest.advanceTimersByTimeAsync(2 * MINUTE);
    FakeHls.newest.fail();
    await jest.advanceTimersByTimeAsync(2 * MINUTE);
    await begins();
    FakeHls.newest.fail();
    expect(state()).toBe('failed');
    expect(failed).toHaveBeenCalledTimes(1);
  });

  it('forgets a failure after it has played for a minute', async () => {
    for (let i = 0; i < 5; i++) {
      FakeHls.newest.fail();
      await plays(60);
    }
    expect(failed).not.toHaveBeenCalled();
    expect(FakeHls.newest.recovered).toBe(5);
  });

  it('goes on playing by itself though the browser pauses what has failed', async () => {
    FakeHls.newest.fail();
    FakeHls.newest.fail();
    // Two failures in a row make it begin anew, with what has failed still in the video.
    expect(FakeHls.made).toHaveLength(1);
    video.pause();
    await begins();
    expect(FakeHls.made).toHaveLength(2);
    expect([state(), video.paused, FakeHls.newest.isLoading]).toEqual(['live', false, true]);
  });

  it('stays paused where a person has paused it', async () => {
    video.pause();
    expect([state(), FakeHls.newest.isLoading]).toEqual(['paused', false]);
    await jest.advanceTimersByTimeAsync(MINUTE);
    expect(state()).toBe('paused');
  });

  describe('that has run out of media for so long that it is far behind', () => {
    function runsDry(): void {
      video.dispatchEvent(new Event('waiting'));
      Object.assign(FakeHls.newest, { latency: 10, liveSyncPosition: 50 });
      video.dispatchEvent(new Event('playing'));
    }

    it('goes back to the live edge, which hls.js does not', () => {
      runsDry();
      expect(video.currentTime).toBe(50);
      FakeHls.newest.latency = 1;
      video.dispatchEvent(new Event('timeupdate'));
      expect(state()).toBe('live');
    });

    it('is live at once, though hls.js measures where it is only after the next "timeupdate"', () => {
      runsDry();
      video.dispatchEvent(new Event('timeupdate'));
      expect(states.slice(-2)).not.toContain('behind');
      expect(player.lag).toBe(0);
      FakeHls.newest.latency = 9;
      video.dispatchEvent(new Event('timeupdate'));
      expect(state()).toBe('behind');
    });

    it('is live at once after somebody has asked for the live edge, too', () => {
      FakeHls.newest.latency = 8;
      video.dispatchEvent(new Event('timeupdate'));
      expect(state()).toBe('behind');
      FakeHls.newest.liveSyncPosition = 50;
      player.seekToLive();
      video.dispatchEvent(new Event('timeupdate'));
      expect(state()).toBe('live');
    });

    it('stays where somebody has gone back', () => {
      FakeHls.newest.latency = 8;
      video.dispatchEvent(new Event('timeupdate'));
      expect(state()).toBe('behind');
      const { currentTime } = video;
      runsDry();
      expect([video.currentTime, state()]).toEqual([currentTime, 'behind']);
    });
  });

  it('reads a new index where other tracks come, once it has played what is there, and takes that for no failure', async () => {
    for (const tracks of ['video', 'audiovideo', 'video', 'audiovideo']) {
      const before = FakeHls.newest;
      before.emit('BUFFER_CODECS', { [tracks]: {} });
      before.emit('ERROR', { type: 'mediaError', details: 'bufferAppendError', fatal: true, error: new Error('no such buffer') });
      await jest.advanceTimersByTimeAsync(1_900);
      expect(FakeHls.newest).toBe(before);
      await jest.advanceTimersByTimeAsync(1_000);
      expect(FakeHls.newest).not.toBe(before);
      FakeHls.newest.list(INIT);
      FakeHls.newest.emit('BUFFER_CODECS', { [tracks]: {} });
      video.dispatchEvent(new Event('loadeddata'));
      await plays(1);
      expect(state()).toBe('live');
    }
    expect(failed).not.toHaveBeenCalled();
  });

  it('goes on with the same index where the same tracks come again', async () => {
    FakeHls.newest.emit('BUFFER_CODECS', { audiovideo: {} });
    await plays(10);
    expect(FakeHls.made).toHaveLength(1);
  });

  it('plays a publisher that has taken over before it looks for one, though hls.js says not which media has failed', async () => {
    const inits = ['init2.mp4'];
    const media = (): string => `#EXTM3U\n${inits.map((init) => `#EXT-X-MAP:URI="t/${init}"\n#EXTINF:2,\n1.m4s\n`).join('')}`;
    jest.spyOn(globalThis, 'fetch').mockImplementation((url) =>
      Promise.resolve(new Response((url as URL).href.includes('index') ? '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\ns/media.m3u8\n' : media())),
    );
    FakeHls.newest.fail();
    FakeHls.newest.fail();
    await jest.advanceTimersByTimeAsync(1_000);
    FakeHls.newest.list(INIT);
    video.currentTime = 0;
    FakeHls.newest.fail();
    expect(state()).toBe('failed');
    await jest.advanceTimersByTimeAsync(5_000);
    await begins('http://relay/hls/cam/s/t/init2.mp4');
    expect(state()).toBe('live');
  });
});
