/**
 * A packet or a picture of a track.
 * @typedef {object} Frame
 * @property {number} time When it is shown, seconds.
 * @property {string} hash Of its bytes.
 * @property {number} epoch The timeline it belongs to.
 */

const TIME_BASE = /^#tb 0: (\d+)\/(\d+)/m;
/** `0,  0,  512,  512, 86400, 392d8ca2…`: track, DTS, PTS, duration, size, hash. */
const FRAME = /^0, *(-?\d+), *(-?\d+), *-?\d+, *(\d+), *([0-9a-f]+)/gm;

/**
 * Reads what ffmpeg's muxer `framehash` prints of one track, in its order. What has no bytes is no frame.
 * @param {string} text
 * @param {number} epoch
 * @returns {Frame[]}
 */
export function readFrames(text, epoch = 0) {
  const [, numerator, denominator] = TIME_BASE.exec(text) ?? [];
  const tick = Number(numerator) / Number(denominator);
  return [...text.matchAll(FRAME)]
    .filter(([, , , size]) => size !== '0')
    .map(([, , time, , hash]) => ({ time: Number(time) * tick, hash: hash ?? '', epoch }));
}
