import { chmodSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Chunk, InitSegment, TrackSpan } from '../../src/media/chunk';
import { MediaParser } from '../../src/media/media-parser';
import { packageRoot } from '../../src/base/package';
import { ffmpegJob } from '../../src/ffmpeg/ffmpeg-job';
import { FluentRunner } from '../../src/ffmpeg/fluent-runner';
import { planMedia } from '../../src/ffmpeg/media-plan';
import { readInput } from '../../src/ffmpeg/source-input';
import { eventually } from '../support/eventually';
import { ffmpeg, FFMPEG, H264_AAC, makeFile, testPicture } from '../support/ffmpeg';
import { startRelay, type TestRelay } from '../support/relay';
import { decodeErrors } from '../support/sample-media';
import { goneStream, liveStream, streamInfo } from '../support/streams';
import { TestSocket } from '../support/test-socket';

const FILM = [...testPicture(3), ...H264_AAC];
/** 1.6 s: 48 frames, and 75 AAC frames of 1024 samples, cut out of a longer recording as samples/make-demo.sh does it. */
const SEAMLESS = { length: 1.6, frame: 1 / 30, sound: 1024 / 48_000 };

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

/** A relay with sources, each NAME and INPUT. */
async function relayWith(sources: Record<string, string>, loop = false): Promise<TestRelay> {
  const relay = await startRelay({ sources: Object.entries(sources).map(([name, input]) => ({ name, input, loop })) });
  relays.push(relay);
  return relay;
}

/** A file that can be repeated without a seam. */
async function seamlessFile(): Promise<string> {
  const long = await makeFile('long.mp4', [...testPicture(5), ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-bf', '0', '-g', '48', '-c:a', 'aac']]);
  return makeFile('short.mp4', ['-i', long, '-c', 'copy', '-ss', '1.6', '-t', '1.6', '-use_editlist', '0']);
}

/** The fields of the first line that the relay logged with that message on that stream. */
function logged(relay: TestRelay, message: string, name: string): Promise<Readonly<Record<string, unknown>>> {
  return eventually(`"${message}" is logged for "${name}"`, () => relay.logged.find((line) => line.message === message && line.fields['name'] === name)?.fields);
}

/** Watches a stream until it ends, and says what ffmpeg has against it. */
async function watchToTheEnd(relay: TestRelay, name: string): Promise<string> {
  const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/${name}`);
  await viewer.closed;
  return decodeErrors(viewer.media);
}

/** What a parser has seen. */
class Seen {
  readonly inits: InitSegment[] = [];
  readonly chunks: Chunk[] = [];
  readonly #parser = new MediaParser({ init: (init) => this.inits.push(init), chunk: (chunk) => this.chunks.push(chunk) });

  push(bytes: Uint8Array): void {
    this.#parser.push(bytes);
  }

  /** Seconds of media that every track has. */
  get length(): number {
    const tracks = this.inits[0]?.tracks ?? [];
    return Math.min(...tracks.map(({ id, timescale }) => {
      const [first, last] = [this.#spans(id)[0], this.#spans(id).at(-1)];
      return first && last ? (last.time + last.duration - first.time) / timescale : 0;
    }));
  }

  /** How far each sample group of a track begins from where the one before has ended, at most, in ticks. */
  gap(kind: 'video' | 'audio'): number {
    const { id } = this.inits[0]!.tracks.find((track) => track.kind === kind)!;
    const spans = this.#spans(id);
    expect(spans.length).toBeGreaterThan(10);
    return Math.max(...spans.slice(1).map(({ time }, index) => Math.abs(time - spans[index]!.time - spans[index]!.duration)));
  }

  #spans(track: number): TrackSpan[] {
    return this.chunks.flatMap(({ spans }) => spans.filter(({ trackId }) => trackId === track));
  }
}

describe('a file as a source', () => {
  it('is copied if it holds H.264 and AAC, and ends its stream with itself', async () => {
    const relay = await relayWith({ film: await makeFile('film.mp4', FILM) });
    expect(await watchToTheEnd(relay, 'film')).toBe('');
    expect(await logged(relay, 'Source is live', 'film')).toMatchObject({ video: 'h264, copied', audio: 'aac, copied', mime: expect.stringMatching(/avc1.*mp4a\.40\.2/) });
    await logged(relay, 'Source has ended', 'film');
    await goneStream(relay.url, 'film');
  });

  it.each([
    ['MPEG-TS with H.264 and AAC', 'ts', ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-c:a', 'aac'], 'h264, copied', 'aac, copied'],
    ['AVI with MPEG-4 and MP3', 'avi', ['-c:v', 'mpeg4', '-c:a', 'libmp3lame'], 'mpeg4, encoded', 'mp3, encoded'],
    ['WebM with VP8 and Vorbis', 'webm', ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-c:a', 'libvorbis'], 'vp8, encoded', 'vorbis, encoded'],
    ['H.264 of 4:4:4 and FLAC', 'mkv', ['-c:v', 'libx264', '-pix_fmt', 'yuv444p', '-c:a', 'flac'], 'h264, encoded', 'flac, encoded'],
    ['odd sides', 'mkv', ['-vf', 'crop=319:239:0:0,format=yuv444p', '-c:v', 'ffv1', '-c:a', 'aac'], 'ffv1, encoded', 'aac, copied'],
    ['sound alone', 'mp3', ['-vn', '-c:a', 'libmp3lame'], 'none', 'mp3, encoded'],
    ['raw AAC', 'aac', ['-vn', '-c:a', 'aac'], 'none', 'aac, copied'],
    ['picture alone', 'mp4', ['-an', '-c:v', 'libx264', '-pix_fmt', 'yuv420p'], 'h264, copied', 'none'],
  ])('is made playable everywhere: %s', async (_what, extension, encoders, video, audio) => {
    const relay = await relayWith({ film: await makeFile(`film.${extension}`, [...testPicture(2), ...encoders]) });
    expect(await watchToTheEnd(relay, 'film')).toBe('');
    const live = await logged(relay, 'Source is live', 'film');
    expect(live).toMatchObject({ video, audio });
    const codecs = [...(video === 'none' ? [] : ['avc1\\.[0-9A-F]{6}']), ...(audio === 'none' ? [] : ['mp4a\\.40\\.2'])];
    expect(live['mime']).toMatch(new RegExp(`codecs="${codecs.join(', ?')}"$`));
  });

  it('may have a name that looks like an option', async () => {
    const file = await makeFile('film.mp4', FILM);
    const here = process.cwd();
    process.chdir(join(file, '..'));
    try {
      renameSync('film.mp4', '-i.mp4');
      const relay = await relayWith({ film: '-i.mp4' });
      expect((await liveStream(relay.url, 'film')).tracks).toHaveLength(2);
    } finally {
      process.chdir(here);
    }
  });
});

describe('a source that fails', () => {
  it('is started again until its input is there, and harms no other', async () => {
    const file = await makeFile('film.mp4', FILM);
    const missing = join(file, '../later.mp4');
    const relay = await relayWith({ later: missing, film: file });
    expect(await logged(relay, 'Source failed, and is started again', 'later')).toMatchObject({
      reason: 'ffmpeg could not read the input',
      ffmpeg: [expect.stringContaining('No such file or directory')],
      retrySeconds: expect.any(Number),
    });
    expect((await streamInfo(relay.url, 'later')) ?? 'absent').toBe('absent');
    await liveStream(relay.url, 'film');
    renameSync(file, missing);
    await liveStream(relay.url, 'later');
  });

  it('tells neither a password nor a stream key to the log', async () => {
    const relay = await relayWith({ cam: 'rtsp://admin:secret@127.0.0.1:9/live/secret?token=secret' });
    await logged(relay, 'Source failed, and is started again', 'cam');
    expect(JSON.stringify(relay.logged)).not.toContain('secret');
  });

  it('goes on as the next epoch when a live address breaks off, without a viewer leaving', async () => {
    // ffmpeg looks at 5 s of an address before it begins.
    const media = readFileSync(await makeFile('camera.ts', [...testPicture(8), ...H264_AAC]));
    const answers: ServerResponse[] = [];
    // Without a length, and never ended by itself: to ffmpeg that is live.
    const camera = createServer((_request, response) => {
      answers.push(response);
      response.write(media);
    }).listen(0, '127.0.0.1');
    servers.push(camera);
    await once(camera, 'listening');
    const { port } = camera.address() as AddressInfo;
    const relay = await relayWith({ cam: `http://127.0.0.1:${String(port)}/live.ts` });
    const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/cam`);
    const first = await viewer.next('init');
    for (const answer of answers) answer.destroy();
    const second = await viewer.next('init');
    expect(second.epoch).not.toBe(first.epoch);
    expect(viewer.events.filter(({ type }) => type === 'waiting')).toContainEqual({ type: 'waiting', reason: 'publisher' });
    viewer.socket.terminate();
  });
});

describe('a loop', () => {
  /** Plays three loops of a file as fast as it goes, as the source would play them. */
  async function threeLoops(file: string, length: number): Promise<Seen> {
    const runner = new FluentRunner(FFMPEG);
    const input = readInput('loop', file);
    const media = await runner.probe(input, new AbortController().signal);
    const seen = new Seen();
    const playing = runner.run(ffmpegJob({ input, plan: planMedia(media, { loop: true }), loop: true, realTime: false }), (bytes) => {
      seen.push(bytes);
      if ((seen.chunks.at(-1)?.end ?? 0) - (seen.chunks[0]?.start ?? 0) > 3.5 * length) playing.stop();
    });
    await playing.ended;
    // The end of the track that has less.
    expect(seen.length).toBeGreaterThan(3 * length);
    return seen;
  }

  it('of the demo has even timestamps over three times, of picture and sound', async () => {
    const seen = await threeLoops(join(packageRoot(), 'samples/demo.mp4'), 8);
    expect(seen.inits).toHaveLength(1);
    expect({ video: seen.gap('video'), audio: seen.gap('audio') }).toEqual({ video: 0, audio: 0 });
  });

  it('of the demo has picture and sound of exactly the same length', async () => {
    const { stdout } = await ffmpeg(['-i', join(packageRoot(), 'samples/demo.mp4'), '-map', '0', '-c', 'copy', '-f', 'framecrc', '-']);
    const lengths = [0, 1].map((track) => {
      const packets = [...stdout.matchAll(new RegExp(`^${track}, *(-?\\d+), *-?\\d+, *(\\d+),`, 'gm'))].map(([, time, duration]) => ({ time: Number(time), duration: Number(duration) }));
      const ticks = Number(new RegExp(`^#tb ${track}: 1/(\\d+)`, 'm').exec(stdout)?.[1]);
      return { from: packets[0]?.time, seconds: packets.reduce((sum, { duration }) => sum + duration, 0) / ticks };
    });
    expect(lengths).toEqual([{ from: 0, seconds: 8 }, { from: 0, seconds: 8 }]);
  });

  it('that is encoded has no gap longer than a frame', async () => {
    const file = await makeFile('loop.mkv', ['-i', await seamlessFile(), '-c:v', 'mpeg4', '-q:v', '5', '-c:a', 'flac']);
    const seen = await threeLoops(file, SEAMLESS.length);
    expect(seen.inits).toHaveLength(1);
    const [video, audio] = seen.inits[0]!.tracks.map(({ timescale }) => timescale);
    expect(seen.gap('video') / video!).toBeLessThan(SEAMLESS.frame);
    expect(seen.gap('audio') / audio!).toBeLessThan(SEAMLESS.sound);
  });

  it('of sound alone has even timestamps too', async () => {
    const file = await makeFile('loop.aac', ['-i', await seamlessFile(), '-vn', '-c', 'copy']);
    expect((await threeLoops(file, SEAMLESS.length)).gap('audio')).toBe(0);
  });

  it('is one epoch for its viewers, at the speed at which it plays', async () => {
    const relay = await relayWith({ loop: await seamlessFile() }, true);
    await liveStream(relay.url, 'loop');
    const since = performance.now();
    const seen = new Seen();
    const { body } = await fetch(`${relay.url}/watch/loop.mp4`);
    for await (const bytes of body!) {
      seen.push(bytes);
      if (seen.length > 3.2 * SEAMLESS.length) break;
    }
    expect(performance.now() - since).toBeGreaterThan(2.5 * SEAMLESS.length * 1_000);
    expect(seen.inits).toHaveLength(1);
    expect({ video: seen.gap('video'), audio: seen.gap('audio') }).toEqual({ video: 0, audio: 0 });
  });
});

describe('an ffmpeg that should stop', () => {
  /** A program that does nothing, heeds no request to end, and never answers what it can do. */
  function stubborn(): string {
    const path = join(mkdtempSync(join(tmpdir(), 'sluice-stubborn-')), 'ffmpeg');
    const script = ['#!/bin/sh', 'trap "" TERM INT', 'case "$*" in *"-i x "*) ;; *) while :; do sleep 0.1; done;; esac', 'echo started', 'while :; do sleep 0.1; done'];
    writeFileSync(path, script.join('\n'));
    chmodSync(path, 0o755);
    return path;
  }

  it('is killed if it does not end when it is asked to', async () => {
    const job = { input: 'x', before: [], after: ['-f', 'mp4'] };
    let started = false;
    const running = new FluentRunner(stubborn()).run(job, () => void (started = true));
    await eventually('it runs', () => started);
    running.stop();
    running.stop();
    expect(await running.ended).toMatchObject({ clean: false });
  });

  it('does not outlive a stop that comes before it has begun', async () => {
    const running = new FluentRunner(stubborn()).run({ input: 'x', before: [], after: ['-f', 'mp4'] }, () => undefined);
    running.stop();
    expect(await running.ended).toMatchObject({ clean: false });
  });

  it('is told of like any failure when it can\'t be run at all', async () => {
    const path = stubborn();
    chmodSync(path, 0o644);
    const running = new FluentRunner(path).run({ input: 'x', before: [], after: ['-f', 'mp4'] }, () => undefined);
    expect(await running.ended).toMatchObject({ clean: false, lines: [expect.stringContaining('EACCES')] });
    await expect(new FluentRunner(path).probe(readInput('x', 'x.mp4'), new AbortController().signal)).rejects.toThrow('ffmpeg could not be run');
  });
});
