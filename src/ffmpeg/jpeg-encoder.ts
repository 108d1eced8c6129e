import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { on, once } from '../base/guard';
import type { Container } from '../media/chunk';
import { killAtExit } from './kill-at-exit';

/** How long one picture may take, ms. */
const TIME_LIMIT = 5_000;
/** Largest picture, bytes. */
const MAX_JPEG = 512 << 10;
/** How wide and high a picture is at most, and the largest that is decoded for one, in pixels: 8K. */
const SIDE = 640;
const MAX_PIXELS = 7680 * 4320;
/** What of ffmpeg's complaint is kept for the log. */
const KEPT_TEXT = 500;

/** A keyframe, with what a decoder needs to begin with it. */
export interface Keyframe {
  readonly container: Container;
  readonly init: Uint8Array;
  readonly chunk: Uint8Array;
}

/** Makes a JPEG of a keyframe. @throws if it can't, or `signal` says to stop; nothing runs on then. */
export type EncodeJpeg = (keyframe: Keyframe, signal: AbortSignal) => Promise<Buffer>;

/**
 * Encodes by the ffmpeg at that path: bytes in, bytes out. The media is whatever a publisher sent, so that ffmpeg may
 * open nothing but its input, as the one format that the relay has found it to be, and has little time and one thread.
 */
export function jpegEncoder(ffmpeg: string): EncodeJpeg {
  return (keyframe, signal) =>
    new Promise((resolve, reject) => {
      const child = spawn(ffmpeg, ffmpegArguments(keyframe.container), { stdio: 'pipe', env: {}, signal, timeout: TIME_LIMIT, killSignal: 'SIGKILL' });
      const parts: Buffer[] = [];
      let size = 0;
      let complaint = '';
      on(child, 'error', reject);
      // It couldn't be begun, as that error says in a moment. Without descriptors it doesn't even have streams.
      if (child.pid === undefined) return;
      killAtExit(child);
      giveWay(child.pid);
      on(child.stdout, 'data', (part: Buffer) => {
        size += part.length;
        if (size > MAX_JPEG) child.kill('SIGKILL');
        else parts.push(part);
      });
      on(child.stderr.setEncoding('utf8'), 'data', (text: string) => (complaint = (complaint + text).slice(0, KEPT_TEXT)));
      // It has what it needs before it has read all.
      on(child.stdin, 'error', () => undefined);
      once(child, 'close', (code: number | null) => {
        if (code === 0 && size > 0 && size <= MAX_JPEG) resolve(Buffer.concat(parts));
        else reject(new Error(`ffmpeg gave no picture (${code ?? 'killed'}): ${complaint}`));
      }, { failed: reject });
      child.stdin.write(keyframe.init);
      child.stdin.end(keyframe.chunk);
    });
}

/** Anybody who may watch can have pictures made: what is delivered meanwhile comes first. */
function giveWay(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It is gone already, or the system doesn't permit it.
  }
}

function ffmpegArguments(container: Container): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-v', 'error', '-threads', '1', '-protocol_whitelist', 'pipe', '-max_pixels', String(MAX_PIXELS)],
    ...['-f', container === 'webm' ? 'matroska' : 'mp4', '-i', 'pipe:0'],
    ...['-an', '-frames:v', '1', '-vf', `scale=w=min(${SIDE}\\,iw):h=min(${SIDE}\\,ih):force_original_aspect_ratio=decrease`, '-pix_fmt', 'yuvj420p'],
    ...['-f', 'mjpeg', '-q:v', '5', 'pipe:1'],
  ];
}
