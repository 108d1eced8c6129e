import { once } from 'node:events';
import { startServer } from '../../scripts/start-server.mjs';
import { onCore } from '../machine/cores.mjs';
import { cpuTime, memory, peakMemory } from '../machine/process-stats.mjs';

/** How long a server may take to end, ms. */
const STOP_LIMIT = 5_000;

/** A server that is measured, in a process of its own. */
export class ServerProcess {
  #child;
  #port;

  /**
   * Starts it, and waits until it prints its address, `http://127.0.0.1:PORT`.
   * @param {readonly [string, ...string[]]} command
   * @param {{ core: number | undefined, cwd?: string, port?: number }} options `port` of a server that prints nothing.
   */
  static async start(command, { core, cwd, port }) {
    return new ServerProcess(await startServer(onCore(core, command), { cwd, port }));
  }

  /** @param {import('../../scripts/start-server.mjs').StartedServer} started */
  constructor({ child, port }) {
    this.#child = child;
    this.#port = port;
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

  /**
   * Sends it a signal, and waits until it has ended. One that doesn't end is killed.
   * @param {NodeJS.Signals} [signal]
   * @param {number} [limit] ms.
   */
  async stop(signal = 'SIGTERM', limit = STOP_LIMIT) {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), limit);
    await ended;
    clearTimeout(timer);
  }
}
