import { spawn } from 'node:child_process';
import { endWithThis } from './at-end.mjs';

/** How long a server may take to listen, ms. */
const LIMIT = 60_000;
/** What a server prints once it listens. */
const ADDRESS = /http:\/\/127\.0\.0\.1:(\d+)/;
/** How much of its log is kept, characters: its last lines say why it ended. */
const KEPT = 4_000;

/**
 * A server in a process of its own.
 * @typedef {object} StartedServer
 * @property {import('node:child_process').ChildProcess} child
 * @property {number} port
 * @property {() => string} log The end of its standard error, with `keepLog`.
 */

/**
 * Starts a server, which ends with this process, and waits until it prints its address, `http://127.0.0.1:PORT`.
 * @param {readonly [string, ...string[]]} command
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string | undefined, keepLog?: boolean, port?: number | undefined }} [options]
 *   `keepLog` reads its log, which takes time from what is measured; `port` of a server that prints no address, which isn't waited for.
 * @returns {Promise<StartedServer>}
 */
export async function startServer(command, { env = process.env, cwd, keepLog = false, port } = {}) {
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', keepLog ? 'pipe' : 'ignore'], env, ...(cwd !== undefined && { cwd }) });
  endWithThis(child);
  let kept = '';
  child.stderr?.setEncoding('utf8').on('data', (text) => (kept = (kept + text).slice(-KEPT)));
  const log = () => kept;
  const listens = port ?? (await portOf(child, command.join(' '), log));
  child.stdout?.resume();
  return { child, port: listens, log };
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} name
 * @param {() => string} log
 * @returns {Promise<number>}
 */
function portOf(child, name, log) {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`${name} doesn't listen after ${LIMIT / 1000} s\n${log()}`)), LIMIT);
    child.once('error', reject);
    child.once('close', (status, signal) => {
      clearTimeout(timer);
      reject(new Error(`${name} has ended with ${status ?? signal}\n${log()}`));
    });
    child.stdout?.setEncoding('utf8').on('data', (more) => {
      text += more;
      const [, port] = ADDRESS.exec(text) ?? [];
      if (port === undefined) return;
      clearTimeout(timer);
      child.stdout?.removeAllListeners('data');
      resolve(Number(port));
    });
  });
}
