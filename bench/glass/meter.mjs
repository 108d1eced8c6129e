import { ageOf, BARS, WIDTH } from './clock.mjs';

/** From the beginning of a frame of the page to when it is on the display, as the browser tells it of videos, ms. */
const TO_DISPLAY = 1000 / 60;

/**
 * A frame that was seen.
 * @typedef {object} Sight
 * @property {number} at When it was presented, ms of the clock on the wall.
 * @property {number} age How long before it was captured, ms.
 */

/**
 * What was seen of a player.
 * @typedef {object} Seen
 * @property {Sight[]} sights
 * @property {number} unreadable Frames whose time couldn't be read.
 * @property {number} stalls How often the player had nothing left to play.
 */

/** Runs in a page: reads the clock from frames, when they are presented. */
export class GlassMeter {
  #context = contextOf();
  /** @type {Sight[]} */
  #sights = [];
  #captured = NaN;
  #unreadable = 0;
  #stalls = 0;
  #drawn = false;

  /** How many frames were read since the beginning. */
  get count() {
    return this.#sights.length;
  }

  /**
   * Looks at each frame that a video presents, from now on.
   * @param {HTMLVideoElement} video
   */
  watch(video) {
    video.addEventListener('waiting', () => this.#stalls++);
    const look = (/** @type {number} */ _now, /** @type {VideoFrameCallbackMetadata} */ { expectedDisplayTime }) => {
      this.#read(video, expectedDisplayTime);
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  }

  /**
   * Looks at a canvas on which something was drawn: at what is there once for each frame of the page.
   * @param {HTMLCanvasElement} canvas
   * @param {{ inFrame: boolean }} when Whether it was drawn while a frame was made, and so is presented with it; else it is with the next.
   */
  drawn(canvas, { inFrame }) {
    if (this.#drawn) return;
    this.#drawn = true;
    const look = () => {
      this.#drawn = false;
      this.#read(canvas, Number(document.timeline.currentTime) + TO_DISPLAY);
    };
    if (inFrame) queueMicrotask(look);
    else requestAnimationFrame(look);
  }

  /**
   * Reads a frame. The same one again doesn't count.
   * @param {HTMLVideoElement | HTMLCanvasElement} source
   * @param {number} presented By the page's monotonic clock, ms.
   */
  #read(source, presented) {
    this.#context.drawImage(source, 0, BARS / 2, WIDTH, 1, 0, 0, WIDTH, 1);
    const { data } = this.#context.getImageData(0, 0, WIDTH, 1);
    const at = Date.now() + presented - performance.now();
    const age = ageOf(data, { now: at, stride: 4 });
    if (age === undefined) {
      this.#unreadable++;
      return;
    }
    const captured = Math.round(at - age);
    if (captured === this.#captured) return;
    this.#captured = captured;
    this.#sights.push({ at, age });
  }

  /** Forgets what was seen so far. */
  begin() {
    this.#sights = [];
    this.#unreadable = 0;
    this.#stalls = 0;
  }

  /** @returns {Seen} */
  end() {
    return { sights: this.#sights, unreadable: this.#unreadable, stalls: this.#stalls };
  }
}

function contextOf() {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('Cannot read pictures: this browser has no canvas');
  return context;
}
