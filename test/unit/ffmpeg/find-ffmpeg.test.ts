import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findFfmpeg } from '../../../src/ffmpeg/find-ffmpeg';

const none = (): undefined => undefined;

/** A folder of its own. */
function folder(): string {
  return mkdtempSync(join(tmpdir(), 'sluice-find-'));
}

/** A program called ffmpeg in a folder of its own. */
function program(mode = 0o755): { path: string; folder: string } {
  const where = folder();
  const path = join(where, 'ffmpeg');
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, mode);
  return { path, folder: where };
}

describe('findFfmpeg', () => {
  it('takes what FFMPEG_PATH names before all else', () => {
    const named = program();
    expect(findFfmpeg({ FFMPEG_PATH: named.path, PATH: program().folder })).toEqual({ path: named.path, packaged: false });
  });

  it('refuses a FFMPEG_PATH without a program, in one line that says what to do', () => {
    const message = 'Cannot run ffmpeg: FFMPEG_PATH is "/nowhere/ffmpeg", and there is no program; correct it, or unset it to have ffmpeg searched for';
    expect(() => findFfmpeg({ FFMPEG_PATH: '/nowhere/ffmpeg', PATH: program().folder })).toThrow(message);
    expect(() => findFfmpeg({ FFMPEG_PATH: folder() })).toThrow('there is no program');
  });

  it('takes the first in PATH that is a program, and no folder of that name', () => {
    const misleading = folder();
    mkdirSync(join(misleading, 'ffmpeg'));
    const first = program();
    const PATH = ['/nowhere', '', misleading, first.folder, program().folder].join(delimiter);
    expect(findFfmpeg({ PATH }, none)).toEqual({ path: first.path, packaged: false });
    expect(findFfmpeg({ FFMPEG_PATH: '', PATH }, none)).toEqual({ path: first.path, packaged: false });
  });

  it('falls back on the packaged one', () => {
    expect(findFfmpeg({ PATH: folder() }, () => '/packaged/ffmpeg')).toEqual({ path: '/packaged/ffmpeg', packaged: true });
  });

  it('says in one line what to do where there is none', () => {
    const message = 'Cannot find ffmpeg: install it, or set FFMPEG_PATH to it';
    expect(() => findFfmpeg({ PATH: folder() }, none)).toThrow(message);
    expect(() => findFfmpeg({}, none)).toThrow(message);
  });
});
