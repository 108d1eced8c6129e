import { BARS, barsOf, HEIGHT, WIDTH } from './clock.mjs';

const FRAME_RATE = 30;
/** Bits a second of the picture, as the camera of ffmpeg has it, and of the sound. */
export const BITRATE = 1_000_000;
export const SOUND_BITRATE = 64_000;
/** Pictures of the background, one after the other: it moves, so that there is something to encode. */
const BACKGROUNDS = 60;

/** Runs in a page: a canvas that tells the time and the browser's fake microphone, published by Sluice's own publisher. */
export class GlassPublisher {
  #canvas = document.createElement('canvas');
  #frames = 0;
  /** @type {any} */
  #publisher;
  /** @type {string[]} */
  #errors = [];

  /** @param {{ url: string, encoder: string, sound: boolean }} options */
  async start({ url, encoder, sound }) {
    const { SluicePublisher } = await import(/** @type {string} */ ('/player/sluice-publisher.js'));
    this.#draw();
    const stream = this.#canvas.captureStream();
    // Not a tone of Web Audio, in which gaps were seen where there is no sound card.
    if (sound) for (const track of (await navigator.mediaDevices.getUserMedia({ audio: true })).getTracks()) stream.addTrack(track);
    const publisher = new SluicePublisher({ url, stream, encoder, video: { bitrate: BITRATE, frameRate: FRAME_RATE, codec: 'auto' }, audio: { bitrate: SOUND_BITRATE } });
    publisher.addEventListener('error', (/** @type {CustomEvent} */ { detail }) => this.#errors.push(detail.message));
    this.#publisher = publisher;
    await publisher.start();
  }

  /** How many frames it has given so far, what is wrong, and the publisher's figures. */
  look() {
    return { frames: this.#frames, errors: this.#errors, state: this.#publisher?.state, stats: this.#publisher?.stats };
  }

  async stop() {
    await this.#publisher?.stop();
  }

  #draw() {
    this.#canvas.width = WIDTH;
    this.#canvas.height = HEIGHT;
    document.body.append(this.#canvas);
    const context = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext('2d'));
    const backgrounds = Array.from({ length: BACKGROUNDS }, (_, index) => backgroundOf(index));
    const began = performance.now();
    const draw = () => {
      context.putImageData(/** @type {ImageData} */ (backgrounds[this.#frames % BACKGROUNDS]), 0, 0);
      context.putImageData(clockOf(Date.now()), 0, 0);
      this.#frames++;
      const due = began + (this.#frames * 1000) / FRAME_RATE;
      setTimeout(draw, Math.max(0, due - performance.now()));
    };
    draw();
  }
}

/**
 * The bars of a time, as pixels.
 * @param {number} time
 */
function clockOf(time) {
  const bars = barsOf(time);
  return imageOf(WIDTH, BARS, (x) => (/** @type {number} */ (bars[x]) > 128 ? 255 : 0));
}

/**
 * A slope of greys with a grain, which wanders to the right.
 * @param {number} index
 */
function backgroundOf(index) {
  return imageOf(WIDTH, HEIGHT, (x, y) => {
    const moved = (x + index * 8) % WIDTH;
    return 40 + (moved * 160) / WIDTH + ((moved * 7 + y * 13) % 23);
  });
}

/**
 * @param {number} width
 * @param {number} height
 * @param {(x: number, y: number) => number} greyOf
 */
function imageOf(width, height, greyOf) {
  const image = new ImageData(width, height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) image.data.set([greyOf(x, y), greyOf(x, y), greyOf(x, y), 255], at);
  }
  return image;
}
