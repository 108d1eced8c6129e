import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { onCore } from '../machine/cores.mjs';
import { cpuTime, memory, peakMemory } from '../machine/process-stats.mjs';

/** How long a server may take to listen, and to end, ms. */
const START_LIMIT = 20_000;
const STOP_LIMIT = 5_000;
/** What a server prints once it listens. */
const ADDRESS = /http:\/\/127\.0\.0\.1:(\d+)/;

/**
 * What still runs. It ends with this process, however that ends.
 * @type {Set<import('node:child_process').ChildProcess>}
 */
const running = new Set();
process.once('exit', () => {
  for (const child of running) child.kill();
});
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.once(signal, () => process.exit(128 + constants.signals[signal]));

/**
 * Ends a process with this one, if it hasn't ended before.
 * @param {import('node:child_process').ChildProcess} child
 */
export function endWithThis(child) {
  running.add(child);
  child.once('exit', () => running.delete(child));
}

/** A server that is measured, in a process of its own. */
export class ServerProcess {
  #child;
  #port;

  /**
   * Starts it, and waits until it prints its address, `http://127.0.0.1:PORT`.
   * @param {readonly [string, ...string[]]} command
   * @param {{ core: number | undefined, env?: Record<string, string>, cwd?: string, port?: number }} options `port` of a server that prints nothing.
   */
  static async start(command, { core, env = {}, cwd, port }) {
    const [program, ...args] = onCore(core, command);
    // Its log is for nobody, and a pipe would have to be read.
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, ...env }, ...(cwd !== undefined && { cwd }) });
    endWithThis(child);
    return new ServerProcess(child, port ?? (await portOf(child, command.join(' '))));
  }

  /**
   * @param {import('node:child_process').ChildProcess} child
   * @param {number} port
   */
  constructor(child, port) {
    this.#child = child;
    this.#port = port;
    child.stdout?.resume();
  }

  get pid() {
    return this.#child.pid ?? 0;
  }

  get port() {
    return this.#port;
  }

  /** How long it has run so far, ms of a core. */
  cpuTime() {
    return cpuTime(this.pid);
  }

  /** Bytes. */
  memory() {
    return memory(this.pid);
  }

  /** Bytes. */
  peakMemory() {
    return peakMemory(this.pid);
  }

  /** @param {NodeJS.Signals} signal */
  signal(signal) {
    this.#child.kill(signal);
  }

  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT);
    await ended;
    clearTimeout(timer);
  }
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} name
 * @returns {Promise<number>}
 */
function portOf(child, name) {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`${name} doesn't listen`)), START_LIMIT);
    child.once('error', reject);
    child.once('exit', (status) => reject(new Error(`${name} ended with status ${status}`)));
    child.stdout?.on('data', (bytes) => {
      text += String(bytes);
      const [, port] = ADDRESS.exec(text) ?? [];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(Number(port));
    });
  });
}
