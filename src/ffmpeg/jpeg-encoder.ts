import { Readable } from 'node:stream';
import type { Container } from '../media/chunk';
import type { FfmpegJob } from './ffmpeg-job';
import { FluentRunner } from './fluent-runner';

/** How long one picture may take, ms. */
const TIME_LIMIT = 5_000;
/** Largest picture, bytes. */
const MAX_JPEG = 512 << 10;
/** How wide and high a picture is at most, and the largest that is decoded for one, in pixels: 8K. */
const SIDE = 640;
const MAX_PIXELS = 7680 * 4320;
/** What of ffmpeg's complaint is kept for the log, characters. */
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
  const runner = new FluentRunner(ffmpeg);
  return async (keyframe, signal) => {
    const parts: Uint8Array[] = [];
    let size = 0;
    const running = runner.run(pictureJob(keyframe, signal), (part) => {
      size += part.length;
      if (size > MAX_JPEG) running.stop('at-once');
      else parts.push(part);
    });
    const { clean, lines, failure, late } = await running.ended;
    if (failure !== undefined) throw failure;
    if (clean && size > 0 && size <= MAX_JPEG) return Buffer.concat(parts);
    throw new Error(`ffmpeg gave no picture${late === true ? ` within ${TIME_LIMIT / 1000} s` : ''}: ${lines.join('\n').slice(0, KEPT_TEXT)}`);
  };
}

function pictureJob({ container, init, chunk }: Keyframe, signal: AbortSignal): FfmpegJob {
  return {
    input: Readable.from([init, chunk]),
    before: [
      ...['-hide_banner', '-nostdin', '-v', 'error', '-threads', '1', '-protocol_whitelist', 'pipe', '-max_pixels', String(MAX_PIXELS)],
      ...['-f', container === 'webm' ? 'matroska' : 'mp4'],
    ],
    after: [
      ...['-an', '-frames:v', '1', '-vf', `scale=w=min(${SIDE}\\,iw):h=min(${SIDE}\\,ih):force_original_aspect_ratio=decrease`, '-pix_fmt', 'yuvj420p'],
      ...['-f', 'mjpeg', '-q:v', '5'],
    ],
    timeLimit: TIME_LIMIT,
    signal,
    untrusted: true,
  };
}
