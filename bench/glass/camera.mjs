import { once } from 'node:events';
import { startFfmpeg } from '../clients/ffmpeg.mjs';
import { BARS, barsOf, HEIGHT, WIDTH } from './clock.mjs';

export const FRAME_RATE = 30;
const SAMPLE_RATE = 48_000;
/** How often sound is given, ms. */
const SOUND_PACE = 10;
/** Pictures of the background, one after the other: it moves, so that there is something to encode. */
const BACKGROUNDS = 60;
const TONE = 440;
const STOP_LIMIT = 3_000;

const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', String(FRAME_RATE), '-b:v', '1M'];
const AAC = ['-c:a', 'aac', '-b:a', '96k'];
/** ffmpeg holds pictures until it has the sound beside them, and AAC gives that later. */
const OPUS = ['-c:a', 'libopus', '-b:a', '64k', '-application', 'lowdelay', '-frame_duration', '10'];
/** What ffmpeg is told besides the output of whoever is measured. */
export const CODECS = { h264: H264, h264WithAac: [...H264, ...AAC], h264WithOpus: [...H264, ...OPUS] };

/** A camera whose picture tells the time, and a microphone, encoded and sent by ffmpeg. */
export class GlassCamera {
  #ffmpeg;
  #timer;
  #frames = 0;
  #errors = '';

  /**
   * @param {{ sound: boolean, output: readonly string[] }} options The `output` of ffmpeg's command line, codecs and all.
   */
  constructor({ sound, output }) {
    const picture = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-video_size', `${WIDTH}x${HEIGHT}`, '-framerate', String(FRAME_RATE), '-i', 'pipe:0'];
    const voice = ['-thread_queue_size', '64', '-f', 's16le', '-ar', String(SAMPLE_RATE), '-ac', '1', '-i', 'pipe:3'];
    const ffmpeg = startFfmpeg([...picture, ...(sound ? voice : []), ...output], ['pipe', 'ignore', 'pipe', 'pipe']);
    this.#ffmpeg = ffmpeg;
    ffmpeg.stderr?.on('data', (bytes) => (this.#errors += String(bytes)));
    const [pictures, , , sounds] = /** @type {import('node:stream').Writable[]} */ (ffmpeg.stdio);
    for (const pipe of [pictures, sounds]) pipe?.on('error', () => undefined);
    const backgrounds = Array.from({ length: BACKGROUNDS }, (_, index) => backgroundOf(index));
    const began = performance.now();
    let samples = 0;
    const give = () => {
      const elapsed = performance.now() - began;
      const due = Math.floor((elapsed / 1000) * SAMPLE_RATE);
      if (sound && due > samples) sounds?.write(toneOf(samples, due));
      samples = due;
      for (; this.#frames <= (elapsed / 1000) * FRAME_RATE; this.#frames++) {
        const frame = Buffer.from(/** @type {Buffer} */ (backgrounds[this.#frames % BACKGROUNDS]));
        const row = barsOf(Date.now());
        for (let y = 0; y < BARS; y++) frame.set(row, y * WIDTH);
        pictures?.write(frame);
      }
      const next = Math.min((this.#frames * 1000) / FRAME_RATE, elapsed + SOUND_PACE);
      this.#timer = setTimeout(give, Math.max(1, began + next - performance.now()));
    };
    this.#timer = setTimeout(give, 0);
  }

  /** How many frames it has given so far. */
  get frames() {
    return this.#frames;
  }

  /** Throws if ffmpeg has gone. */
  check() {
    if (this.#ffmpeg.exitCode !== null) throw new Error(`ffmpeg ended with status ${this.#ffmpeg.exitCode}: ${this.#errors.trim()}`);
  }

  async stop() {
    clearTimeout(this.#timer);
    if (this.#ffmpeg.exitCode !== null || this.#ffmpeg.signalCode !== null) return;
    const ended = once(this.#ffmpeg, 'exit');
    for (const pipe of [this.#ffmpeg.stdio[0], this.#ffmpeg.stdio[3]]) /** @type {import('node:stream').Writable} */ (pipe).end();
    const timer = setTimeout(() => this.#ffmpeg.kill('SIGKILL'), STOP_LIMIT);
    await ended;
    clearTimeout(timer);
  }
}

/**
 * A slope of greys with a grain, which wanders to the right.
 * @param {number} index
 */
function backgroundOf(index) {
  const frame = Buffer.alloc((WIDTH * HEIGHT * 3) / 2, 128);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const moved = (x + index * 8) % WIDTH;
      frame[y * WIDTH + x] = 40 + ((moved * 160) / WIDTH) + ((moved * 7 + y * 13) % 23);
    }
  }
  return frame;
}

/**
 * Samples `from` to `to` of a tone.
 * @param {number} from
 * @param {number} to
 */
function toneOf(from, to) {
  const samples = Int16Array.from({ length: to - from }, (_, index) => 6000 * Math.sin(((from + index) * TONE * 2 * Math.PI) / SAMPLE_RATE));
  return Buffer.from(samples.buffer);
}
