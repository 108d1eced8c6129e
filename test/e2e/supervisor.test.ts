import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/base/package';
import { eventually } from '../support/eventually';
import { readExposition } from '../support/exposition';
import { SluiceCommand } from '../support/sluice-command';

const FAIL_AT_SIGNAL = join(packageRoot(), 'test', 'support', 'fail-at-signal.cjs');

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-supervisor-'));
});

afterEach(async () => {
  await SluiceCommand.killAll();
  rmSync(folder, { recursive: true });
});

/** A relay with its supervisor: as `sluice serve` starts it. */
class Supervised {
  readonly command: SluiceCommand;

  constructor({ flags = [], env = {}, detached = false }: { flags?: readonly string[]; env?: NodeJS.ProcessEnv; detached?: boolean } = {}) {
    this.command = SluiceCommand.start(['serve', '--port', '0', '--no-demo', ...flags], { env: { NODE_OPTIONS: `--require ${FAIL_AT_SIGNAL}`, ...env }, detached });
  }

  /** Where the relay listens that was the `count`th to start. */
  async url(count = 1): Promise<string> {
    return eventually(`relay ${count} listens; so far: ${this.command.stdout}${this.command.stderr}`, () => [...this.command.stdout.matchAll(/Dashboard +(http\S+)\//g)][count - 1]?.[1]);
  }

  get pid(): number {
    return this.command.process.pid!;
  }

  /** The process of the relay that runs now. */
  get relay(): number {
    return children(this.pid)[0]!;
  }

  get log(): Record<string, unknown>[] {
    return this.command.stderr.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  logged(message: string): Promise<Record<string, unknown>> {
    return eventually(`"${message}" is logged; so far: ${this.command.stderr}`, () => this.log.find(({ msg }) => msg === message));
  }
}

function children(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter((text) => text !== '').map(Number);
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function gone(pid: number): Promise<true> {
  return eventually(`process ${pid} is gone`, () => !isThere(pid));
}

/** An ffmpeg that finds a picture in its input, and then gives nothing and heeds no request to end. */
function hangingFfmpeg(): { path: string; pid: () => Promise<number> } {
  const path = join(folder, 'ffmpeg');
  const pids = join(folder, 'pids');
  const examined = 'case "$*" in *ffmetadata*) echo "  Stream #0:0: Video: h264 (High), yuv420p, 640x360, 30 fps" >&2; exit;; esac';
  const listing = 'case "$*" in *-encoders*) exit;; esac';
  writeFileSync(path, ['#!/bin/sh', 'trap "" TERM INT', listing, examined, `echo $$ > ${pids}`, 'while :; do sleep 0.1; done'].join('\n'));
  chmodSync(path, 0o755);
  return { path, pid: () => eventually('ffmpeg runs', () => existsSync(pids) && Number(readFileSync(pids, 'utf8'))) };
}

const ENDED = 'The relay has ended unexpectedly, and is started again';

describe('a relay with a supervisor', () => {
  it('that is killed is there again, and the log says so', async () => {
    const supervised = new Supervised();
    await supervised.url();
    const killed = supervised.relay;
    process.kill(killed, 'SIGKILL');
    const again = await supervised.url(2);
    expect((await fetch(`${again}/health/ready`)).status).toBe(200);
    expect(supervised.relay).not.toBe(killed);
    expect(await supervised.logged(ENDED)).toMatchObject({ level: 50, code: null, signal: 'SIGKILL' });
    expect(await supervised.logged('The relay was started again')).toMatchObject({ pid: supervised.relay });
  });

  it('that throws where nobody catches writes its log, exits with 70, and is started again', async () => {
    const supervised = new Supervised();
    await supervised.url();
    process.kill(supervised.relay, 'SIGUSR2');
    await supervised.url(2);
    expect(await supervised.logged('The relay ends: it was left in an unknown state by an exception that nobody caught')).toMatchObject({
      err: { message: 'thrown by the test', stack: expect.stringContaining('fail-at-signal.cjs') as string },
    });
    expect(await supervised.logged(ENDED)).toMatchObject({ code: 70, signal: null });
  });

  it('outlives a promise that is rejected and nobody awaits: it is logged and counted', async () => {
    const supervised = new Supervised();
    const url = await supervised.url();
    process.kill(supervised.relay, 'SIGCONT');
    expect(await supervised.logged('Internal error')).toMatchObject({ level: 50, where: 'a promise that nobody awaits', err: { message: 'rejected by the test' } });
    const metrics = readExposition(await (await fetch(`${url}/metrics`)).text());
    expect(metrics.get('sluice_internal_errors_total')?.series[0]?.value).toBe(1);
  });

  it('that ends again and again is started ever later', async () => {
    const supervised = new Supervised();
    for (let count = 1; count <= 3; count++) {
      await supervised.url(count);
      process.kill(supervised.relay, 'SIGKILL');
      await eventually('its end is logged', () => supervised.log.filter(({ msg }) => msg === ENDED).length === count);
    }
    const waits = supervised.log.filter(({ msg }) => msg === ENDED).map(({ retrySeconds }) => retrySeconds as number);
    for (const [at, longest] of [0.5, 1, 2].entries()) {
      expect(waits[at]).toBeGreaterThanOrEqual(longest / 2 - 0.05);
      expect(waits[at]).toBeLessThanOrEqual(longest);
    }
    // While it is waited for, there is nothing to stop.
    supervised.command.process.kill('SIGTERM');
    expect(await supervised.command.ended).toMatchObject({ status: 0 });
  });

  it('stops once, in order, at a Ctrl-C, which the terminal sends to all of its processes', async () => {
    const supervised = new Supervised({ detached: true });
    await supervised.url();
    const { relay } = supervised;
    process.kill(-supervised.pid, 'SIGINT');
    expect(await supervised.command.ended).toMatchObject({ status: 0, stderr: '' });
    expect(isThere(relay)).toBe(false);
  });

  it('stops when its supervisor is killed, with the ffmpeg of its sources', async () => {
    const ffmpeg = hangingFfmpeg();
    const supervised = new Supervised({ flags: ['--source', `cam=${FAIL_AT_SIGNAL}`], env: { FFMPEG_PATH: ffmpeg.path } });
    await supervised.url();
    const { relay } = supervised;
    const source = await ffmpeg.pid();
    supervised.command.process.kill('SIGKILL');
    await gone(relay);
    await gone(source);
  });

  it('that is killed leaves no ffmpeg behind, which would keep its camera from the next', async () => {
    const ffmpeg = hangingFfmpeg();
    const supervised = new Supervised({ flags: ['--source', `cam=${FAIL_AT_SIGNAL}`], env: { FFMPEG_PATH: ffmpeg.path } });
    await supervised.url();
    const source = await ffmpeg.pid();
    process.kill(supervised.relay, 'SIGKILL');
    await gone(source);
    await supervised.url(2);
  });

  it('ends as it always did at SIGHUP, where there is no certificate to read again', async () => {
    const supervised = new Supervised();
    await supervised.url();
    const { relay } = supervised;
    supervised.command.process.kill('SIGHUP');
    await gone(relay);
    expect(supervised.command.process.signalCode).toBe('SIGHUP');
  });
});

describe('a relay with --no-supervise', () => {
  it('is the process that was started, and ends with it', async () => {
    const supervised = new Supervised({ flags: ['--no-supervise'] });
    await supervised.url();
    expect(children(supervised.pid)).toEqual([]);
    supervised.command.process.kill('SIGKILL');
    expect(await supervised.command.ended).toMatchObject({ status: null });
  });
});
