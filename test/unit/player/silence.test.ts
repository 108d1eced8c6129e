import { MediaBuffer } from '../../../player/video/media-buffer';
import { addsSilence, Silence } from '../../../player/video/silence';
import { joinBytes } from '../../support/container-parser-contract';
import { FakeMediaSource, type FakeSourceBuffer } from '../../support/fake-media-source';
import { FTYP, fragment, VIDEO, VIDEO_MOOV } from '../../support/mp4-boxes';
import { callItself } from '../../support/user-agent';

const PICTURE = 'video/mp4; codecs="avc1.42c01e"';
const BOTH = 'video/mp4; codecs="avc1.42c01e, opus"';
const SOUND = 'audio/mp4; codecs="opus"';
const INIT = joinBytes([FTYP, VIDEO_MOOV]);

let restore: (() => void)[];
beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
  restore = [callItself('chrome'), FakeMediaSource.install(PICTURE, BOTH, SOUND)];
});
afterEach(() => {
  for (const end of restore) end();
  jest.useRealTimers();
});

/** A silence, and where it lasts when all is done. */
function silence(): { silence: Silence; buffer: FakeSourceBuffer; lasts: () => (readonly number[])[]; idle: jest.Mock } {
  const source = new FakeMediaSource();
  source.open();
  const idle = jest.fn();
  const made = new Silence(source as unknown as MediaSource, { idle, failed: (reason) => fail(reason) });
  const buffer = source.buffers[0]!;
  const lasts = (): (readonly number[])[] => {
    buffer.finishAll();
    return buffer.ranges.map((range) => range.map((time) => Math.round(time * 100) / 100));
  };
  return { silence: made, buffer, lasts, idle };
}

function fail(reason: string): never {
  throw new Error(reason);
}

describe('silence beside a picture', () => {
  it('lasts from where the picture begins to a moment beyond it, and goes on with it', () => {
    const { silence: made, lasts } = silence();
    made.cover(5, 6);
    expect(lasts()).toEqual([[5, 6.36]]);
    made.cover(5, 6.05);
    expect(lasts()).toEqual([[5, 6.36]]);
    made.cover(5, 6.5);
    expect(lasts()).toEqual([[5, 6.86]]);
  });

  it('is soon there beside minutes of picture, in pieces', () => {
    const { silence: made, buffer, lasts } = silence();
    made.cover(0, 40);
    expect(lasts()).toEqual([[0, 40.36]]);
    expect(buffer.done).toHaveLength(6);
  });

  it('is long behind an outage, so that Chromium begins again at once', () => {
    const { silence: made, lasts } = silence();
    made.cover(0, 1);
    jest.advanceTimersByTime(500);
    made.cover(0, 1.1);
    expect(lasts()).toEqual([[0, 4.2]]);
    jest.advanceTimersByTime(30);
    made.cover(0, 1.2);
    expect(lasts()).toEqual([[0, 4.2]]);
  });

  it('leaves out what a picture has jumped over', () => {
    const { silence: made, lasts } = silence();
    made.cover(0, 1);
    lasts();
    made.cover(90_000, 90_000.5);
    expect(lasts()).toEqual([[0, 1.36], [90_000, 90_000.86]]);
  });

  it('goes where the picture is removed', () => {
    const { silence: made, lasts } = silence();
    made.cover(0, 30);
    made.remove(20);
    expect(lasts()).toEqual([[20, 30.36]]);
  });

  it('tells when all is done', () => {
    const { silence: made, buffer, idle } = silence();
    made.cover(0, 40);
    buffer.finish();
    expect([made.isBusy, idle.mock.calls.length]).toEqual([true, 0]);
    buffer.finishAll();
    expect([made.isBusy, idle.mock.calls.length]).toEqual([false, 1]);
  });

  it('goes on with nothing once it is closed', () => {
    const { silence: made, buffer, idle } = silence();
    made.cover(0, 40);
    made.close();
    buffer.finishAll();
    expect(buffer.done).toEqual(['init']);
    expect(idle).not.toHaveBeenCalled();
  });

  it.each([
    ['chrome', true],
    ['android', false],
    ['firefox', false],
  ] as const)('in %s: %s', (browser, adds) => {
    restore.push(callItself(browser));
    expect(addsSilence()).toBe(adds);
  });
});

describe('a MediaBuffer in Chromium', () => {
  /** A buffer with a second of media of that type, at its own time. */
  function filled(mime: string): { buffer: MediaBuffer; source: FakeMediaSource; failed: jest.Mock } {
    const failed = jest.fn();
    const buffer = new MediaBuffer({ made: () => undefined, appended: () => undefined, failed });
    const source = FakeMediaSource.last;
    source.open();
    buffer.beginEpoch(mime, 0);
    buffer.append(INIT);
    buffer.append(fragment([{ id: VIDEO, time: 7_000, samples: [{ duration: 1_000, data: 'x' }] }]));
    source.buffer!.finishAll();
    buffer.setLiveEdge(7.03);
    return { buffer, source, failed };
  }

  it('puts silence beside a picture that has no sound', () => {
    const { source } = filled(PICTURE);
    source.buffers[1]!.finishAll();
    expect(source.buffers.map(({ mime }) => mime)).toEqual([PICTURE, SOUND]);
    // What is buffered reaches to 8, but that is a guess.
    expect(source.buffers[1]!.ranges.map((range) => range.map((time) => Math.round(time * 100) / 100))).toEqual([[7, 7.38]]);
  });

  it('puts none beside one that has', () => {
    expect(filled(BOTH).source.buffers.map(({ mime }) => mime)).toEqual([BOTH]);
  });

  it('ends when the silence is there', () => {
    const { buffer, source, failed } = filled(PICTURE);
    buffer.end();
    expect(source.readyState).toBe('open');
    source.buffers[1]!.finishAll();
    expect(source.readyState).toBe('ended');
    expect(failed).not.toHaveBeenCalled();
  });
});
