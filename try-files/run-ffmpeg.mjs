import { spawn } from 'node:child_process';
import { findFfmpeg } from '../scripts/programs.mjs';

/** How long ffmpeg may take for one look at a file, ms. */
const LIMIT = 120_000;
/** Bytes of what it prints that are kept. */
const PRINTED = 1 << 20;

/**
 * What an ffmpeg gave.
 * @typedef {object} FfmpegOutcome
 * @property {boolean} ok It ended by itself, with status 0.
 * @property {string} printed Its standard error.
 * @property {Buffer[]} outputs What came by `pipe:1` and `pipe:3`.
 */

/** @returns {string} The path of the ffmpeg that the tests use, too. */
export function ffmpegPath() {
  const program = findFfmpeg();
  if (program === undefined) throw new Error('ffmpeg is not installed: install it, or set FFMPEG_PATH');
  return program.path;
}

/**
 * Runs ffmpeg without input, and resolves when it has ended, however it has.
 * @param {readonly string[]} args
 * @returns {Promise<FfmpegOutcome>}
 */
export function runFfmpeg(args) {
  const child = spawn(ffmpegPath(), ['-hide_banner', '-nostdin', '-nostats', ...args], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'], timeout: LIMIT, killSignal: 'SIGKILL' });
  /** @type {Buffer[][]} */
  const outputs = [[], []];
  let printed = '';
  for (const [at, stream] of [child.stdout, child.stdio[3]].entries()) stream?.on('data', (/** @type {Buffer} */ bytes) => outputs[at]?.push(bytes));
  child.stderr?.on('data', (bytes) => {
    if (printed.length < PRINTED) printed += String(bytes);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ ok: status === 0, printed, outputs: outputs.map((pieces) => Buffer.concat(pieces)) }));
  });
}

/**
 * A path as ffmpeg takes it: neither an option nor an address.
 * @param {string} path absolute
 */
export function asInput(path) {
  return `file:${path}`;
}
