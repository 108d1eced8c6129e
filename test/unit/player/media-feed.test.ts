import type { FeedEvent } from '../../../player/video/feed-message';
import { MediaFeed } from '../../../player/video/media-feed';
import { joinBytes } from '../../support/container-parser-contract';
import { attached, FakeMediaSource } from '../../support/fake-media-source';
import { FakeWebSocket } from '../../support/fake-web-socket';
import { AUDIO_MOOV, FTYP, fragment, NON_SYNC, SYNC, VIDEO, VIDEO_MOOV } from '../../support/mp4-boxes';

const [MIME, OTHER, SOUND] = ['video/mp4; codecs="avc1.42c01e"', 'video/mp4; codecs="avc1.640028"', 'audio/mp4; codecs="opus"'];
const INIT = joinBytes([FTYP, VIDEO_MOOV]);
const PICTURE = [{ kind: 'video', codec: 'avc1.42c01e' }] as const;
/** Seconds from one keyframe to the next. */
const GOP = 4;

/** A second of media that begins at `time`, seconds. */
function second(time: number): Uint8Array {
  return fragment([{ id: VIDEO, time: time * 1000, samples: [{ duration: 1000, flags: time % GOP === 0 ? SYNC : NON_SYNC, data: 'x' }] }]);
}

/** A feed that has opened its socket, the relay's side of that, and what the feed told. */
class Story {
  readonly told: FeedEvent[] = [];
  readonly feed = new MediaFeed((event) => this.told.push(event));
  readonly #sockets: FakeWebSocket[] = [];

  constructor() {
    const sockets = this.#sockets;
    class Socket extends FakeWebSocket {
      constructor(url: string) {
        super(url);
        sockets.push(this);
      }
    }
    Object.assign(globalThis, { WebSocket: Socket });
    this.feed.take({ type: 'open', url: 'ws://relay/watch/cam', backBuffer: 10 });
    this.socket.open();
  }

  get socket(): FakeWebSocket {
    return this.#sockets.at(-1)!;
  }

  /** The relay begins an epoch. */
  init(epoch: string, { mime = MIME, tracks = PICTURE, init = INIT }: { mime?: string; tracks?: readonly { kind: 'video' | 'audio'; codec: string }[]; init?: Uint8Array } = {}): void {
    this.socket.tell({ type: 'init', epoch, mime, tracks, position: 0, resumed: false });
    this.socket.deliver(...init);
  }

  /** The relay sends the seconds from one to another, and the browser takes them. */
  media(from: number, to: number): void {
    for (let time = from; time < to; time++) {
      this.socket.deliver(...second(time));
      FakeMediaSource.last.buffer?.finishAll();
    }
  }

  /** What it told of this type, in order. */
  of<T extends FeedEvent['type']>(type: T): Extract<FeedEvent, { type: T }>[] {
    return this.told.filter((event): event is Extract<FeedEvent, { type: T }> => event.type === type);
  }

  get types(): string[] {
    return this.told.map(({ type }) => type);
  }
}

describe('MediaFeed', () => {
  let uninstall: () => void;
  let story: Story;

  beforeEach(() => {
    jest.useFakeTimers();
    uninstall = FakeMediaSource.install(MIME, OTHER, SOUND);
    story = new Story();
    FakeMediaSource.last.open();
  });

  afterEach(() => {
    story.feed.take({ type: 'close' });
    uninstall();
    Reflect.deleteProperty(globalThis, 'WebSocket');
    jest.useRealTimers();
  });

  it('gives its media source away, connects, and tells what is published and where it is', () => {
    story.init('e1');
    story.media(100, 102);
    expect(story.types).toEqual(['source', 'connecting', 'init', 'media', 'flow', 'flow', 'media', 'flow']);
    expect(attached(story.of('source')[0]!.attachment)).toBe(FakeMediaSource.last);
    expect(story.of('init')[0]).toEqual({ type: 'init', epoch: 'e1', mime: MIME, tracks: PICTURE, playable: true });
    expect(story.of('flow').at(-1)!.flow).toMatchObject({ start: 100, edge: 102, pace: 1, bytes: second(100).length + second(101).length });
  });

  it('tells why the relay has turned it away', () => {
    story.socket.tell({ type: 'error', code: 'full', message: '', retryAfter: 10 });
    story.socket.drop(4503);
    expect(story.told.at(-1)).toEqual({ type: 'connecting', refusal: 'full' });
  });

  it('leaves the first epoch at its own times, and lets the video go up to its live edge', () => {
    story.init('e1');
    story.media(100, 103);
    expect(FakeMediaSource.last.buffer!.ranges).toEqual([[100, 103]]);
    expect(FakeMediaSource.last.seekable).toEqual([100, 103]);
  });

  it('puts the next epoch behind the one before, in the same media source', () => {
    story.init('e1');
    story.media(100, 103);
    story.init('e2', { mime: OTHER });
    story.media(0, 2);
    expect(FakeMediaSource.made).toHaveLength(1);
    expect(FakeMediaSource.last.buffer!.mime).toBe(OTHER);
    expect(FakeMediaSource.last.buffer!.ranges).toEqual([[100, 105]]);
    expect(story.of('flow').at(-1)!.flow).toMatchObject({ start: 103, edge: 105 });
  });

  it('puts the next epoch where the video stands, if that has gone beyond what came', () => {
    story.init('e1');
    story.media(0, 3);
    story.feed.take({ type: 'playhead', time: 3.5 });
    story.init('e2');
    story.media(50, 51);
    expect(FakeMediaSource.last.buffer!.ranges).toEqual([
      [0, 3],
      [3.5, 4.5],
    ]);
  });

  it('leaves an epoch where it was when that begins again at its live edge', () => {
    story.init('e1');
    story.media(0, 2);
    story.init('e2');
    story.media(100, 102);
    story.init('e2');
    story.media(104, 105);
    expect(FakeMediaSource.last.buffer!.ranges).toEqual([
      [0, 4],
      [6, 7],
    ]);
  });

  it('makes a media source of its own for an epoch of other tracks', () => {
    story.init('e1');
    story.media(0, 2);
    story.init('e2', { mime: SOUND, tracks: [{ kind: 'audio', codec: 'opus' }], init: joinBytes([FTYP, AUDIO_MOOV]) });
    expect(FakeMediaSource.made).toHaveLength(2);
    expect(story.types.slice(-2)).toEqual(['init', 'source']);
  });

  it('takes no media of a type that the browser does not know, and goes on with the next that it does', () => {
    story.init('e1', { mime: 'video/mp4; codecs="none"' });
    story.media(0, 1);
    expect(story.of('init')[0]!.playable).toBe(false);
    expect(story.of('media')).toEqual([]);
    story.init('e2');
    FakeMediaSource.last.open();
    story.media(0, 1);
    expect(FakeMediaSource.made).toHaveLength(2);
    expect(FakeMediaSource.last.buffer!.ranges).toEqual([[0, 1]]);
  });

  it('removes what was played longer ago than the back buffer, up to a keyframe, and not at every step', () => {
    story.init('e1');
    story.media(0, 30);
    const buffer = FakeMediaSource.last.buffer!;
    const trims = (time: number): string[] => {
      buffer.done.length = 0;
      story.feed.take({ type: 'playhead', time });
      buffer.finishAll();
      return buffer.done;
    };
    expect(trims(17)).toEqual([]);
    expect(trims(19)).toEqual(['remove to 8']);
    expect(trims(23)).toEqual([]);
    expect(trims(29)).toEqual(['remove to 16']);
    expect(buffer.ranges).toEqual([[16, 30]]);
  });

  it('gives up all but two seconds behind the picture when the browser takes no more', () => {
    story.init('e1');
    story.media(0, 12);
    story.feed.take({ type: 'playhead', time: 11 });
    FakeMediaSource.last.capacity = 12;
    story.media(12, 14);
    expect(FakeMediaSource.last.buffer!.ranges).toEqual([[8, 14]]);
    expect(story.of('failed')).toEqual([]);
  });

  it('tells of an init segment that is none, and takes up the stream again with a media source of its own', () => {
    story.init('e1', { init: FTYP });
    expect(story.of('failed')).toEqual([{ type: 'failed', reason: 'The init segment has no moov' }]);
    story.feed.take({ type: 'restart' });
    expect(story.socket.sentOf('pause')).toHaveLength(1);
    expect(story.socket.sentOf('play')).toEqual([{ type: 'play' }]);
    FakeMediaSource.last.open();
    story.init('e1');
    story.media(5, 6);
    expect(FakeMediaSource.made).toHaveLength(2);
    expect(FakeMediaSource.last.buffer!.ranges).toEqual([[5, 6]]);
  });

  it('rests with an epoch that the browser can not play, and goes on with the next in a media source of its own', () => {
    story.init('e1');
    story.media(0, 1);
    story.feed.take({ type: 'skip-epoch', epoch: 'e1' });
    const count = story.told.length;
    story.media(1, 3);
    expect(story.told).toHaveLength(count);
    expect(FakeMediaSource.made).toHaveLength(1);
    story.socket.tell({ type: 'epoch', epoch: 'e2' });
    story.init('e2');
    FakeMediaSource.last.open();
    story.media(7, 8);
    expect(story.types.slice(count)).toEqual(['init', 'source', 'media', 'flow', 'flow']);
    expect(FakeMediaSource.made).toHaveLength(2);
    expect(FakeMediaSource.last.buffer!.ranges).toEqual([[7, 8]]);
  });

  it('tells when what is shown was captured, by the clock of the page', () => {
    story.socket.tell({ type: 'pong', id: 1, wall: Date.now() + 5_000 });
    story.init('e1');
    story.media(0, 2);
    story.init('e2');
    story.socket.tell({ type: 'clock', epoch: 'e2', media: 101, wall: 1_000_000 });
    expect(story.of('clock')).toEqual([]);
    story.media(100, 102);
    expect(story.of('clock')).toEqual([{ type: 'clock', time: 3, wall: 995_000 }]);
  });

  it('ends the video behind what has come, and begins anew with the next epoch', () => {
    story.init('e1');
    story.media(0, 2);
    story.socket.tell({ type: 'end', reason: 'ended' });
    story.socket.drop(1000);
    expect(FakeMediaSource.last.readyState).toBe('ended');
    expect(story.types.at(-1)).toBe('ended');
    jest.advanceTimersByTime(1_000);
    story.socket.open();
    story.init('e2');
    FakeMediaSource.last.open();
    story.media(7, 8);
    expect(FakeMediaSource.made).toHaveLength(2);
    expect(FakeMediaSource.last.buffer!.ranges).toEqual([[7, 8]]);
  });

  it('says no more once it is closed', () => {
    story.init('e1');
    story.media(0, 1);
    const { socket } = story;
    story.feed.take({ type: 'close' });
    const count = story.told.length;
    expect(socket.readyState).toBe(3);
    jest.advanceTimersByTime(60_000);
    expect(story.told).toHaveLength(count);
  });
});

it('tells that this browser has no media sources', () => {
  const told: FeedEvent[] = [];
  new MediaFeed((event) => told.push(event)).take({ type: 'open', url: 'ws://relay/watch/cam', backBuffer: 10 });
  expect(told).toEqual([{ type: 'refused', code: 'media-failed', message: 'This browser has no Media Source Extensions' }]);
});
