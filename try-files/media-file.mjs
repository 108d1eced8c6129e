import { statSync } from 'node:fs';
import { readFrames } from './frame-list.mjs';
import { asInput, runFfmpeg } from './run-ffmpeg.mjs';

/** @typedef {import('./frame-list.mjs').Frame} Frame */
/** @typedef {import('./compare-encoded.mjs').Thumbnail} Thumbnail */
/** @typedef {import('./compare-encoded.mjs').Sound} Sound */

/**
 * A track as ffmpeg describes it.
 * @typedef {object} FileTrack
 * @property {number} index
 * @property {'video' | 'audio'} kind
 * @property {string} codec
 * @property {string} words What it is, for people.
 * @property {boolean} isStill A cover picture.
 * @property {boolean} isDefault
 * @property {number} rotation Degrees by which players turn the picture.
 */

/** `  Stream #0:1[0x2](und): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, …` */
const TRACK = /^ *Stream #0:(\d+)(?:\[\w+\])?(?:\([^)]*\))?: (Video|Audio): (\w+)(?: \(([^)/]*)\))?(.*)$/;
const OTHER = /^ *Stream #0:\d+.*?: (Subtitle|Data|Attachment)/;
const STILL = /\((?:attached pic|timed thumbnails|still image)\)/;
const ROTATION = /rotation of (-?[\d.]+) degrees/;
const DURATION = /^ *Duration: (\d+):(\d+):(\d+(?:\.\d+)?)/m;
/** Pixels of a thumbnail. */
export const THUMBNAIL = { width: 32, height: 18 };
/** Samples a second at which sound is compared. */
export const SOUND_RATE = 8_000;
const SAMPLE_BYTES = 2;
/** Files of so many bytes are read whole, whatever their length. */
const SMALL = 8 << 20;
/** Times as the file has them, of every frame. Pictures aren't made alike: they are compared. */
const EXACT = ['-vsync', 'passthrough', '-enc_time_base', '-1', '-autoscale', '0'];
const HASHES = ['-f', 'framehash', '-hash', 'murmur3'];

/** A file that ffmpeg can look into. What it was asked for once, it keeps. */
export class MediaFile {
  #path;
  #epoch;
  #seconds;
  /** @type {Map<string, Promise<unknown>>} */
  #known = new Map();

  /**
   * @param {string} path absolute
   * @param {{ epoch?: number, seconds?: number }} options How much of it counts.
   */
  constructor(path, { epoch = 0, seconds } = {}) {
    this.#path = path;
    this.#epoch = epoch;
    this.#seconds = seconds;
  }

  get path() {
    return this.#path;
  }

  /** @returns {Promise<{ tracks: FileTrack[], others: string[], duration: number | undefined }>} */
  describe() {
    return this.#once('describe', async () => describe((await runFfmpeg(['-i', asInput(this.#path)])).printed));
  }

  /**
   * The packets of a track, as they are in MP4, in the order of the file.
   * @param {FileTrack} track
   * @returns {Promise<Frame[]>}
   */
  packets({ index, codec }) {
    return this.#once(`packets ${index}`, async () => {
      const filter = codec === 'aac' ? ['-bsf:a', 'aac_adtstoasc'] : [];
      return this.#frames(['-map', `0:${index}`, '-c', 'copy', ...filter, ...HASHES, 'pipe:1']);
    });
  }

  /**
   * The pictures of a track, decoded, in display order.
   * @param {FileTrack} track
   * @returns {Promise<Frame[]>}
   */
  pictures({ index }) {
    return this.#once(`pictures ${index}`, () => this.#frames(['-map', `0:${index}`, ...EXACT, ...HASHES, 'pipe:1']));
  }

  /**
   * The pictures of a track, turned as they are shown, small and grey.
   * @param {FileTrack} track
   * @returns {Promise<Thumbnail[]>}
   */
  thumbnails({ index }) {
    return this.#once(`thumbnails ${index}`, async () => {
      const picture = ['-map', `0:${index}`, ...EXACT, '-vf', `scale=${THUMBNAIL.width}:${THUMBNAIL.height}:flags=area,format=yuv420p,extractplanes=y`];
      const [text, pixels] = await this.#two([...picture, ...HASHES, 'pipe:1'], [...picture, '-f', 'rawvideo', 'pipe:3']);
      const size = THUMBNAIL.width * THUMBNAIL.height;
      return readFrames(String(text), this.#epoch).map(({ time, epoch }, at) => ({ time, epoch, pixels: pixels.subarray(at * size, (at + 1) * size) }));
    });
  }

  /**
   * The sound of a track: mono, each piece with its time.
   * @param {FileTrack} track
   * @returns {Promise<Sound>}
   */
  sound({ index }) {
    return this.#once(`sound ${index}`, async () => {
      const mono = ['-map', `0:${index}`, '-af', `aresample=${SOUND_RATE},aformat=sample_fmts=s16:channel_layouts=mono`];
      const [text, bytes] = await this.#two([...mono, ...HASHES, 'pipe:1'], [...mono, '-f', 's16le', 'pipe:3']);
      const sizes = [...String(text).matchAll(/^0, *-?\d+, *(-?\d+), *-?\d+, *(\d+),/gm)];
      let at = 0;
      return sizes.map(([, ticks, size]) => {
        const piece = { time: Number(ticks) / SOUND_RATE, epoch: this.#epoch, samples: new Int16Array(Number(size) / SAMPLE_BYTES) };
        for (let sample = 0; sample < piece.samples.length; sample++, at += SAMPLE_BYTES) piece.samples[sample] = at + 1 < bytes.length ? bytes.readInt16LE(at) : 0;
        return piece;
      });
    });
  }

  /** @param {readonly string[]} output */
  async #frames(output) {
    const { outputs } = await runFfmpeg([...(await this.#input(['-noautorotate'])), ...output]);
    return readFrames(String(outputs[0]), this.#epoch);
  }

  /**
   * @param {readonly string[]} one
   * @param {readonly string[]} other
   * @returns {Promise<[Buffer, Buffer]>}
   */
  async #two(one, other) {
    const { outputs } = await runFfmpeg([...(await this.#input([])), ...one, ...other]);
    return [outputs[0] ?? Buffer.alloc(0), outputs[1] ?? Buffer.alloc(0)];
  }

  /** @param {readonly string[]} options */
  async #input(options) {
    // Of raw streams, and where times jump, ffmpeg takes `-t` for less than that.
    const isLong = this.#seconds !== undefined && statSync(this.#path).size > SMALL && ((await this.describe()).duration ?? 0) > this.#seconds;
    // Several threads conceal damage otherwise each time.
    return ['-v', 'quiet', '-threads', '1', '-copyts', ...options, ...(isLong ? ['-t', String(this.#seconds)] : []), '-i', asInput(this.#path)];
  }

  /**
   * @template Value
   * @param {string} key
   * @param {() => Promise<Value>} make
   * @returns {Promise<Value>}
   */
  #once(key, make) {
    const made = /** @type {Promise<Value> | undefined} */ (this.#known.get(key)) ?? make();
    this.#known.set(key, made);
    return made;
  }
}

/**
 * Reads what ffmpeg prints of an input.
 * @param {string} printed
 */
export function describe(printed) {
  /** @type {Map<number, FileTrack>} */
  const tracks = new Map();
  /** @type {string[]} */
  const others = [];
  /** @type {FileTrack | undefined} */
  let last;
  for (const line of printed.split('\n')) {
    const track = readTrack(line);
    if (track !== undefined && !tracks.has(track.index)) tracks.set(track.index, (last = track));
    const [, other] = OTHER.exec(line) ?? [];
    if (other !== undefined) others.push(other.toLowerCase());
    const [, rotation] = ROTATION.exec(line) ?? [];
    if (rotation !== undefined && last !== undefined) last.rotation = Number(rotation);
  }
  const [, hours, minutes, seconds] = DURATION.exec(printed) ?? [];
  const duration = seconds === undefined ? undefined : Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
  return { tracks: [...tracks.values()], others, duration };
}

/**
 * @param {string} line
 * @returns {FileTrack | undefined}
 */
function readTrack(line) {
  const [, index, kind, codec, profile, rest = ''] = TRACK.exec(line) ?? [];
  if (index === undefined || codec === undefined) return undefined;
  const [size = ''] = /\d{2,}x\d+/.exec(rest) ?? [];
  const [pixels = ''] = /yuva?j?\d+p\d*(?:le|be)?|gbra?p\d*(?:le|be)?|pal8|gray\w*/.exec(rest) ?? [];
  const [rate = ''] = /\d+ Hz/.exec(rest) ?? [];
  const words = [profile === undefined ? codec : `${codec} ${profile}`, pixels, size, rate].filter((word) => word !== '').join(' ');
  return { index: Number(index), kind: kind === 'Video' ? 'video' : 'audio', codec, words, isStill: STILL.test(rest), isDefault: / \(default\)/.test(rest), rotation: 0 };
}
