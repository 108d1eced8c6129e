import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/base/package';
import { eventually } from './eventually';

const BIN = join(packageRoot(), 'bin', 'sluice.js');
const PROBE = join(packageRoot(), 'test', 'support', 'memory-probe.cjs');
const AUDIENCE = join(packageRoot(), 'test', 'support', 'steady-audience.mjs');
const MIB = 1 << 20;
/** By how much what is in use may grow by an attack that is over, after garbage collection; a quiet relay wanders by 2 to 3 MiB. */
const GROWTH = 24 * MIB;
/** By how much the process may grow while an attack lasts: what it holds at most, which Node gives back to nobody. */
const PEAK_GROWTH = 200 * MIB;

/** How a relay under attack is started. */
export interface AttackedOptions {
  readonly flags?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** What the steady publisher and its viewers bring. */
  readonly token?: string;
  /** How much of a file's memory an attack may take beyond the rest, bytes. */
  readonly peakGrowth?: number;
}

/** How long chunks took from the publisher to the viewers, ms. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** The relay as its package starts it, in a process of its own, with a steady stream and 50 viewers of it. */
export class AttackedRelay {
  readonly url: string;
  readonly #audience: ChildProcess;
  readonly #child: ChildProcess;
  readonly #log: () => string;
  readonly #peakGrowth: number;
  #calm = { used: 0, peak: 0 };

  private constructor({ url, child, log, audience, peakGrowth = PEAK_GROWTH }: { url: string; child: ChildProcess; log: () => string; audience: ChildProcess; peakGrowth: number | undefined }) {
    this.url = url;
    this.#audience = audience;
    this.#child = child;
    this.#log = log;
    this.#peakGrowth = peakGrowth;
  }

  static async start({ flags = [], env = {}, token, peakGrowth }: AttackedOptions = {}): Promise<AttackedRelay> {
    const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_'));
    const args = ['--expose-gc', '--require', PROBE, BIN, 'serve', '--no-supervise', '--port', '0', '--no-demo', '--api-rate', '0', '--request-rate', '0', ...flags];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: { ...Object.fromEntries(clean), ...env } });
    let printed = '';
    let log = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (log += text));
    try {
      const url = await eventually('the relay listens', () => {
        if (child.exitCode !== null) throw new Error(`The relay has ended with ${child.exitCode}: ${log}`);
        return /Dashboard +(https?:\S+)\//.exec(printed)?.[1];
      });
      const audience = spawn(process.execPath, [AUDIENCE, url.replace('http', 'ws'), String(child.pid), ...(token === undefined ? [] : [token])], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        // Nobody has signed the certificate that a relay makes for one run.
        env: { ...process.env, ...(url.startsWith('https') && { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' }) },
      });
      const [answer] = (await once(audience, 'message')) as [unknown];
      expect(answer).toEqual({ ready: true });
      const relay = new AttackedRelay({ url, child, log: () => log, audience, peakGrowth });
      relay.#calm = { used: await relay.#used(), peak: relay.#peak() };
      return relay;
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  get wsUrl(): string {
    return this.url.replace('http', 'ws');
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** All that it has logged so far. */
  get log(): string {
    return this.#log();
  }

  /** Waits until all 50 viewers have all that was sent up to now, holds that nothing was lost on the way, and gives how late it came since the last look. */
  async expectAll(): Promise<Latency> {
    const answered = once(this.#audience, 'message');
    this.#audience.send('look');
    const [{ faults, latency }] = (await answered) as [{ faults: string[]; latency: Latency }];
    expect(faults).toEqual([]);
    return latency;
  }

  /** Says, where `FIGURES=1` asks for it, what an attack cost the 50 viewers. It depends on the machine: nothing is held of it. */
  async figures(attack: string): Promise<void> {
    const latency = await this.expectAll();
    if (process.env.FIGURES === '1') process.stderr.write(`${attack}: ${JSON.stringify({ ...latency, peakMiB: Math.round((this.#peak() - this.#calm.peak) / MIB) })}\n`);
  }

  /** The relay runs, the audience has missed nothing, and what the attack took is given back. */
  async expectUnharmed(): Promise<void> {
    await this.expectAll();
    expect(this.#child.exitCode).toBeNull();
    await eventually(`no more than ${GROWTH / MIB} MiB are left of the attack`, async () => (await this.growth()) < GROWTH);
    expect((this.#peak() - this.#calm.peak) / MIB).toBeLessThan(this.#peakGrowth / MIB);
  }

  /** By how much more memory is in use than before anybody attacked, after garbage collection, bytes. */
  async growth(): Promise<number> {
    return (await this.#used()) - this.#calm.used;
  }

  async close(): Promise<void> {
    for (const child of [this.#audience, this.#child]) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
  }

  /** What is in use after garbage collection, bytes. */
  async #used(): Promise<number> {
    const answered = once(this.#child, 'message');
    this.#child.send('memory');
    const [{ heapUsed, external }] = (await answered) as [NodeJS.MemoryUsage];
    return heapUsed + external;
  }

  /** The most that the process has ever had, bytes; 0 where the system doesn't tell. */
  #peak(): number {
    if (process.platform !== 'linux') return 0;
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.#child.pid ?? 0}/status`, 'utf8')) ?? [];
    return Number(kib ?? 0) * 1024;
  }
}

/** A relay for all attacks of a file; behind each of them it must be unharmed. Gives it once it runs. */
export function underAttack(options: AttackedOptions | (() => AttackedOptions) = {}): () => AttackedRelay {
  let relay: AttackedRelay | undefined;
  beforeAll(async () => {
    relay = await AttackedRelay.start(typeof options === 'function' ? options() : options);
  });
  afterEach(async () => {
    await relay?.expectUnharmed();
  });
  afterAll(async () => {
    await relay?.close();
  });
  return () => {
    if (relay === undefined) throw new Error('The relay doesn’t run yet');
    return relay;
  };
}
