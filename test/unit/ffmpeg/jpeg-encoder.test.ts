import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { jpegEncoder } from '../../../src/ffmpeg/jpeg-encoder';

const KEYFRAME = { container: 'mp4', init: Buffer.alloc(8), chunk: Buffer.alloc(8) } as const;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-jpeg-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** What does as ffmpeg: a shell script. */
function program(script: string): string {
  const path = join(folder, 'ffmpeg');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('the process that makes a picture', () => {
  it('gives way to the relay, which delivers meanwhile', async () => {
    const made = await jpegEncoder(program('cat > /dev/null; nice'))(KEYFRAME, new AbortController().signal);
    expect(Number(made.toString())).toBeGreaterThan(getPriority());
  });

  it('is told of like any failure when it can’t be run', async () => {
    await expect(jpegEncoder(join(folder, 'absent'))(KEYFRAME, new AbortController().signal)).rejects.toThrow('ENOENT');
  });
});
