import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../scripts/programs.mjs';

/** What it prints once it listens. */
const ADDRESS = /http:\/\/127\.0\.0\.1:\d+/;
/** How much of its log is kept, characters: its last lines say why it ended. */
const KEPT = 4000;

/** A relay as its package starts it, in a process of its own that must not end. */
export class FuzzedRelay {
  #child;
  #log = '';

  /** Starts it. A publisher that breaks off is waited for only briefly, so that its streams end soon. */
  static async start() {
    const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_'));
    const args = ['serve', '--port', '0', '--no-demo', '--hold', '0.3', '--api-rate', '0', '--max-streams', '4'];
    const child = spawn(process.execPath, [join(ROOT, 'bin', 'sluice.js'), ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: Object.fromEntries(clean) });
    const relay = new FuzzedRelay(child);
    await relay.#listening();
    return relay;
  }

  /** @param {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, import('node:stream').Readable>} child */
  constructor(child) {
    this.#child = child;
    this.url = '';
    child.stderr.setEncoding('utf8').on('data', (text) => (this.#log = (this.#log + text).slice(-KEPT)));
    /** Resolves once it has ended. */
    this.ended = new Promise((resolve) => child.once('close', resolve));
  }

  /** Why it has ended, if it has. */
  get death() {
    const { exitCode, signalCode } = this.#child;
    return exitCode === null && signalCode === null ? undefined : `The relay has ended with ${exitCode ?? signalCode}:\n${this.#log}`;
  }

  async close() {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  async #listening() {
    let printed = '';
    await Promise.race([
      this.ended,
      new Promise((/** @type {(value?: undefined) => void} */ resolve) => {
        this.#child.stdout.setEncoding('utf8').on('data', (text) => {
          printed = (printed + text).slice(-KEPT);
          if (!ADDRESS.test(printed)) return;
          this.url = ADDRESS.exec(printed)?.[0] ?? '';
          resolve();
        });
      }),
    ]);
    if (this.death !== undefined) throw new Error(this.death);
  }
}
