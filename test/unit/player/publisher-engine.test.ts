import type { EngineEvent } from '../../../player/publisher/engine-message';
import { PublishEngine } from '../../../player/publisher/publish-engine';
import { Backoff } from '../../../src/protocol/backoff';
import { FakeAudioEncoder, FakeFrame, FakeSound, FakeVideoEncoder } from '../../support/fake-encoders';
import { FakeWebSocket } from '../../support/fake-web-socket';
import { joinBytes } from '../../support/container-parser-contract';
import { findBoxes, parseMp4, u32At } from '../../support/mp4-parse';

/** A frame of the camera every 40 ms, a piece of the microphone every 10. */
const FRAME = 40;
const SOUND = 10;
/** The id of the sound's track, and how long a packet of it is, seconds. */
const SOUND_TRACK = 2;
const PACKET = 0.02;

interface SceneOptions {
  /** When the microphone begins, ms; without, there is none. */
  readonly soundFrom?: number;
  /** What its first piece is stamped, whenever that is, ms. */
  readonly firstStamp?: number;
  /** Whether the browser has no encoder of pictures after all. */
  readonly noEncoder?: boolean;
}

interface Scene {
  readonly engine: PublishEngine;
  readonly sockets: FakeWebSocket[];
  readonly videos: FakeVideoEncoder[];
  readonly audios: FakeAudioEncoder[];
  /** Of the events, those that a page hears of, but for the figures. */
  readonly told: string[];
  readonly socket: () => FakeWebSocket;
  readonly dropped: () => number;
  /** Time goes by. */
  readonly run: (ms: number) => Promise<void>;
  readonly stop: () => void;
}

function scene({ soundFrom, firstStamp, noEncoder = false }: SceneOptions = {}): Scene {
  const [sockets, videos, audios, told]: [FakeWebSocket[], FakeVideoEncoder[], FakeAudioEncoder[], string[]] = [[], [], [], []];
  let dropped = 0;
  const hear = (event: EngineEvent): void => {
    if (event.type === 'stats') dropped = event.stats.droppedFrames;
    else told.push(event.type === 'state' ? event.state : event.type === 'warning' ? event.warning.code : event.type === 'error' ? event.error.code : event.type);
  };
  const engine = new PublishEngine({
    tell: hear,
    backoff: new Backoff(() => 1),
    connect: (url) => {
      sockets.push(new FakeWebSocket(url));
      return sockets.at(-1) as unknown as WebSocket;
    },
    createVideo: (init) => {
      if (noEncoder) throw new TypeError('There is none');
      videos.push(new FakeVideoEncoder(init));
      return videos.at(-1) as unknown as VideoEncoder;
    },
    createAudio: (init) => {
      audios.push(new FakeAudioEncoder(init));
      return audios.at(-1) as unknown as AudioEncoder;
    },
  });
  const began = performance.now();
  let stamp = firstStamp;
  const soundAt = (now: number): FakeSound | undefined => {
    if (now - began < (soundFrom ?? Infinity)) return undefined;
    const at = stamp ?? now - began;
    stamp = undefined;
    return new FakeSound({ timestamp: at * 1000 });
  };
  const frames = source((now) => new FakeFrame(undefined, { timestamp: now * 1000 }), FRAME);
  const sounds = soundFrom === undefined ? undefined : source((now) => soundAt(now), SOUND);
  const video = { bitrate: 1_000_000, frameRate: 30, codec: 'auto' } as const;
  engine.take({
    type: 'open',
    setup: { url: 'ws://relay/publish/cam', codecs: { picture: 'h264', sound: 'opus' }, video, audio: { bitrate: 64_000 } },
    tracks: { video: frames.stream as unknown as ReadableStream<VideoFrame>, audio: sounds?.stream as unknown as ReadableStream<AudioData> | undefined },
  });
  return {
    engine,
    sockets,
    videos,
    audios,
    told,
    socket: () => sockets.at(-1)!,
    dropped: () => dropped,
    run: (ms) => jest.advanceTimersByTimeAsync(ms),
    stop: () => {
      frames.stop();
      sounds?.stop();
      engine.take({ type: 'stop' });
    },
  };
}

/** Gives something every `pace` ms. */
function source<Raw>(make: (now: number) => Raw | undefined, pace: number): { readonly stream: ReadableStream<Raw>; readonly stop: () => void } {
  let timer: ReturnType<typeof setInterval> | undefined;
  const stop = (): void => clearInterval(timer);
  const start = (controller: ReadableStreamDefaultController<Raw>): void => {
    timer = setInterval(() => {
      const raw = make(performance.now());
      if (raw !== undefined) controller.enqueue(raw);
    }, pace);
  };
  return { stream: new ReadableStream({ start, cancel: stop }), stop };
}

/** The relay lets the newest connection in, and has each byte as soon as it is looked at. */
function letIn({ socket }: Scene): void {
  socket().open();
  socket().tell({ type: 'ready' });
}

/** Time goes by, while the relay says four times a second that it has all. */
async function runLive(made: Scene, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 250) {
    await made.run(Math.min(250, ms - passed));
    const bytes = mediaOf(made.socket()).reduce((sum, { length }) => sum + length, 0);
    if (made.socket().readyState === 1) made.socket().tell({ type: 'received', bytes, viewers: 1 });
  }
}

function mediaOf(socket: FakeWebSocket): Uint8Array[] {
  return socket.sent.filter((each) => each instanceof Uint8Array);
}

async function live(options: SceneOptions = {}): Promise<Scene> {
  const made = scene(options);
  letIn(made);
  await runLive(made, 1_000);
  made.socket().tell({ type: 'live', mime: 'video/mp4', tracks: [] });
  return made;
}

/** From when to when the sound goes that was sent, and its longest gap, seconds. */
function soundOf(socket: FakeWebSocket): { start: number; end: number; gap: number } {
  const times = findBoxes(joinBytes(mediaOf(socket)), 'moof/traf')
    .filter((traf) => u32At(findBoxes(traf.subarray(8), 'tfhd')[0], 12) === SOUND_TRACK)
    .map((traf) => u32At(findBoxes(traf.subarray(8), 'tfdt')[0], 16) / 48_000);
  const gaps = times.slice(1).map((time, index) => Math.abs(time - (times[index] ?? 0) - PACKET));
  return { start: times[0] ?? Number.NaN, end: (times.at(-1) ?? Number.NaN) + PACKET, gap: Math.max(...gaps) };
}

let made: Scene;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask'] });
  Object.assign(globalThis, { VideoFrame: FakeFrame, AudioData: FakeSound });
});

afterEach(async () => {
  made.stop();
  await made.run(5_000);
  jest.useRealTimers();
  for (const name of ['VideoFrame', 'AudioData']) Reflect.deleteProperty(globalThis, name);
});

describe('PublishEngine', () => {
  it('sends frames that are evenly apart, from a keyframe on', async () => {
    made = await live();
    const { inits, chunks } = parseMp4(mediaOf(made.socket()));
    expect(inits).toHaveLength(1);
    expect(chunks[0]?.joinable).toBe(true);
    expect(chunks.length).toBeGreaterThan(20);
    expect(made.told).toEqual(['connecting', 'live']);
    expect(made.dropped()).toBe(0);
  });

  it('makes an encoder of pictures that fails anew, and goes on with a keyframe', async () => {
    made = await live();
    made.videos[0]!.fail();
    await runLive(made, 500);
    expect(made.videos).toHaveLength(2);
    expect(made.videos[1]!.keys.slice(0, 2)).toEqual([true, false]);
    expect(parseMp4(mediaOf(made.socket())).chunks.length).toBeGreaterThan(30);
    expect(made.told).toEqual(['connecting', 'live', 'encoder-restarted']);
  });

  it('makes an encoder of sound that fails anew, and its sound joins what there was', async () => {
    made = await live({ soundFrom: 0 });
    made.audios[0]!.fail();
    await runLive(made, 500);
    expect(made.audios).toHaveLength(2);
    expect(made.told).toEqual(['connecting', 'live', 'encoder-restarted']);
    expect(soundOf(made.socket()).gap).toBeLessThan(0.001);
  });

  it('makes an encoder of sound that refuses a piece anew, and reads on', async () => {
    made = await live({ soundFrom: 0 });
    made.audios[0]!.encode = () => {
      throw new DOMException('Not like that', 'DataError');
    };
    await runLive(made, 500);
    expect(made.audios).toHaveLength(2);
    expect(made.told).toEqual(['connecting', 'live', 'encoder-restarted']);
    const { end, gap } = soundOf(made.socket());
    expect(end).toBeGreaterThan(1.3);
    expect(gap).toBeLessThan(0.001);
  });

  it('fails when its encoder fails again and again', async () => {
    made = await live();
    for (let times = 0; times < 4; times++) {
      made.videos.at(-1)!.fail();
      await made.run(100);
    }
    expect(made.told).toEqual(['connecting', 'live', 'encoder-restarted', 'failed', 'encoder-failed']);
  });

  it('has failed, and isn’t connecting for ever, where no encoder of pictures can be made', async () => {
    made = scene({ noEncoder: true });
    letIn(made);
    await made.run(1_000);
    expect(made.told).toEqual(['connecting', 'failed', 'encoder-failed']);
  });

  it('is live again after 30 s without a network, has encoded for 5 of them, and begins a new epoch with a keyframe', async () => {
    made = await live();
    const [video] = made.videos;
    await made.run(4_000); // Nothing is received: the connection is given up.
    expect(made.told.at(-1)).toBe('connection-lost');
    const atLoss = video!.keys.length;
    await made.run(26_000); // Whoever connects hears nothing, neither yes nor no.
    expect(video!.keys.length - atLoss).toBeLessThan(6_000 / FRAME);
    const paused = video!.keys.length;
    expect(made.sockets.length).toBeGreaterThan(2);
    await made.run(8_000);
    letIn(made);
    await runLive(made, 1_000);
    made.socket().tell({ type: 'live', mime: 'video/mp4', tracks: [] });
    expect(video!.keys[paused]).toBe(true);
    expect(parseMp4(mediaOf(made.socket())).inits).toHaveLength(1);
    expect(made.told.filter((each) => each !== 'connection-lost')).toEqual(['connecting', 'live', 'upload-slow', 'reconnecting', 'live']);
    expect(made.dropped()).toBeGreaterThan(0);
  });

  it.each([0, 700])('keeps sound in its place against the picture that began %i ms behind it, though its first stamp is of another clock', async (soundFrom) => {
    made = await live({ soundFrom, firstStamp: 1_300 });
    await runLive(made, 2_000);
    const { start, end, gap } = soundOf(made.socket());
    expect(gap).toBeLessThan(0.001);
    expect(start).toBeLessThan(0.5);
    expect(Math.abs(end - 3)).toBeLessThan(0.07);
  });
});
