import { setTimeout as wait } from 'node:timers/promises';
import { newGlassPage, openGlassPage } from './open-page.mjs';
import { GlassPageCamera } from './page-camera.mjs';
import { BITRATE, SOUND_BITRATE } from './publisher.mjs';
import { SlowUplink } from '../links/slow-uplink.mjs';
import { median, quantile } from '../report/statistics.mjs';

/** How long the upload is free, then slow, ms, and how long it may take to be what it was. */
const FREE_TIME = 8_000;
const RECOVERY = 30_000;
const LOOK_PACE = 100;
const FREE = 1e9;

/**
 * What a slow upload did.
 * @typedef {object} UplinkTurn
 * @property {number} p50 Latency while it was slow, ms.
 * @property {number} p95
 * @property {number} worst
 * @property {number} lowest The lowest bitrate that the publisher aimed at, bits a second.
 * @property {number} dropped Frames that it left out.
 * @property {number | undefined} recovered How long after the end the bitrate was what it was, ms.
 */

/**
 * Lets Sluice's own publisher go through an upload that carries only a part of what it needs, for a while.
 * @param {object} options
 * @param {import('playwright-core').Browser} options.browser
 * @param {number} options.port The relay's.
 * @param {string} options.stream
 * @param {string} options.encoder
 * @param {boolean} options.sound
 * @param {number} options.part 0 to 1.
 * @param {number} options.seconds How long it is slow.
 * @returns {Promise<UplinkTurn>}
 */
export async function takeUplink({ browser, port, stream, encoder, sound, part, seconds }) {
  const link = await SlowUplink.open(port);
  const origin = `http://127.0.0.1:${link.port}`;
  const camera = await GlassPageCamera.open({ browser, origin, stream, encoder, sound });
  const page = await newGlassPage(browser);
  try {
    await openGlassPage(page, `http://127.0.0.1:${port}`);
    await page.evaluate(`glass.start(${JSON.stringify({ player: 'sluice', url: `/watch/${stream}`, sound })})`);
    await wait(FREE_TIME);
    const before = (await camera.look()).stats.droppedFrames;
    await page.evaluate('glass.meter.begin()');
    link.rate = (part * (BITRATE + (sound ? SOUND_BITRATE : 0))) / 8;
    let lowest = BITRATE;
    for (const end = performance.now() + seconds * 1000; performance.now() < end; await wait(LOOK_PACE)) lowest = Math.min(lowest, (await camera.look()).stats.targetBitrate);
    const seen = /** @type {import('./meter.mjs').Seen} */ (await page.evaluate('glass.meter.end()'));
    link.rate = FREE;
    const began = performance.now();
    const recovered = await isBack(camera, began);
    const ages = seen.sights.map(({ age }) => age);
    return { p50: median(ages), p95: quantile(ages, 0.95), worst: Math.max(...ages), lowest, dropped: (await camera.look()).stats.droppedFrames - before, recovered };
  } finally {
    await page.close();
    await camera.stop();
    await link.close();
  }
}

/**
 * @param {GlassPageCamera} camera
 * @param {number} began
 */
async function isBack(camera, began) {
  for (; performance.now() < began + RECOVERY; await wait(LOOK_PACE)) {
    if ((await camera.look()).stats.targetBitrate >= BITRATE) return performance.now() - began;
  }
  return undefined;
}
