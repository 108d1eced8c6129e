import { once } from 'node:events';
import { WebSocket } from 'ws';

/**
 * What a Node.js process holds.
 * @typedef {object} Holdings
 * @property {number} heap Bytes in use after garbage collection.
 * @property {number} buffers Bytes of array buffers.
 * @property {Record<string, number>} handles How many of each kind are open.
 */

/** What is asked of the process: without the connection of its inspector, which is none of its own. */
const QUESTION = `(() => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const handles = {};
  for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1;
  return JSON.stringify({ heap: heapUsed, buffers: arrayBuffers, handles });
})()`;

/** Asks a Node.js process that was started with `--inspect`. */
export class Inspector {
  #socket;
  #id = 0;

  /**
   * @param {number} port
   */
  static async open(port) {
    const [target] = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
    const socket = new WebSocket(target.webSocketDebuggerUrl, { perMessageDeflate: false });
    await once(socket, 'open');
    return new Inspector(socket);
  }

  /** @param {WebSocket} socket */
  constructor(socket) {
    this.#socket = socket;
  }

  /**
   * What it holds once it has let go of what nobody needs.
   * @returns {Promise<Holdings>}
   */
  async holdings() {
    // The second one takes what finalizers of the first have freed.
    for (let times = 0; times < 2; times++) await this.#ask('HeapProfiler.collectGarbage', {});
    const { result } = await this.#ask('Runtime.evaluate', { expression: QUESTION, returnByValue: true });
    return JSON.parse(result.value);
  }

  /** Begins to note where the time goes. */
  async startProfile() {
    await this.#ask('Profiler.enable', {});
    await this.#ask('Profiler.start', {});
  }

  /** @returns {Promise<import('../report/profile.mjs').CpuProfile>} */
  async stopProfile() {
    return (await this.#ask('Profiler.stop', {})).profile;
  }

  close() {
    this.#socket.close();
  }

  /**
   * @param {string} method
   * @param {object} params
   */
  async #ask(method, params) {
    const id = ++this.#id;
    this.#socket.send(JSON.stringify({ id, method, params }));
    for (;;) {
      const [data] = await once(this.#socket, 'message');
      const answer = JSON.parse(String(data));
      if (answer.id === id) return answer.result;
    }
  }
}
