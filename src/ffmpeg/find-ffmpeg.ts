import { accessSync, chmodSync, constants, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join, resolve } from 'node:path';
import { StartError } from '../base/start-error';

/** The program that reads inputs. */
export interface Ffmpeg {
  readonly path: string;
  /** Whether it is the build of 2018 that npm brings along in a clone: it serves for files, less for cameras. */
  readonly packaged: boolean;
}

/**
 * Finds ffmpeg: `FFMPEG_PATH`, else `PATH`, else the package `@ffmpeg-installer/ffmpeg`, which may be absent.
 * @param packaged gives the path of the packaged one, if it is there.
 * @throws StartError if there is none.
 */
export function findFfmpeg(env: NodeJS.ProcessEnv, packaged: () => string | undefined = packagedFfmpeg): Ffmpeg {
  const named = env['FFMPEG_PATH'];
  if (named !== undefined && named !== '') {
    if (isProgram(named)) return { path: resolve(named), packaged: false };
    throw new StartError(`Cannot run ffmpeg: FFMPEG_PATH is "${named}", and there is no program; correct it, or unset it to have ffmpeg searched for`);
  }
  const installed = onPath(env['PATH'] ?? '');
  if (installed !== undefined) return { path: installed, packaged: false };
  const path = packaged();
  if (path !== undefined) return { path, packaged: true };
  throw new StartError('Cannot find ffmpeg: install it, or set FFMPEG_PATH to it');
}

function onPath(folders: string): string | undefined {
  const name = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg';
  const candidates = folders.split(delimiter).filter((folder) => folder !== '').map((folder) => join(folder, name));
  return candidates.find(isProgram);
}

/** npm doesn't run the package's install script, so that its program may lack the right to be run. */
function packagedFfmpeg(): string | undefined {
  try {
    const { path } = createRequire(__filename)('@ffmpeg-installer/ffmpeg') as { path: string };
    if (!isProgram(path)) chmodSync(path, statSync(path).mode | constants.S_IXUSR);
    return path;
  } catch {
    // Not installed, not for this system, or not ours to make runnable.
    return undefined;
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
