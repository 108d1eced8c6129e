import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FfmpegJob } from '../../../src/ffmpeg/ffmpeg-job';
import { FluentRunner } from '../../../src/ffmpeg/fluent-runner';

const JOB: FfmpegJob = { input: 'x', before: [], after: ['-f', 'mp4'] };

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-runner-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Runs what does as ffmpeg, a shell script, and gives how it ended and what it gave. */
async function run(script: string, job: Partial<FfmpegJob> = {}): Promise<{ exit: object; output: string; printed: string[] }> {
  const path = join(folder, 'ffmpeg');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  let output = '';
  const printed: string[] = [];
  const running = new FluentRunner(path).run({ ...JOB, ...job }, (bytes) => void (output += Buffer.from(bytes).toString()), (line) => void printed.push(line));
  return { exit: await running.ended, output, printed };
}

const ENDLESS = 'trap "" TERM; while :; do sleep 0.05; done';

describe('an ffmpeg that runs', () => {
  it('is killed when its time is over, which its end says', async () => {
    const { exit } = await run(ENDLESS, { timeLimit: 50 });
    expect(exit).toMatchObject({ clean: false, late: true });
  });

  it('is killed at once when its signal says so', async () => {
    const stopping = new AbortController();
    setImmediate(() => stopping.abort());
    const { exit } = await run(ENDLESS, { signal: stopping.signal });
    expect(exit).toMatchObject({ clean: false });
    expect(exit).not.toHaveProperty('late');
  });

  it('does not begin where its signal has said so before', async () => {
    const { exit } = await run(ENDLESS, { signal: AbortSignal.abort() });
    expect(exit).toMatchObject({ clean: false });
  });

  it('can print a line without an end, of which 64 KiB are kept, and of the next one as much', async () => {
    const { printed } = await run('head -c 300000 /dev/zero | tr "\\0" x >&2; echo >&2; echo after >&2; head -c 70000 /dev/zero | tr "\\0" y >&2');
    expect(printed.map((line) => [line[0], line.length])).toEqual([['x', 65_536], ['a', 5], ['y', 65_536]]);
  });

  it('is given this environment, unless its input is what strangers have sent', async () => {
    const script = 'echo "${HOME:-none}"';
    const outputs = [(await run(script)).output, (await run(script, { untrusted: true })).output];
    expect(outputs).toEqual([`${process.env['HOME'] ?? 'none'}\n`, 'none\n']);
  });
});
