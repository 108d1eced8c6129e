import { MediaBuffer } from '../../../player/video/media-buffer';
import { attach, canWork, hasMediaSource, makeMediaSource } from '../../../player/video/media-source';
import { joinBytes } from '../../support/container-parser-contract';
import { FakeManagedMediaSource, FakeMediaSource } from '../../support/fake-media-source';
import { FTYP, fragment, VIDEO, VIDEO_MOOV } from '../../support/mp4-boxes';

const MIME = 'video/mp4; codecs="avc1.42c01e"';

/** A `<video>` that takes a media source the moment it is given one, as browsers do. */
class TakingVideo {
  disableRemotePlayback = false;

  set srcObject(source: FakeMediaSource) {
    source.attachTo(this);
  }

  get asVideo(): HTMLVideoElement {
    return this as unknown as HTMLVideoElement;
  }
}

function second(time: number): Uint8Array {
  return fragment([{ id: VIDEO, time: time * 1000, samples: [{ duration: 1000, data: 'x' }] }]);
}

describe('in a worker of a browser that has nothing but ManagedMediaSource', () => {
  let uninstall: () => void;
  beforeEach(() => (uninstall = FakeManagedMediaSource.install(MIME)));
  afterEach(() => uninstall());

  it('is known as a browser with media sources, in workers too', () => {
    expect([hasMediaSource(), canWork()]).toEqual([true, true]);
  });

  it('a media source opens in the video that gets its handle', () => {
    const video = new TakingVideo();
    const { source, attachment } = makeMediaSource();
    attach(video.asVideo, attachment);
    expect(source.readyState).toBe('open');
  });

  it('media is appended as it comes, though the browser wants no more for now and never says again that it does', () => {
    const failed = jest.fn();
    const video = new TakingVideo();
    const buffer = new MediaBuffer({ made: (attachment) => attach(video.asVideo, attachment), appended: () => undefined, failed });
    const source = FakeManagedMediaSource.last;
    buffer.beginEpoch(MIME, 0);
    buffer.append(joinBytes([FTYP, VIDEO_MOOV]));
    buffer.append(second(0));
    source.buffer!.finishAll();
    source.stream(false);
    buffer.append(second(1));
    source.buffer!.finishAll();
    expect(source.buffer!.ranges).toEqual([[0, 2]]);
    expect(failed).not.toHaveBeenCalled();
  });

  it('what the browser evicts leaves a gap, and what comes is appended after it', () => {
    const video = new TakingVideo();
    const buffer = new MediaBuffer({ made: (attachment) => attach(video.asVideo, attachment), appended: () => undefined, failed: () => undefined });
    const source = FakeManagedMediaSource.last;
    buffer.beginEpoch(MIME, 0);
    for (const bytes of [joinBytes([FTYP, VIDEO_MOOV]), second(0), second(1)]) buffer.append(bytes);
    source.buffer!.finishAll();
    source.buffer!.remove(0, 2);
    source.buffer!.finish();
    buffer.append(second(2));
    source.buffer!.finishAll();
    expect(source.buffer!.ranges).toEqual([[2, 3]]);
  });
});

describe('in a browser that has MediaSource', () => {
  let uninstall: () => void;
  beforeEach(() => (uninstall = FakeMediaSource.install(MIME)));
  afterEach(() => uninstall());

  it('that is used, and AirPlay stays as the page has it', () => {
    const restore = FakeManagedMediaSource.install(MIME);
    Object.assign(globalThis, { MediaSource: FakeMediaSource });
    const video = new TakingVideo();
    const { source, attachment } = makeMediaSource();
    attach(video.asVideo, attachment);
    restore();
    expect(source).not.toBeInstanceOf(FakeManagedMediaSource);
    expect([source.readyState, video.disableRemotePlayback]).toEqual(['open', false]);
  });
});
