import { newGlassPage, openGlassPage } from './open-page.mjs';

/** How long the publisher may take to be live, ms. */
const START_LIMIT = 20_000;

/** A camera that is a page of the browser, encoded and sent by Sluice's own publisher. */
export class GlassPageCamera {
  #page;
  /** @type {string[]} */
  #errors = [];

  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.#page = page;
    page.on('pageerror', ({ message }) => this.#errors.push(message));
  }

  /**
   * @param {{ browser: import('playwright-core').Browser, origin: string, stream: string, encoder: string, sound: boolean }} options
   */
  static async open({ browser, origin, stream, encoder, sound }) {
    const page = await newGlassPage(browser);
    const camera = new GlassPageCamera(page);
    await openGlassPage(page, origin);
    await page.evaluate(`glass.publisher.start(${JSON.stringify({ url: `/publish/${stream}`, encoder, sound })})`);
    await page.waitForFunction("glass.publisher.look().state === 'live'", undefined, { timeout: START_LIMIT }).catch(() => camera.check());
    return camera;
  }

  /** How many frames it has given so far. */
  get frames() {
    return this.look().then(({ frames }) => frames);
  }

  /** What the publisher says of itself. */
  look() {
    return /** @type {Promise<{ frames: number, errors: string[], state: string, stats: import('../../player/publisher/publisher-state.js').PublisherStats }>} */ (this.#page.evaluate('glass.publisher.look()'));
  }

  /** Throws if the publisher has gone. */
  async check() {
    const { errors, state } = await this.look();
    if (state !== 'live') throw new Error(`The publisher is ${state}: ${[...errors, ...this.#errors].join('; ')}`);
  }

  async stop() {
    await this.#page.evaluate('glass.publisher.stop()').catch(() => undefined);
    await this.#page.close();
  }
}
