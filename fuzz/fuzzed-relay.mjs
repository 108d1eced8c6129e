import { join } from 'node:path';
import { ROOT } from '../scripts/programs.mjs';
import { startServer } from '../scripts/start-server.mjs';

/** A relay as its package starts it, in a process of its own that must not end. */
export class FuzzedRelay {
  #child;
  #log;

  /** Starts it. A publisher that breaks off is waited for only briefly, so that its streams end soon. */
  static async start() {
    const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_'));
    const args = ['serve', '--port', '0', '--no-demo', '--hold', '0.3', '--api-rate', '0', '--max-streams', '4'];
    return new FuzzedRelay(await startServer([process.execPath, join(ROOT, 'bin', 'sluice.js'), ...args], { env: Object.fromEntries(clean), keepLog: true }));
  }

  /** @param {import('../scripts/start-server.mjs').StartedServer} started */
  constructor({ child, port, log }) {
    this.#child = child;
    this.#log = log;
    this.url = `http://127.0.0.1:${port}`;
    /** Resolves once it has ended. */
    this.ended = new Promise((resolve) => child.once('close', resolve));
  }

  /** Why it has ended, if it has. */
  get death() {
    const { exitCode, signalCode } = this.#child;
    return exitCode === null && signalCode === null ? undefined : `The relay has ended with ${exitCode ?? signalCode}:\n${this.#log()}`;
  }

  async close() {
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}
