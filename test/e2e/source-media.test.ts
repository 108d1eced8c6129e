import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ffmpegJob } from '../../src/ffmpeg/ffmpeg-job';
import { FluentRunner } from '../../src/ffmpeg/fluent-runner';
import { InputWatch } from '../../src/ffmpeg/input-watch';
import { planMedia } from '../../src/ffmpeg/media-plan';
import { readInput } from '../../src/ffmpeg/source-input';
import { systemClock } from '../../src/relay/clock';
import { eventually } from '../support/eventually';
import { interleaveCoarsely } from '../support/coarse-mov';
import { ffmpeg, FFMPEG, H264_AAC, makeFile, testPicture } from '../support/ffmpeg';
import { startRelay, type TestRelay } from '../support/relay';
import { liveStream } from '../support/streams';
import { TestSocket } from '../support/test-socket';

const WITHOUT_B_FRAMES = [...H264_AAC, '-bf', '0'];
const WITH_B_FRAMES = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '15', '-bf', '2', '-c:a', 'aac'];

const relays: TestRelay[] = [];
const servers: Server[] = [];
// Also after a test that failed: what still runs would keep jest from ending.
afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.close()));
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function relayWith(input: string): Promise<TestRelay> {
  const relay = await startRelay({ sources: [{ name: 'cam', input, loop: false }] });
  relays.push(relay);
  return relay;
}

/** A live address: it answers without a length, and never ends by itself. */
async function camera(path: string, answer: (response: ServerResponse, connection: number) => void): Promise<string> {
  let connections = 0;
  const server = createServer((_request, response) => answer(response, connections++)).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/${path}`;
}

/** The fields of the first line that the relay logged with that message. */
function logged(relay: TestRelay, message: string): Promise<Readonly<Record<string, unknown>>> {
  return eventually(`"${message}" is logged`, () => relay.logged.find((line) => line.message === message)?.fields);
}

/** The display time of each frame and packet that a viewer has received, seconds, by the number of its track. */
async function timesOf(media: Buffer): Promise<{ video: number[]; audio: number[] }> {
  const path = await makeFile('seen.mp4', [...testPicture(0.1), ...H264_AAC]);
  writeFileSync(path, media);
  const { stdout } = await ffmpeg(['-i', path, '-map', '0', '-c', 'copy', '-copyts', '-f', 'framecrc', '-']);
  const kinds = [...stdout.matchAll(/^#media_type (\d): (\w+)/gm)].map(([, track, kind]) => ({ track, kind }));
  const times = (wanted: string): number[] => {
    const track = kinds.find(({ kind }) => kind === wanted)?.track ?? 'none';
    const ticks = Number(new RegExp(`^#tb ${track}: 1/(\\d+)`, 'm').exec(stdout)?.[1]);
    return [...stdout.matchAll(new RegExp(`^${track}, *-?\\d+, *(-?\\d+),`, 'gm'))].map(([, time]) => Number(time) / ticks);
  };
  return { video: times('video'), audio: times('audio') };
}

describe('a live source of which one track does not come', () => {
  it('is published without it, and with it as the next epoch once it comes', async () => {
    const whole = await makeFile('camera.ts', [...testPicture(8), ...WITHOUT_B_FRAMES]);
    const mute = readFileSync(await makeFile('mute.ts', ['-i', whole, '-c', 'copy', '-bsf:a', 'noise=drop=1']));
    const answers: ServerResponse[] = [];
    // Examination and first run: the PMT has a track of AAC without packets.
    const relay = await relayWith(await camera('live.ts', (response) => {
      answers.push(response);
      response.write(answers.length <= 2 ? mute : readFileSync(whole));
    }));
    const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/cam`);
    expect((await viewer.next('init')).mime).not.toContain('mp4a');
    expect(await logged(relay, 'Source is live')).toMatchObject({ video: 'h264, copied', audio: 'none', absent: 'aac' });
    answers[1]!.write(readFileSync(whole));
    expect((await viewer.next('init')).mime).toContain('mp4a.40.2');
    expect(await logged(relay, 'Source is started again on a new timeline')).toMatchObject({ reason: 'A track has come that was absent' });
    viewer.socket.terminate();
  });

  it('is published without sound whose parameters are known beforehand too', async () => {
    // Matroska describes G.711 in its header.
    const media = readFileSync(await makeFile('mute.mkv', [...testPicture(8), ...WITHOUT_B_FRAMES, '-c:a', 'pcm_alaw', '-ar', '8000', '-ac', '1', '-bsf:a', 'noise=drop=1']));
    const relay = await relayWith(await camera('live.mkv', (response) => response.write(media)));
    expect((await liveStream(relay.url, 'cam')).tracks).toMatchObject([{ kind: 'video' }]);
    expect(await logged(relay, 'Source is live')).toMatchObject({ audio: 'none', absent: 'pcm_alaw' });
  });
});

describe('a live source whose clock jumps', () => {
  /** Moves the times of an FLV by `by` ms: of all tags from `from` ms on, or of the first picture there alone. */
  function withJump(flv: Buffer, { from, by, one = false }: { from: number; by: number; one?: boolean }): Buffer {
    const moved = Buffer.from(flv);
    let done = false;
    for (let at = 13; at + 11 <= moved.length; at += 15 + moved.readUIntBE(at + 1, 3)) {
      const time = moved.readUIntBE(at + 4, 3);
      // Times that don't go below 0 when they jump back.
      let next = time + 4_000_000;
      if (time >= from && (!one || (!done && moved[at] === 9))) {
        next += by;
        done = true;
      }
      moved.writeUIntBE(next & 0xff_ffff, at + 4, 3);
      moved[at + 7] = next >>> 24;
    }
    return moved;
  }

  async function film(): Promise<Buffer> {
    return readFileSync(await makeFile('camera.flv', [...testPicture(8), ...WITHOUT_B_FRAMES, '-flvflags', 'no_duration_filesize']));
  }

  it.each([
    ['back by 50 minutes', -3_000_000],
    ['forward by an hour', 3_600_000],
  ])('%s goes on as the next epoch, which is told', async (_where, by) => {
    const media = await film();
    const jumping = withJump(media, { from: 3_000, by });
    const relay = await relayWith(await camera('live.flv', (response, connection) => response.write(connection <= 1 ? jumping : media)));
    const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/cam`);
    const first = await viewer.next('init');
    const second = await viewer.next('init');
    expect(second.epoch).not.toBe(first.epoch);
    expect(await logged(relay, 'Source is started again on a new timeline')).toMatchObject({ reason: 'The timestamps of the input have jumped' });
    viewer.socket.terminate();
  });

  it('goes on in the same epoch by MPEG-TS, whose times ffmpeg moves, and the jump is reported', async () => {
    const made = await makeFile('camera.ts', [...testPicture(3), ...WITHOUT_B_FRAMES]);
    const later = await makeFile('later.ts', ['-i', made, '-c', 'copy', '-output_ts_offset', '3000']);
    const media = Buffer.concat([readFileSync(made), readFileSync(later)]);
    const relay = await relayWith(await camera('live.ts', (response) => response.write(media)));
    const fields = await logged(relay, 'Timestamps of the input jumped: they are moved, and go on');
    expect(Math.round(Number(fields['seconds']) / 100)).toBe(30);
    expect(relay.logged.filter(({ message }) => message === 'Source is started again on a new timeline')).toEqual([]);
  });

  it.each([
    ['back', -3_600_000],
    ['forward', 3_600_000],
  ])('loses nothing by one packet that is an hour %s', async (_where, by) => {
    const path = await makeFile('one.flv', [...testPicture(0.1), ...H264_AAC]);
    writeFileSync(path, withJump(await film(), { from: 3_000, by, one: true }));
    const runner = new FluentRunner(FFMPEG);
    const input = readInput('cam', path);
    const plan = planMedia(await runner.probe(input, new AbortController().signal), { loop: false });
    const pieces: Uint8Array[] = [];
    const watch = new InputWatch(systemClock);
    const changes: unknown[] = [];
    const job = ffmpegJob({ input, plan, loop: false, realTime: false, live: true });
    const { ended } = runner.run(job, (bytes) => void pieces.push(Uint8Array.from(bytes)), (line) => changes.push(watch.read(line)));
    expect(await ended).toEqual({ clean: true, lines: [] });
    expect(changes.length).toBeGreaterThan(0);
    expect(changes.filter((change) => change !== undefined)).toEqual([]);
    const { video } = await timesOf(Buffer.concat(pieces));
    expect(video).toHaveLength(240);
    for (const [at, time] of video.entries()) expect(Math.abs(time - video[0]! - at / 30)).toBeLessThan(0.005);
  });
});

describe('a file as a source', () => {
  it('is published if it is interleaved by the second with the sound first, with picture and sound in step', async () => {
    const file = await makeFile('coarse.mov', [...testPicture(4), ...WITH_B_FRAMES]);
    writeFileSync(file, interleaveCoarsely(readFileSync(file), 1));
    const relay = await relayWith(file);
    await liveStream(relay.url, 'cam');
    const { video, audio } = await timesOf(Buffer.from(await (await fetch(`${relay.url}/watch/cam.mp4`)).arrayBuffer()));
    expect(await logged(relay, 'Source has ended')).toBeDefined();
    expect(relay.logged.filter(({ level }) => level === 'warn')).toEqual([]);
    // Whenever this viewer has joined: its times begin at 0.
    expect(Math.abs(Math.max(...audio) - Math.max(...video))).toBeLessThan(0.07);
  });

  it('has sound that begins late where it belongs', async () => {
    const film = await makeFile('film.mov', [...testPicture(4), ...WITH_B_FRAMES]);
    const late = await makeFile('late.mov', ['-i', film, '-itsoffset', '2', '-i', film, '-map', '0:v', '-map', '1:a', '-c', 'copy', '-t', '4', '-max_interleave_delta', '0']);
    const runner = new FluentRunner(FFMPEG);
    const input = readInput('cam', late);
    const plan = planMedia(await runner.probe(input, new AbortController().signal), { loop: false });
    const pieces: Uint8Array[] = [];
    const { ended } = runner.run(ffmpegJob({ input, plan, loop: false, realTime: false }), (bytes) => void pieces.push(Uint8Array.from(bytes)), () => undefined);
    expect(await ended).toMatchObject({ clean: true });
    const { video, audio } = await timesOf(Buffer.concat(pieces));
    expect(video).toHaveLength(120);
    expect(Math.min(...audio) - Math.min(...video)).toBeCloseTo(2, 1);
  });

  it.each([['avi'], ['h264']])('is encoded if its H.264 has B-frames and no presentation times: %s', async (extension) => {
    const film = await makeFile('film.mp4', [...testPicture(3), ...WITH_B_FRAMES, '-an']);
    const relay = await relayWith(await makeFile(`film.${extension}`, ['-i', film, '-c', 'copy']));
    expect(await logged(relay, 'Source is live')).toMatchObject({ video: 'h264, encoded' });
  });

  it.each([
    ['encoded', 'open GOPs', 'open-gop=1:keyint=30:min-keyint=15:scenecut=0'],
    ['encoded', 'intra refresh', 'intra-refresh=1:keyint=30'],
    ['copied', 'closed GOPs of 10 s', 'keyint=150:scenecut=0'],
  ])('is %s if its H.264 has %s', async (how, _, parameters) => {
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=15:duration=12', '-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p'];
    const relay = await relayWith(await makeFile('film.mp4', [...picture, '-x264-params', parameters]));
    expect(await logged(relay, 'Source is live')).toMatchObject({ video: `h264, ${how}` });
  });

  it('is copied if its H.264 in AVI has no B-frames', async () => {
    const relay = await relayWith(await makeFile('film.avi', [...testPicture(3), ...WITHOUT_B_FRAMES, '-an']));
    expect(await logged(relay, 'Source is live')).toMatchObject({ video: 'h264, copied' });
  });
});
