import { spawn } from 'node:child_process';
import { endWithThis } from '../../scripts/at-end.mjs';
import { findFfmpeg } from '../../scripts/programs.mjs';

/**
 * Starts ffmpeg, which ends with this process and tells only errors.
 * @template {import('node:child_process').StdioOptions} Stdio
 * @param {readonly string[]} args
 * @param {Stdio} stdio
 */
export function startFfmpeg(args, stdio) {
  const program = findFfmpeg();
  if (program === undefined) throw new Error('Cannot find ffmpeg: install it, or name it in FFMPEG_PATH');
  const child = spawn(program.path, ['-hide_banner', '-loglevel', 'error', ...args], { stdio });
  endWithThis(child);
  return child;
}
