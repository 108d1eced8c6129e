import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OPTION_LIST } from '../../src/config/option-list';
import { packageRoot } from '../../src/base/package';
import { eventually } from '../support/eventually';
import { type Ended, H264_AAC, makeFile, type Running, start, testPicture } from '../support/ffmpeg';
import { connectPublisher, send } from '../support/publishing';
import { openPush } from '../support/push';
import { heavyMedia } from '../support/sample-media';
import { liveStream } from '../support/streams';
import { TestSocket } from '../support/test-socket';

const BIN = join(packageRoot(), 'bin', 'sluice.js');
const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };

const running: Running[] = [];

// Whatever a failed test has left running would keep jest from ending.
afterEach(async () => {
  for (const { process: child, ended } of running.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
});

/** The built command (`npm run build`), with nothing of this environment that could configure it. */
function sluice(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_'));
  const command = start(process.execPath, [BIN, ...args], { ...Object.fromEntries(clean), ...env });
  running.push(command);
  return command;
}

/** A relay in a process of its own, once it has printed its addresses. */
async function started(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Running & { url: string; printed: string }> {
  const relay = sluice(['serve', '--port', '0', ...args], env);
  let printed = '';
  relay.process.stdout?.on('data', (text: string) => (printed += text));
  const failed = relay.ended.then(({ status, stderr }): never => {
    throw new Error(`The relay has ended with ${String(status)}: ${stderr}`);
  });
  const addresses = eventually('the addresses are printed', () => /Studio +(http:\S+)\/publish\//.exec(printed)?.[1]);
  const url = await Promise.race([addresses, failed]);
  // Once it listens, how it ends is the test's to look at.
  failed.catch(() => undefined);
  return { ...relay, url, printed };
}

/** Sends a signal, and gives how the process ended, and after how long. */
async function stop(relay: Running, signal: NodeJS.Signals): Promise<Ended & { took: number }> {
  const since = performance.now();
  relay.process.kill(signal);
  return { ...(await relay.ended), took: performance.now() - since };
}

describe('the command', () => {
  it.each([[[], 'Usage: sluice ['], [['--help'], 'Usage: sluice ['], [['-h'], 'Usage: sluice ['], [['help'], 'Usage: sluice ['], [['help', 'push'], 'Usage: sluice push ['], [['serve', '-h'], 'Usage: sluice serve ['], [['token'], 'Usage: sluice token [']])(
    'prints its help for %j',
    async (args, usage) => {
      const { status, stdout, stderr } = await sluice(args).ended;
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toContain(usage);
    },
  );

  it('lists every option of the schema', async () => {
    const { status, stdout } = await sluice(['serve', '--help']).ended;
    expect(status).toBe(0);
    for (const { flag, env } of OPTION_LIST) {
      expect(stdout).toContain(flag);
      expect(stdout).toContain(env);
    }
    expect(stdout).toContain('--no-demo');
    expect(stdout).toContain('--config');
  });

  it.each(['--version', '-v'])('prints its version for %s', async (flag) => {
    expect(await sluice([flag]).ended).toMatchObject({ status: 0, stdout: `${version}\n` });
  });

  it.each([
    [['serve', '--port', '80800'], 'Cannot use --port 80800: it must be a whole number from 0 to 65535'],
    [['serve', '--log-level=loud'], 'Cannot use --log-level loud: it must be one of debug, info, warn, error, silent'],
    [['serve', '--source', 'cam'], 'Cannot use --source cam: it must be NAME=INPUT, with a NAME of letters, digits, "_" and "-"'],
    [['serve', '--prot', '1'], 'Unknown option "--prot" (Did you mean --port?): see "sluice serve --help"'],
    [['serve', '--port'], /^Option "--port <NUMBER>" argument missing: see "sluice serve --help"$/],
    [['serve', 'now'], /^Too many arguments for "serve"\. .*: see "sluice serve --help"$/],
    [['token', 'kee'], 'Unknown command "kee" (Did you mean key?): see "sluice token --help"'],
    [['server'], 'Unknown command "server" (Did you mean serve?): the commands are "sluice serve", "sluice push", "sluice probe" and "sluice token"'],
    [['serve', '--config', '/nowhere.json'], /^Cannot read the configuration file \/nowhere\.json \(--config\): /],
  ])('refuses %j in one line', async (args, line) => {
    const { status, stdout, stderr } = await sluice(args).ended;
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toEqual([typeof line === 'string' ? line : expect.stringMatching(line)]);
  });

  it('refuses a wrong environment in one line', async () => {
    const { status, stderr } = await sluice(['serve'], { SLUICE_PORT: 'http' }).ended;
    expect({ status, stderr }).toEqual({ status: 1, stderr: 'Cannot use SLUICE_PORT=http: it must be a whole number from 0 to 65535\n' });
  });

  it('says in one line that the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { status, stdout, stderr } = await sluice(['serve', '--no-demo', '--port', String(port)]).ended;
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toBe(`Cannot listen on 127.0.0.1:${port}: the port is in use; choose another with --port, or end the program that has it\n`);
    other.close();
  });

  it('says in one line that the machine has no such address', async () => {
    const { status, stderr } = await sluice(['serve', '--no-demo', '--insecure', '--host', '203.0.113.9']).ended;
    expect({ status, stderr }).toEqual({ status: 1, stderr: 'Cannot listen on 203.0.113.9:8080: this machine has no such address; choose another with --host\n' });
  });

  it('says in one line that ffmpeg is missing where it is needed', async () => {
    const { status, stdout, stderr } = await sluice(['serve', '--port', '0', '--no-demo', '--source', 'cam=x.mp4'], { FFMPEG_PATH: '/nowhere/ffmpeg' }).ended;
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^.*ffmpeg.*FFMPEG_PATH.*\n$/);
  });
});

describe('a started relay', () => {
  it('prints where everything is, and serves there', async () => {
    const relay = await started(['--no-demo']);
    expect(relay.printed).toContain(`Dashboard  ${relay.url}/\n`);
    expect(relay.printed).toContain(`Studio     ${relay.url}/publish/cam\n`);
    expect((await fetch(`${relay.url}/api/streams`)).status).toBe(200);
    await stop(relay, 'SIGTERM');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('stops cleanly on %s, with a publisher and a viewer there', async (signal) => {
    const relay = await started(['--no-demo']);
    const file = await makeFile('live.mp4', [...testPicture(1), ...H264_AAC, '-movflags', '+frag_keyframe+empty_moov+default_base_moof']);
    const { request, answer } = openPush(`${relay.url}/publish/cam`);
    request.on('error', () => undefined);
    request.write(readFileSync(file));
    await liveStream(relay.url, 'cam');
    const watching = await fetch(`${relay.url}/watch/cam.mp4`);
    expect((await stop(relay, signal)).status).toBe(0);
    // The viewer's file ends as a file does; the publisher is told why it is cut off.
    expect((await watching.arrayBuffer()).byteLength).toBeGreaterThan(0);
    expect(await answer).toMatchObject({ status: 503, body: expect.stringContaining('"restarting"') });
  });

  it('waits for a viewer that doesn’t read what is queued for it, until a second signal', async () => {
    const relay = await started(['--no-demo']);
    const { init, fragments } = await heavyMedia();
    const publisher = await connectPublisher(relay.url.replace('http', 'ws'), 'cam');
    await send(publisher, init, fragments[0]!);
    const viewer = await TestSocket.speaking(`${relay.url.replace('http', 'ws')}/watch/cam`);
    await viewer.nextMedia();
    viewer.socket.pause();
    await send(publisher, ...fragments.slice(1, 10));
    // The same Ctrl-C may come twice at once: signals within 300 ms are one.
    const again = setInterval(() => relay.process.kill('SIGTERM'), 50);
    const { status, took } = await stop(relay, 'SIGTERM');
    clearInterval(again);
    expect(status).toBe(1);
    expect(took).toBeGreaterThan(300);
    viewer.socket.terminate();
  });

  it('publishes its sources, and ends their ffmpeg with itself', async () => {
    const file = await makeFile('film.mp4', [...testPicture(2), ...H264_AAC]);
    const relay = await started(['--no-demo', '--no-supervise', '--loop-source', `film=${file}`]);
    expect((await liveStream(relay.url, 'film')).mime).toMatch(/^video\/mp4; codecs="avc1/);
    const children = readFileSync(`/proc/${String(relay.process.pid)}/task/${String(relay.process.pid)}/children`, 'utf8').trim().split(' ');
    expect(children).not.toEqual(['']);
    expect((await stop(relay, 'SIGINT')).status).toBe(0);
    for (const child of children) expect(() => process.kill(Number(child), 0)).toThrow('ESRCH');
  });
});

describe('a relay whose ffmpeg hangs', () => {
  /** An ffmpeg that notes its process in `pids`, and then hangs and heeds no request to end: at once, or after it was examined. */
  function hangingFfmpeg(folder: string, hangs: 'while it is examined' | 'after it was examined'): { path: string; pids: () => number[] } {
    const path = join(folder, 'ffmpeg');
    const pids = join(folder, 'pids');
    const examined = 'case "$*" in *ffmetadata*) echo "  Stream #0:0: Video: h264 (High), yuv420p, 640x360, 30 fps" >&2; exit;; esac';
    writeFileSync(path, ['#!/bin/sh', 'trap "" TERM INT', ...(hangs === 'after it was examined' ? [examined] : []), `echo $$ >> ${pids}`, 'while :; do sleep 0.1; done'].join('\n'));
    chmodSync(path, 0o755);
    return { path, pids: () => (existsSync(pids) ? readFileSync(pids, 'utf8').trim().split('\n').map(Number) : []) };
  }

  it.each(['while it is examined', 'after it was examined'] as const)('%s stops in order and in time, and leaves no process behind', async (hangs) => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-hanging-'));
    const { path, pids } = hangingFfmpeg(folder, hangs);
    const relay = await started(['--no-demo', '--source', `cam=${BIN}`], { FFMPEG_PATH: path });
    await eventually('ffmpeg hangs', () => pids().length > 0);
    const { status } = await stop(relay, 'SIGTERM');
    expect(status).toBe(0);
    for (const pid of pids()) expect(isThere(pid)).toBe(false);
    rmSync(folder, { recursive: true });
  });

  it('leaves no process behind either when it is made to end at once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-hanging-'));
    const { path, pids } = hangingFfmpeg(folder, 'while it is examined');
    const script = `
      const { FluentRunner } = require(${JSON.stringify(join(packageRoot(), 'dist', 'server', 'ffmpeg', 'fluent-runner.js'))});
      const input = { address: '/dev/null', label: 'nothing', protocol: undefined };
      new FluentRunner(${JSON.stringify(path)}).probe(input, new AbortController().signal).catch(() => undefined);
      process.stdin.on('data', () => process.exit(1));
    `;
    const program = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'inherit', 'inherit'] });
    await eventually('ffmpeg hangs', () => pids().length > 0);
    program.stdin.write('\n');
    await once(program, 'close');
    const [pid = 0] = pids();
    await eventually('ffmpeg is gone', () => !isThere(pid));
    rmSync(folder, { recursive: true });
  });
});

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
