import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFfmpeg } from '../../scripts/programs.mjs';

/** The ffmpeg of these tests: `FFMPEG_PATH`, the one in PATH, or the packaged one. */
export const FFMPEG = findFfmpeg()?.path ?? 'ffmpeg';

/** A program that has ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs, and how it will have ended. */
export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts a program without input. */
export function start(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Running {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ended = once(child, 'close').then(([status]) => ({ status: status as number | null, ...output }));
  return { process: child, ended };
}

/** Starts ffmpeg, which tells only errors. */
export function startFfmpeg(args: readonly string[]): Running {
  return start(FFMPEG, ['-hide_banner', '-nostdin', '-v', 'error', ...args]);
}

/** Runs ffmpeg to its end. */
export async function ffmpeg(args: readonly string[]): Promise<Ended> {
  return startFfmpeg(args).ended;
}

/** What ffmpeg has to say against a file when it decodes all of it: nothing, if the file is sound. */
export async function complaints(file: string): Promise<string> {
  return (await ffmpeg(['-i', file, '-f', 'null', '-'])).stderr;
}

/** A moving picture of 320×240 at 30 fps, with a tone. `seconds` of them; endless without. */
export function testPicture(seconds?: number): string[] {
  const length = seconds === undefined ? '' : `:duration=${seconds}`;
  return ['-f', 'lavfi', '-i', `testsrc2=size=320x240:rate=30${length}`, '-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000${length}`];
}

/** H.264 with a keyframe every 0.5 s and AAC. */
export const H264_AAC = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '15', '-c:a', 'aac'];

/** What makes ffmpeg write MP4 that can be published. */
export const FRAGMENTED = '+frag_keyframe+empty_moov+default_base_moof';

/** Makes a file by ffmpeg in a folder of its own, and gives its path. */
export async function makeFile(name: string, args: readonly string[]): Promise<string> {
  const path = join(mkdtempSync(join(tmpdir(), 'sluice-test-')), name);
  const { status, stderr } = await ffmpeg([...args, '-y', path]);
  if (status !== 0) throw new Error(`Cannot make ${name}: ${stderr}`);
  return path;
}
