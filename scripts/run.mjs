import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { ROOT } from './programs.mjs';

/** How long a program that was told to end may take, ms, before it is killed with all that it started. */
const END_TIME = 5_000;

/**
 * How a program ended.
 * @typedef {object} Outcome
 * @property {boolean} ok It ended by itself, with status 0.
 * @property {string | undefined} problem Why it was ended or couldn't start, if so.
 * @property {string} output What it has printed, with `collect`.
 */

/**
 * Runs a program in the root folder, without input and in a process group of its own: whatever it starts ends with it. It is ended at the limit, when `cut` fires,
 * and when this process is told to end, which it then does.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ limit: number, env?: NodeJS.ProcessEnv, cut?: AbortSignal, collect?: boolean }} options `limit` in ms; the reason of `cut` says why, in words;
 *   with `collect` its output is returned rather than printed.
 * @returns {Promise<Outcome>}
 */
export async function run(program, args, { limit, env = process.env, cut = new AbortController().signal, collect = false }) {
  const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', collect ? 'pipe' : 'inherit', collect ? 'pipe' : 'inherit'], env, detached: process.platform !== 'win32' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => (output += text));
  /** @type {string | undefined} */
  let problem;
  /** @type {NodeJS.Signals | undefined} */
  let received;
  /** @param {string} why */
  const end = (why) => {
    if (problem !== undefined) return;
    problem = why;
    signalGroup(child, 'SIGTERM');
    setTimeout(() => signalGroup(child, 'SIGKILL'), END_TIME).unref();
  };
  const timer = setTimeout(() => end(`it took longer than ${limit / 60_000} minutes and was ended`), limit);
  const onCut = () => end(String(cut.reason));
  /** @param {NodeJS.Signals} signal */
  const onSignal = (signal) => {
    received = signal;
    end(signal);
  };
  cut.addEventListener('abort', onCut);
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);

  /** @type {number | null} */
  const status = await new Promise((resolve) => {
    // 'close' comes after the last output.
    child.once(collect ? 'close' : 'exit', resolve);
    child.once('error', (error) => {
      problem ??= error.message;
      resolve(null);
    });
  });
  clearTimeout(timer);
  cut.removeEventListener('abort', onCut);
  process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  // What it has left behind.
  signalGroup(child, 'SIGKILL');
  if (received !== undefined) process.exit(128 + constants.signals[received]);
  return { ok: status === 0 && problem === undefined, problem, output };
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function signalGroup({ pid }, signal) {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch {
    // Nobody of it is left.
  }
}
