import { FfmpegError } from '../../../../src/ffmpeg/ffmpeg-runner';
import { Backoff, RETRY } from '../../../../src/protocol/backoff';
import { FfmpegSource } from '../../../../src/publish/sources/ffmpeg-source';
import { readInput } from '../../../../src/ffmpeg/source-input';
import { DEFAULT_MEDIA_LIMITS } from '../../../../src/media/container-parser';
import { FakeOutlet } from '../../../support/fake-outlet';
import { FakeLink, FakeRelay } from '../../../support/fake-relay';
import { FakeRunner } from '../../../support/fake-runner';
import { listLog, type LogLine } from '../../../support/relay';
import { joinBytes } from '../../../support/container-parser-contract';
import { fragment, FTYP, NON_SYNC, VIDEO, VIDEO_MOOV } from '../../../support/mp4-boxes';
import { fixture } from '../../../support/recording';

const MEDIA = fixture('mp4/keyframe.mp4');
const FINITE = { finite: true, video: { index: 0, codec: 'h264', playable: true, inMp4: true }, audio: undefined };

let relay: FakeRelay;
let runner: FakeRunner;
let logged: LogLine[];
let states: string[];

beforeEach(() => {
  relay = new FakeRelay();
  runner = new FakeRunner();
  logged = [];
  states = [];
});

/** A source that has begun. */
async function begin({ loop = false, input = 'rtsp://admin:secret@cam/1', usualBackoff = false } = {}): Promise<FfmpegSource> {
  const source = new FfmpegSource({
    ...{ name: 'cam', loop, runner, registry: relay.registry, clock: relay.clock, limits: DEFAULT_MEDIA_LIMITS },
    input: readInput('cam', input),
    log: listLog(logged),
    ...(!usualBackoff && { backoff: new Backoff(() => 1, RETRY) }),
    changed: (info) => void states.push(info.state),
  });
  source.start();
  await settle();
  return source;
}

/** Lets everything happen that waits for nothing. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Lets time pass, and what follows from it happen. */
async function pass(ms: number): Promise<void> {
  relay.clock.pass(ms);
  await settle();
}

/** The newest ffmpeg ends. */
async function end(how: { clean?: boolean; lines?: string[] } = {}): Promise<void> {
  runner.process.end(how);
  await settle();
}

const state = (): string | undefined => relay.registry.list()[0]?.state;
const retries = (): unknown[] => logged.flatMap(({ fields }) => fields['retrySeconds'] ?? []);

describe('a source', () => {
  it('publishes what ffmpeg gives', async () => {
    await begin();
    runner.process.give(MEDIA);
    expect(relay.registry.list()).toMatchObject([{ name: 'cam', state: 'live' }]);
    expect(logged).toMatchObject([{ level: 'info', message: 'Source is live', fields: { name: 'cam', video: 'h264, copied', audio: 'aac, copied' } }]);
  });

  it('starts again when ffmpeg fails, and waits longer each time, up to 30 s', async () => {
    await begin();
    const waits = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000];
    for (const [failures, wait] of waits.entries()) {
      expect(runner.processes).toHaveLength(failures + 1);
      await end();
      await pass(wait - 1);
      expect(runner.processes).toHaveLength(failures + 1);
      await pass(1);
    }
    expect(retries()).toEqual(waits.map((wait) => wait / 1_000));
  });

  it('does the same when the input can\'t be opened', async () => {
    runner.media = new FfmpegError('ffmpeg could not read the input', ['rtsp://admin:secret@cam/1: Connection refused']);
    await begin();
    await pass(1_000);
    await pass(2_000);
    expect(runner.probes).toBe(3);
    expect(logged[0]).toMatchObject({
      level: 'warn',
      fields: { name: 'cam', reason: 'ffmpeg could not read the input', ffmpeg: ['rtsp://…@cam/…: Connection refused'] },
    });
    expect(JSON.stringify(logged)).not.toContain('secret');
  });

  it('counts a failure as the first after 10 s live', async () => {
    await begin();
    await end();
    await pass(1_000);
    await end();
    await pass(2_000);
    runner.process.give(MEDIA);
    await pass(9_999);
    await end();
    await pass(4_000);
    runner.process.give(MEDIA);
    await pass(5_000);
    runner.process.give(MEDIA);
    await pass(5_000);
    await end();
    expect(retries()).toEqual([1, 2, 4, 1]);
  });

  it('leaves its viewers waiting in between, and goes on as the next epoch', async () => {
    await begin();
    const outlet = new FakeOutlet();
    relay.registry.watch('cam', outlet);
    runner.process.give(MEDIA);
    await end();
    expect(state()).toBe('held');
    await pass(1_000);
    runner.process.give(MEDIA);
    expect(state()).toBe('live');
    expect(outlet.begun).toHaveLength(2);
  });

  it('ends the stream when a file is over, and stays ended', async () => {
    runner.media = FINITE;
    const source = await begin();
    runner.process.give(MEDIA);
    await end({ clean: true });
    expect(relay.registry.list()).toEqual([]);
    expect(relay.clock.pending).toBe(0);
    expect(logged.at(-1)).toMatchObject({ level: 'info', message: 'Source has ended' });
    await source.close();
  });

  it.each([
    ['a file in real time', __filename, false, true],
    ['an address of a known length in real time', 'http://host/film.mp4', true, true],
    ['what is live as it comes', 'http://host/live.m3u8', false, false],
  ])('reads %s', async (_what, input, finite, realTime) => {
    runner.media = { ...FINITE, finite };
    await begin({ input });
    expect(runner.jobs[0]?.before.includes('-re')).toBe(realTime);
  });

  it.each([
    ['a live input', false],
    ['a loop', true],
  ])('starts %s again when it ends', async (_what, loop) => {
    if (loop) runner.media = FINITE;
    await begin({ loop });
    runner.process.give(MEDIA);
    await end({ clean: true });
    expect(logged.at(-1)).toMatchObject({ fields: { reason: 'The input broke off', retrySeconds: 1 } });
    await pass(1_000);
    expect(runner.processes).toHaveLength(2);
  });

  it('stops an ffmpeg whose media can\'t be relayed, and starts it again', async () => {
    await begin();
    runner.process.give(Uint8Array.from(Buffer.from('this is no container at all')));
    expect(runner.process.stops).toBe(1);
    await end();
    expect(logged).toMatchObject([{ level: 'warn', fields: { reason: expect.stringContaining('text, not media') as string, retrySeconds: 1 } }]);
  });

  it('stops an ffmpeg that falls silent for 10 s', async () => {
    await begin();
    runner.process.give(MEDIA);
    await pass(9_999);
    expect(runner.process.stops).toBe(0);
    await pass(1);
    expect(runner.process.stops).toBe(1);
    await end();
    expect(logged.at(-1)).toMatchObject({ fields: { reason: 'Nothing came for "cam" for 10 s' } });
  });

  it('gives ffmpeg 20 s for its first chunk', async () => {
    await begin();
    await pass(19_999);
    expect(runner.process.stops).toBe(0);
    await pass(1);
    expect(runner.process.stops).toBe(1);
  });

  it('tries again later when somebody else has its name', async () => {
    const other = relay.registry.publish('cam', new FakeLink());
    await begin();
    expect(runner.processes).toEqual([]);
    expect(logged).toMatchObject([{ level: 'warn', fields: { reason: 'Cannot publish "cam": somebody publishes it already', retrySeconds: 1 } }]);
    other.end();
    await pass(1_000);
    expect(runner.processes).toHaveLength(1);
  });

  it('says so when the input has neither picture nor sound', async () => {
    runner.media = { finite: true, video: undefined, audio: undefined };
    await begin();
    expect(logged).toMatchObject([{ fields: { reason: 'The input has neither picture nor sound', retrySeconds: 1 } }]);
  });
});

describe('a source whose input changes', () => {
  const MUTE = { finite: false, video: { index: 0, codec: 'h264', playable: true, inMp4: false }, audio: { index: 1, codec: 'pcm_alaw', playable: false, inMp4: false, absent: true } };
  const SAMPLE = '0,     384000,     384000,     1024,     4096, 0x991d6ac1';

  it('is live without a track of which nothing comes, and says so', async () => {
    runner.media = MUTE;
    const source = await begin();
    runner.process.give(MEDIA);
    expect(state()).toBe('live');
    expect(source.info).toMatchObject({ state: 'running', message: 'Nothing comes of the track of pcm_alaw: it is left out until it does' });
    expect(logged.at(-1)).toMatchObject({ fields: { audio: 'none', absent: 'pcm_alaw' } });
  });

  it('is started again with a track that comes later, at once and without another examination', async () => {
    runner.media = MUTE;
    await begin();
    runner.process.give(MEDIA);
    relay.clock.pass(5_000);
    runner.process.print('#tb 0: 1/48000');
    runner.process.print(SAMPLE);
    expect(runner.process.stops).toBe(1);
    await end();
    expect(runner.probes).toBe(1);
    expect(runner.jobs).toHaveLength(2);
    expect(runner.jobs[1]?.after.join(' ')).toMatch(/^-map 0:0 .* -map 0:1 -c:a aac /);
    expect(states.slice(-2)).toEqual(['restarting', 'running']);
    expect(logged.at(-1)).toMatchObject({ level: 'warn', fields: { name: 'cam', reason: 'A track has come that was absent' } });
  });

  it('goes on in a file where the track has come', async () => {
    runner.media = { ...MUTE, finite: true, duration: 6, audio: { ...MUTE.audio, sampleRate: 48_000 } };
    await begin({ loop: true });
    runner.process.give(MEDIA);
    relay.clock.pass(8_000);
    runner.process.print('#tb 0: 1/48000');
    runner.process.print(SAMPLE);
    await end();
    expect(runner.jobs[1]?.before.join(' ')).toContain('-ss 2 ');
  });

  it('is started again on a new timeline when its times jump', async () => {
    const source = await begin();
    runner.process.give(MEDIA);
    relay.clock.pass(5_000);
    for (let packets = 0; packets < 50; packets++) runner.process.print(`[warning] DTS ${packets}, next:6021000 st:1 invalid dropping`);
    await end();
    expect(runner.jobs).toHaveLength(2);
    expect(source.info).toMatchObject({ state: 'running', message: 'The timestamps of the input have jumped' });
    expect(logged.at(-1)).toMatchObject({ level: 'warn', message: 'Source is started again on a new timeline' });
  });

  it('is started again to be encoded when no keyframe has come for too long of what is copied', async () => {
    const source = await begin();
    const later = [2_000, 7_000, 12_000].map((time) => fragment([{ id: VIDEO, time, samples: [{ data: 'later', flags: NON_SYNC, duration: 5_000 }] }]));
    runner.process.give(joinBytes([FTYP, VIDEO_MOOV, ...later]));
    relay.clock.pass(5_000);
    expect(runner.process.stops).toBe(1);
    await end();
    expect(runner.jobs.map(({ after }) => after.includes('libx264'))).toEqual([false, true]);
    expect(source.info.message).toBe('The video has no keyframe (IDR) for over 10 s, and viewers could not join: it is encoded');
    expect(runner.probes).toBe(1);
    runner.process.give(joinBytes([FTYP, VIDEO_MOOV, ...later]));
    expect(runner.process.stops).toBe(0);
  });

  it('goes on where ffmpeg mends a jump of its times, which is logged and reported', async () => {
    await begin();
    const jumped = jest.spyOn(relay.registry, 'timesJumped');
    runner.process.give(MEDIA);
    runner.process.print('[debug] timestamp discontinuity for stream #0:0 (id=256, type=video): -3000000000, new offset= 1');
    expect(runner.process.stops).toBe(0);
    expect(jumped.mock.calls).toEqual([[{ name: 'cam', seconds: -3_000 }]]);
    expect(logged.at(-1)).toMatchObject({ level: 'warn', message: 'Timestamps of the input jumped: they are moved, and go on', fields: { seconds: -3_000 } });
  });

  it('waits longer and longer where its times jump again and again', async () => {
    await begin();
    for (const wait of [1_000, 2_000, 4_000]) {
      runner.process.give(MEDIA);
      for (let packets = 0; packets < 50; packets++) runner.process.print(`DTS ${packets}, next:6021000 st:1 invalid dropping`);
      const processes = runner.processes.length;
      await end();
      await pass(wait - 1);
      expect(runner.processes).toHaveLength(processes);
      await pass(1);
      expect(runner.processes).toHaveLength(processes + 1);
    }
  });
});

describe('a source that is closed', () => {
  it('waits until ffmpeg is gone, however often it is closed', async () => {
    const source = await begin();
    runner.process.give(MEDIA);
    let closed = 0;
    const both = Promise.all([source.close(), source.close()].map((closing) => closing.then(() => closed++)));
    await settle();
    expect(runner.process.stops).toBeGreaterThan(0);
    expect(closed).toBe(0);
    await end();
    await both;
    await pass(60_000);
    expect(runner.processes).toHaveLength(1);
    expect(logged.map(({ message }) => message)).toEqual(['Source is live']);
  });

  it('ends while it waits for the next try', async () => {
    const source = await begin();
    await end();
    await source.close();
    await pass(60_000);
    expect(runner.processes).toHaveLength(1);
  });

  it('ends while its input is looked at', async () => {
    runner.stuck = true;
    const source = await begin();
    await source.close();
    expect(runner.processes).toEqual([]);
    expect(logged).toEqual([]);
  });
});

describe('what is told of a source', () => {
  it('is what it does, without what is secret', async () => {
    const source = await begin();
    expect(source.info).toEqual({ name: 'cam', state: 'running', input: 'rtsp://…@cam/…', loop: false, restarts: 0 });
    await end();
    expect(source.info).toMatchObject({ state: 'restarting', restarts: 1, message: 'ffmpeg failed' });
    await pass(1_000);
    expect(source.info).toMatchObject({ state: 'running', restarts: 1, message: 'ffmpeg failed' });
    expect(states).toEqual(['running', 'restarting', 'running']);
  });

  it('is the last that ffmpeg printed where it failed, without what is secret', async () => {
    const source = await begin();
    await end({ lines: ['Something else', 'rtsp://admin:secret@cam/1: Address already in use'] });
    expect(source.info).toMatchObject({ state: 'restarting', message: 'ffmpeg failed: rtsp://…@cam/…: Address already in use' });
    await pass(1_000);
    await end({ lines: ['x'.repeat(5_000)] });
    expect(source.info.message).toHaveLength('ffmpeg failed: '.length + 300);
  });

  it('is that it is over, and for what reason', async () => {
    runner.media = FINITE;
    const source = await begin();
    runner.process.give(MEDIA);
    await end({ clean: true });
    expect(source.info).toMatchObject({ state: 'stopped', message: 'The input is over' });
  });
});

describe('a source that is stopped', () => {
  it('stays so until it is started again', async () => {
    const source = await begin();
    const stopped = source.stop();
    await end({ clean: true });
    await stopped;
    expect(source.info).toMatchObject({ state: 'stopped', message: 'Somebody stopped it' });
    await pass(60_000);
    expect(runner.processes).toHaveLength(1);
    source.start();
    source.start();
    await settle();
    runner.process.give(MEDIA);
    expect(runner.processes).toHaveLength(2);
    expect(source.info).toEqual({ name: 'cam', state: 'running', input: 'rtsp://…@cam/…', loop: false, restarts: 0 });
    expect(state()).toBe('live');
  });

  it('goes on though it is started again before ffmpeg is gone', async () => {
    const source = await begin();
    const stopped = source.stop();
    source.start();
    await end({ clean: true });
    await settle();
    expect(runner.processes).toHaveLength(2);
    void source.stop();
    await end();
    await stopped;
    expect(source.info.state).toBe('stopped');
  });

  it('is told of as soon as its ffmpeg is gone, though it goes on by then', async () => {
    const source = await begin();
    let stopped = false;
    void source.stop().then(() => (stopped = true));
    source.start();
    await settle();
    expect(stopped).toBe(false);
    await end({ clean: true });
    expect([stopped, runner.processes.length]).toEqual([true, 2]);
    expect(source.info.state).toBe('running');
  });

  it('is not started again once it is closed', async () => {
    const source = await begin();
    const closed = source.close();
    await end();
    await closed;
    source.start();
    await settle();
    expect(runner.processes).toHaveLength(1);
  });

  it('is one whose stream the operator ends, and goes on when it is started again', async () => {
    const source = await begin();
    runner.process.give(MEDIA);
    relay.registry.end('cam');
    await end();
    expect(source.info).toMatchObject({ state: 'stopped', message: 'Its stream was ended: start it again when it may go on' });
    await pass(60_000);
    expect(runner.processes).toHaveLength(1);
    relay.registry.readmit('cam');
    source.start();
    await settle();
    runner.process.give(MEDIA);
    expect(state()).toBe('live');
  });
});

describe('a source that listens', () => {
  const TCP = 'tcp://0.0.0.0:9001?listen=1';
  const sends = (...streams: string[]): void => {
    for (const line of ["Input #0, mpegts, from 'tcp://0.0.0.0:9001?listen=1':", '  Duration: N/A, start: 1.400000, bitrate: N/A', ...streams, "Output #0, mp4, to 'pipe:1':"]) runner.process.print(`[info] ${line}`);
  };
  const H264 = '  Stream #0:0[0x100]: Video: h264 (High) ([27][0][0][0] / 0x001B), yuv420p(progressive), 320x240, 30 fps, 30 tbr, 90k tbn';
  const AAC = '  Stream #0:1[0x101]: Audio: aac (LC) ([15][0][0][0] / 0x000F), 44100 Hz, mono, fltp, 71 kb/s';
  const HEVC = '  Stream #0:0[0x100]: Video: hevc (Main) ([36][0][0][0] / 0x0024), yuv420p(tv), 320x240, 30 fps, 30 tbr, 90k tbn';

  it('gives the first connection to the stream, and not to an examination', async () => {
    const source = await begin({ input: TCP });
    expect(runner.probes).toBe(0);
    expect(source.info).toMatchObject({ state: 'running', message: 'Waits for an encoder to connect' });
    sends(H264, AAC);
    runner.process.give(MEDIA);
    expect(source.info.message).toBeUndefined();
    expect(logged).toMatchObject([{ message: 'Source is live', fields: { video: 'h264, copied', audio: 'aac, copied' } }]);
  });

  it('waits for days', async () => {
    await begin({ input: TCP });
    await pass(48 * 3_600_000);
    expect(runner.processes).toHaveLength(1);
    expect(logged).toEqual([]);
  });

  it('leaves the name free until an encoder sends something, and does not take it from anybody', async () => {
    const source = await begin({ input: TCP });
    expect([...relay.registry.streams]).toEqual([]);
    relay.registry.publish('cam', new FakeLink());
    runner.process.give(MEDIA);
    expect(runner.process.stops).toBe(1);
    await end();
    expect(source.info).toMatchObject({ state: 'restarting', message: expect.stringContaining('"cam"') });
  });

  it('lets its stream end when no encoder comes back', async () => {
    await begin({ input: TCP });
    sends(H264);
    runner.process.give(MEDIA);
    await end({ clean: true });
    expect(state()).toBe('held');
    await pass(60_000);
    expect(state()).toBeUndefined();
    expect(runner.processes).toHaveLength(2);
  });

  it('listens again at once when the encoder has left, which is no failure', async () => {
    const source = await begin({ input: TCP });
    sends(H264);
    runner.process.give(MEDIA);
    await end({ clean: true });
    expect(runner.processes).toHaveLength(2);
    expect(source.info).toMatchObject({ restarts: 0, message: 'Waits for an encoder to connect' });
    expect(logged.at(-1)).toMatchObject({ level: 'info', message: 'Encoder has disconnected' });
  });

  it('encodes from the next connection on what browsers do not play, for as long as that is sent', async () => {
    await begin({ input: TCP });
    sends(HEVC, AAC);
    expect(runner.process.stops).toBe(1);
    await end();
    await pass(2_000);
    expect(runner.jobs[1]?.after.join(' ')).toMatch(/^-map 0:0 -c:v libx264 .* -map 0:1 -c:a copy /);
    runner.process.give(MEDIA);
    await end({ clean: true });
    expect(runner.jobs[2]?.after.join(' ')).toContain('-c:v libx264');
    // Nothing comes of the third connection: what was known of the encoder no longer holds.
    await end({ lines: ['Stream map matches no streams'] });
    await pass(2_000);
    expect(runner.jobs[3]?.after.join(' ')).toContain('-map 0:v:0? -c:v copy');
    expect(runner.probes).toBe(0);
  });

  it('leaves out a track that is announced and does not come', async () => {
    await begin({ input: TCP });
    sends(H264, '  Stream #0:1[0x101]: Audio: aac ([15][0][0][0] / 0x000F), 0 channels');
    await end();
    await pass(2_000);
    expect(runner.jobs[1]?.after.join(' ')).toContain('-map 0:0 -c:v copy -map_metadata');
  });

  it('finds out why ffmpeg could not begin, also if it has ended before its output was described', async () => {
    await begin({ input: TCP });
    for (const line of ["Input #0, mpegts, from 'tcp://…':", H264, '  Stream #0:1[0x101]: Audio: mp3 ([3][0][0][0] / 0x0003), 44100 Hz, mono, fltp, 128 kb/s']) runner.process.print(`[info] ${line}`);
    await end({ lines: ["Codec 'mp3' is not supported by the bitstream filter 'aac_adtstoasc'"] });
    await pass(2_000);
    expect(runner.jobs[1]?.after.join(' ')).toContain('-map 0:1 -c:a aac');
  });

  it('is closed to encoders for two seconds at most after a failure', async () => {
    await begin({ input: TCP, usualBackoff: true });
    for (let failures = 1; failures <= 6; failures++) {
      await end({ lines: ['Invalid data found when processing input'] });
      await pass(2_000);
      expect(runner.processes).toHaveLength(failures + 1);
    }
  });
});
