import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { EXIT } from '../../src/push/push-error';
import { eventually } from '../support/eventually';
import { H264_AAC, testPicture } from '../support/ffmpeg';
import { needs } from '../support/needs';
import { connectPublisher } from '../support/publishing';
import { startRelay } from '../support/relay';
import { SluiceCommand } from '../support/sluice-command';
import { goneStream, streamInfo } from '../support/streams';

import { childOf, closing, file, fileOf, film, frames, parse, push, relay, useRelay, watch } from '../support/push-relay';

useRelay();

describe('sluice push', () => {
  it('publishes a file as fast as it plays, all of it, and ends the stream', async () => {
    const viewer = await watch();
    const path = await film(3);
    const since = performance.now();
    const pushing = push(path);
    const { status, stderr } = await pushing.ended;
    expect({ status, stderr }).toEqual({ status: EXIT.ended, stderr: '' });
    expect(performance.now() - since).toBeGreaterThan(2_500);
    await viewer.closed;
    expect(frames(viewer.media)).toHaveLength(90);
    expect(parse(viewer.media).inits).toHaveLength(1);
    const types = pushing.told.map(({ type }) => type);
    expect(types).toContain('progress');
    expect(types.filter((type) => type !== 'progress')).toEqual(['input', 'live', 'ended']);
    expect(pushing.told[0]).toMatchObject({ live: false, duration: expect.closeTo(3, 1), video: { codec: 'h264', width: 320, height: 240, action: 'copy' }, audio: { codec: 'aac', action: 'copy' } });
    expect(pushing.told.at(-1)).toEqual({ type: 'ended', exit: 0, reason: 'The stream has ended' });
  });

  it('tells viewers, speed, bitrate and lag each second', async () => {
    const pushing = push(await film(5));
    await pushing.telling('live');
    await watch();
    const progress = await pushing.telling('progress', ({ viewers, speed }) => viewers === 1 && Number(speed) > 0.5);
    expect(progress).toMatchObject({ state: 'live', duration: expect.closeTo(5, 1), dropped: 0, lag: expect.any(Number) });
    expect(Number(progress['speed'])).toBeLessThan(1.5);
    expect(Number(progress['bitrate'])).toBeGreaterThan(50_000);
  });

  it.each([
    ['VP9 and Opus, which are copied', 'webm', ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-c:a', 'libopus'], [], /vp09.*opus/],
    ['MPEG-4 and MP3, which are encoded', 'avi', ['-c:v', 'mpeg4', '-c:a', 'libmp3lame'], [], /avc1.*mp4a\.40\.2/],
    ['what is asked for', 'mp4', H264_AAC, ['--video', 'vp9', '--audio', 'opus', '--bitrate', '300k'], /vp09.*opus/],
    ['the picture alone', 'mp4', H264_AAC, ['--audio', 'none'], /^video\/mp4; codecs="avc1\.[0-9A-F]{6}"$/],
    ['the sound alone', 'mp4', H264_AAC, ['--video', 'none'], /mp4; codecs="mp4a\.40\.2"$/],
  ])('publishes %s', async (_what, extension, encoders, options, mime) => {
    const pushing = push(await file(`film.${extension}`, [...testPicture(2), ...encoders]), options);
    expect((await pushing.telling('live'))['mime']).toMatch(mime);
    expect((await pushing.ended).status).toBe(EXIT.ended);
  });

  it('makes the picture as it is asked to', async () => {
    const viewer = await watch();
    const pushing = push(await film(3), ['--size', '160x160', '--fps', '10', '--gop', '0.5']);
    await pushing.ended;
    await viewer.closed;
    const { inits, chunks } = parse(viewer.media);
    expect(inits[0]?.tracks[0]).toMatchObject({ width: 160, height: 120 });
    const picture = chunks.filter(({ hasVideo }) => hasVideo);
    expect(picture.length).toBeGreaterThan(28);
    expect(picture.length).toBeLessThan(33);
    const keyframes = picture.filter(({ joinable }) => joinable).map(({ start }) => Math.round((start - (picture[0]?.start ?? 0)) * 10));
    expect(keyframes.slice(0, 6)).toEqual([0, 5, 10, 15, 20, 25]);
  });

  it('begins where it is asked to', async () => {
    const viewer = await watch();
    const pushing = push(await film(4), ['--start', '0:02.5']);
    expect((await pushing.ended).status).toBe(0);
    await viewer.closed;
    expect(frames(viewer.media).length).toBeGreaterThan(40);
    expect(frames(viewer.media).length).toBeLessThan(60);
  });

  it('begins a file again and again, until Ctrl-C ends the stream cleanly', async () => {
    const viewer = await watch();
    const pushing = push(await film(1), ['--loop']);
    await pushing.telling('progress', ({ time }) => Number(time) > 2.2);
    pushing.process.kill('SIGINT');
    const { status, stderr } = await pushing.ended;
    expect({ status, stderr }).toEqual({ status: EXIT.interrupted, stderr: '' });
    expect(await viewer.next('end')).toEqual({ type: 'end', reason: 'ended' });
    expect(await streamInfo(relay.url, 'film')).toBeUndefined();
    expect(pushing.told.at(-1)).toEqual({ type: 'ended', exit: 130, reason: 'The stream has ended' });
  });

  it('ends so, too, when the terminal gives its Ctrl-C to ffmpeg as well', async () => {
    const viewer = await watch();
    const pushing = SluiceCommand.start(['push', 'test:', '--size', '160x90', `${relay.url}/publish/film`, '--json'], { detached: true });
    await pushing.telling('live');
    process.kill(-pushing.process.pid!, 'SIGINT');
    const { status, stderr } = await pushing.ended;
    expect({ status, stderr }).toEqual({ status: EXIT.interrupted, stderr: '' });
    expect(await viewer.next('end')).toEqual({ type: 'end', reason: 'ended' });
  });

  it('goes on when whoever reads what it prints is gone', async () => {
    const pushing = push(await film(3));
    await pushing.telling('live');
    pushing.process.stdout!.destroy();
    expect((await pushing.ended).status).toBe(EXIT.ended);
    await goneStream(relay.url, 'film');
  });

  it('takes over from one that hangs, by the session of both', async () => {
    const session = 'a-session-of-your-own';
    const url = `${relay.url}/publish/film?session=${session}`;
    const first = SluiceCommand.start(['push', 'test:', '--size', '160x90', url, '--json']);
    await first.telling('live');
    const second = SluiceCommand.start(['push', 'test:', '--size', '160x90', url, '--json']);
    await second.telling('live');
    expect(await first.ended).toMatchObject({ status: EXIT.refused, stderr: expect.stringContaining('(replaced)') });
    second.process.kill('SIGINT');
    expect((await second.ended).status).toBe(EXIT.interrupted);
  });

  it('ends on SIGTERM likewise', async () => {
    const pushing = push('test:', ['--size', '160x90']);
    await pushing.telling('live');
    pushing.process.kill('SIGTERM');
    expect((await pushing.ended).status).toBe(EXIT.terminated);
    await goneStream(relay.url, 'film');
  });

  it('publishes what comes by standard input, which need not be seekable', async () => {
    const path = await file('film.ts', [...testPicture(2), ...H264_AAC]);
    const viewer = await watch();
    const pushing = SluiceCommand.start(['push', '-', `${relay.url}/publish/film`], { stdio: ['pipe', 'pipe', 'pipe'] });
    pushing.process.stdin!.end(readFileSync(path));
    expect((await pushing.ended).status).toBe(EXIT.ended);
    await viewer.closed;
    expect(frames(viewer.media).length).toBeGreaterThan(58);
  });

  it('takes a name for a stream of this machine', async () => {
    const viewer = await watch('short');
    const pushing = SluiceCommand.start(['push', await film(1), 'short'], { env: { SLUICE_PORT: String(relay.port) } });
    await viewer.next('init');
    expect((await pushing.ended).status).toBe(EXIT.ended);
  });
});

const key = 'k'.repeat(43);

// `script` gives a terminal, and /proc the list of processes.
needs('Linux', () => {
  it('shows a bar on a terminal', async () => {
    const line = [process.execPath, 'bin/sluice.js', 'push', await film(3), `${relay.url}/publish/film`].join(' ');
    const { stdout, status } = await new Promise<{ stdout: string; status: number | null }>((resolve) => {
      const terminal = spawn('script', ['-qefc', line, '/dev/null'], { stdio: ['ignore', 'pipe', 'ignore'] });
      let shown = '';
      terminal.stdout.on('data', (text: Buffer) => (shown += text.toString()));
      terminal.on('close', (code) => resolve({ stdout: shown, status: code }));
    });
    expect(status).toBe(0);
    expect(stdout).toMatch(/█+░+ \d+ % \| live \| 0:0\d of 0:03 \| \d\.\d\dx \| [\d.]+ [kM]bit\/s \| 0 watching \| lag \d\.\d s/);
    expect(stdout).toContain('The stream has ended');
  });

  it('brings its key to the relay, and neither a log nor the list of processes', async () => {
    let asked: string | undefined;
    const other = createServer().on('upgrade', (request, socket) => {
      asked = request.headers.authorization;
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    const port = await listening(other);
    for (const [args, env] of [[['--token', key], {}], [[], { SLUICE_TOKEN: key }]] as const) {
      asked = undefined;
      const pushing = push('test:', args, { url: `http://127.0.0.1:${port}`, env });
      const title = await eventually('it has a title', () => {
        const line = readFileSync(`/proc/${pushing.process.pid!}/cmdline`, 'latin1');
        return line.startsWith('sluice push') && line;
      });
      expect(title).not.toContain(key);
      const { status, stdout, stderr } = await pushing.ended;
      expect(asked).toBe(`Bearer ${key}`);
      expect(status).toBe(EXIT.refused);
      expect(stdout + stderr).not.toContain(key);
    }
  });
});

describe('the key of sluice push', () => {
  it('may stand in the address, and is not told', async () => {
    for (const url of [`http://publisher:${key}@127.0.0.1:9`, 'http://127.0.0.1:9']) {
      const pushing = SluiceCommand.start(['push', 'test:', `${url}/publish/film${url.includes('@') ? '' : `?token=${key}`}`]);
      const { status, stderr } = await pushing.ended;
      expect(status).toBe(EXIT.unreachable);
      expect(stderr).toContain('http://127.0.0.1:9/publish/film');
      expect(stderr).not.toContain(key);
    }
  });
});

async function listening(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closing.push(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

describe('an input that cannot be published', () => {
  it.each([
    ['is missing', '/nowhere/film.mp4', 'there is no such file'],
    ['is a folder', '/tmp', 'it is a folder'],
    ['looks like an option', '-i', 'Unknown option "-i"', EXIT.usage],
    ['is a list of files', 'concat:/etc/hostname|/etc/hosts', 'it must be -, a file, a device', EXIT.usage],
    ['is a protocol for what is no media', 'subfile:/etc/hostname', 'it must be -, a file, a device', EXIT.usage],
    ['is no device', 'v4l2:-i', 'the path of a device', EXIT.usage],
    ['is an absent device', 'v4l2:/dev/video63', 'No such file or directory'],
    ['is an address where nothing listens', 'rtsp://admin:secret@127.0.0.1:9/1', 'Connection refused'],
  ] as [string, string, string, number?][])('and %s is told in one line', async (_what, input, reason, exit = EXIT.input) => {
    const { status, stdout, stderr } = await SluiceCommand.start(['push', input, `${relay.url}/publish/film`]).ended;
    expect({ status, stdout }).toEqual({ status: exit, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringContaining(reason)]);
    expect(stderr).not.toContain('secret');
  });

  it.each([
    ['is empty', 'empty.mp4', '', 'the file is empty'],
    ['is text', 'text.mp4', 'Hello, this is a text.\n'.repeat(99), 'Invalid data found'],
    ['names other files', 'list.mp4', `ffconcat version 1.0\nfile film.mp4\n`, 'it is a list of other files (concat)'],
    ['is a playlist', 'list.m3u8', '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfilm.mp4\n#EXT-X-ENDLIST\n', /list of other files \(hls|Invalid data found/],
  ])('and %s is told in one line', async (_what, name, content, reason) => {
    const { status, stderr } = await SluiceCommand.start(['push', await fileOf(name, content), `${relay.url}/publish/film`]).ended;
    expect(status).toBe(EXIT.input);
    expect(stderr.trimEnd().split('\n')).toEqual([typeof reason === 'string' ? expect.stringContaining(reason) : expect.stringMatching(reason)]);
  });

  it('and is protected is told, for ffmpeg would pass it on as noise', async () => {
    const encryption = ['-encryption_scheme', 'cenc-aes-ctr', '-encryption_key', '76a6c65c5ea762046bd749a2e632ccbb', '-encryption_kid', 'a7e61c373e219033c21091fa607bf3b8'];
    const path = await film(1, encryption);
    for (const command of [['push', path, `${relay.url}/publish/film`], ['probe', path]]) {
      const { status, stderr } = await SluiceCommand.start(command).ended;
      expect({ status, stderr }).toEqual({ status: EXIT.input, stderr: expect.stringContaining('it is protected (DRM)') });
    }
  });

  it('is told without its key, which its server names in its own words', async () => {
    const secret = 'abcd-efgh-ijkl';
    const camera = createServer((_request, response) => void response.writeHead(404, `No stream ${secret}`).end());
    const input = `http://127.0.0.1:${await listening(camera)}/live/${secret}`;
    for (const command of [['push', input, `${relay.url}/publish/film`], ['probe', input]]) {
      const { status, stdout, stderr } = await SluiceCommand.start(command).ended;
      expect({ status, stderr }).toEqual({ status: EXIT.input, stderr: expect.stringContaining('No stream …') });
      expect(stdout + stderr).not.toContain(secret);
    }
  });

  it('and is over before it is to begin is told', async () => {
    const { status, stderr } = await push(await film(1), ['--start', '60']).ended;
    expect({ status, stderr }).toEqual({ status: EXIT.usage, stderr: expect.stringMatching(/^Cannot use --start 60: ".*film\.mp4" is over after [\d.]+ s\n$/) });
  });

  it('and gives nothing is told after the time that is set', async () => {
    const silent = createTcpServer(() => undefined);
    const pushing = push(`tcp://127.0.0.1:${await listening(silent)}`, ['--timeout', '1']);
    const { status, stderr } = await pushing.ended;
    expect({ status, stderr }).toEqual({ status: EXIT.input, stderr: expect.stringContaining('told nothing of itself for 1 s') });
  });

  it('and falls silent later is told likewise', async () => {
    const media = readFileSync(await file('camera.ts', [...testPicture(7), ...H264_AAC]));
    const camera = createServer((_request, response) => void response.write(media));
    const pushing = push(`http://127.0.0.1:${await listening(camera)}/live.ts`, ['--timeout', '2']);
    await pushing.telling('live');
    const { status, stderr } = await pushing.ended;
    expect({ status, stderr }).toEqual({ status: EXIT.input, stderr: expect.stringContaining('it has given nothing for 2 s') });
    // The stream is held for who comes next, as after any loss.
    expect(await streamInfo(relay.url, 'film')).toMatchObject({ state: 'held' });
  });

  it('and is standard input that ends in the middle, as when a disk is full, is told', async () => {
    const whole = readFileSync(await film(2));
    const pushing = SluiceCommand.start(['push', '-', `${relay.url}/publish/film`], { stdio: ['pipe', 'pipe', 'pipe'] });
    pushing.process.stdin!.end(whole.subarray(0, whole.length / 2));
    const { status, stderr } = await pushing.ended;
    expect(status).toBe(EXIT.input);
    expect(stderr).toMatch(/^Cannot read "standard input": ffmpeg could not read the input; ffmpeg says: .*\n$/);
  });

  it('for ffmpeg was killed is told, and viewers are held', async () => {
    const pushing = push('test:', ['--size', '160x90']);
    await pushing.telling('live');
    process.kill(childOf(pushing), 'SIGKILL');
    const { status, stderr } = await pushing.ended;
    expect({ status, stderr }).toEqual({ status: EXIT.input, stderr: expect.stringMatching(/^ffmpeg has failed on "test:"; ffmpeg says: .*SIGKILL.*\n$/) });
    expect(await streamInfo(relay.url, 'film')).toMatchObject({ state: 'held' });
  });

  it('for there is no ffmpeg is told', async () => {
    const { status, stderr } = await push('test:', [], { env: { FFMPEG_PATH: '/nowhere/ffmpeg' } }).ended;
    expect({ status, stderr }).toEqual({ status: EXIT.input, stderr: expect.stringMatching(/^Cannot run ffmpeg: FFMPEG_PATH is .*\n$/) });
  });

  it('and is not to be read by this user is told', async () => {
    const path = await film(0.5);
    chmodSync(path, 0);
    const pushing = push(path);
    const { status, stderr } = await pushing.ended;
    // root may read everything.
    if (process.getuid?.() === 0) expect(status).toBe(EXIT.ended);
    else expect({ status, stderr }).toEqual({ status: EXIT.input, stderr: expect.stringContaining('this user may not read it') });
  });

  it('reads no file of this machine for a playlist from elsewhere', async () => {
    const secret = await file('secret.ts', [...testPicture(2), ...H264_AAC]);
    const server = createServer((_request, response) => {
      response.setHeader('Content-Type', 'application/vnd.apple.mpegurl');
      response.end(`#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://${secret}\n#EXT-X-ENDLIST\n`);
    });
    const { status } = await push(`http://127.0.0.1:${await listening(server)}/list.m3u8`).ended;
    expect(status).toBe(EXIT.input);
    expect(await streamInfo(relay.url, 'film')).toBeUndefined();
  });
});

describe('a relay that does not want the stream', () => {
  it.each([
    ['ftp://127.0.0.1/publish/film', 'its protocol must be http, https, ws or wss'],
    ['127.0.0.1:8080/publish/film', 'it must be the NAME of a stream, or an address'],
    ['http://127.0.0.1:8080/watch/film', 'its path must end with /publish/NAME'],
    ['http://127.0.0.1:8080/publish/a.b', 'the NAME must be'],
    ['http://', 'it is no valid address'],
  ])('a wrong address is told: %s', async (url, reason) => {
    const { status, stderr } = await SluiceCommand.start(['push', 'test:', url]).ended;
    expect({ status, stderr }).toEqual({ status: EXIT.usage, stderr: expect.stringContaining(reason) });
  });

  it('for the name is in use is told', async () => {
    await connectPublisher(relay.wsUrl, 'film');
    const { status, stderr } = await push('test:').ended;
    expect({ status, stderr }).toEqual({ status: EXIT.refused, stderr: expect.stringContaining('(name-in-use)') });
  });

  it('for the key is wrong is told', async () => {
    const guarded = await startRelay({ accessRule: { kind: 'keys', file: await fileOf('keys.json', '{"keys": []}') } });
    closing.push(() => guarded.close());
    const { status, stderr } = await push('test:', ['--token', 'wrong'], { url: guarded.url }).ended;
    expect({ status, stderr }).toEqual({ status: EXIT.refused, stderr: expect.stringContaining('(not-authenticated)') });
  });

  it('for there is none is told', async () => {
    const { status, stderr } = await push('test:', [], { url: 'http://127.0.0.1:9' }).ended;
    expect({ status, stderr }).toEqual({ status: EXIT.unreachable, stderr: 'Cannot reach the relay at http://127.0.0.1:9/publish/film: nothing listens there; is the relay started?\n' });
  });

  it('for it is another server is told', async () => {
    const other = createServer((_request, response) => response.end('Hello'));
    const { status, stderr } = await push('test:', [], { url: `http://127.0.0.1:${await listening(other)}` }).ended;
    expect({ status, stderr }).toEqual({ status: EXIT.refused, stderr: expect.stringContaining('it answers with HTTP status 200') });
  });
});

describe('an input of which one track does not come', () => {
  async function muteCamera(media: (connection: number) => Buffer): Promise<{ address: string; answers: ServerResponse[] }> {
    const answers: ServerResponse[] = [];
    const camera = createServer((_request, response) => {
      answers.push(response);
      response.write(media(answers.length - 1));
    }).listen(0, '127.0.0.1');
    closing.push(() => {
      camera.closeAllConnections();
      camera.close();
    });
    await once(camera, 'listening');
    return { address: `http://127.0.0.1:${(camera.address() as AddressInfo).port}/live.ts`, answers };
  }

  async function mute(): Promise<{ whole: Buffer; silent: Buffer }> {
    const whole = await file('camera.ts', [...testPicture(8), ...H264_AAC]);
    return { whole: readFileSync(whole), silent: readFileSync(await file('mute.ts', ['-i', whole, '-c', 'copy', '-bsf:a', 'noise=drop=1'])) };
  }

  it('is published without it, and with it as the next epoch once it comes', async () => {
    const { whole, silent } = await mute();
    const { address, answers } = await muteCamera((connection) => (connection <= 1 ? silent : whole));
    const command = push(address);
    const { audio } = await command.telling('input');
    expect(audio).toMatchObject({ codec: 'aac', action: 'none', absent: true, reason: expect.stringContaining('nothing of it comes') as string });
    expect((await command.telling('live')).mime).not.toContain('mp4a');
    const viewer = await watch();
    await viewer.next('init');
    answers[1]!.write(whole);
    expect((await command.telling('warning')).message).toMatch(/^A track has come/);
    expect((await viewer.next('init')).mime).toContain('mp4a.40.2');
  });

  it('is told of beforehand by probe', async () => {
    const { silent } = await mute();
    const { stdout, status } = await SluiceCommand.start(['probe', await fileOf('mute.ts', silent)]).ended;
    expect(status).toBe(0);
    expect(stdout).toMatch(/sound {4}aac: left out, since it is announced, but nothing of it comes/);
  });
});

describe('an input that viewers could not join', () => {
  const openGops = (): Promise<string> =>
    file('open.mp4', ['-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=15:duration=14', '-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-x264-params', 'open-gop=1:keyint=30:min-keyint=15:scenecut=0']);

  it('is encoded, and probe says why', async () => {
    const { stdout } = await SluiceCommand.start(['probe', await openGops()]).ended;
    expect(stdout).toMatch(/encoded as H\.264, since it has no keyframe \(IDR\) for over 10 s/);
  });
});

describe('an input whose frames have no presentation times', () => {
  it('is encoded, and probe says why', async () => {
    const avi = await file('film.avi', ['-i', await film(1, ['-bf', '2', '-an']), '-c', 'copy']);
    const { stdout } = await SluiceCommand.start(['probe', avi]).ended;
    expect(stdout).toMatch(/encoded as H\.264, since its frames have no presentation times/);
  });
});
