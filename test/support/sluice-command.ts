import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../../src/base/package';
import { eventually } from './eventually';
import type { Ended } from './ffmpeg';

const BIN = join(packageRoot(), 'bin', 'sluice.js');

/** One line of what `--json` prints. */
export type Told = Readonly<Record<string, unknown>> & { readonly type: string };

/** A command of the built `sluice` that runs, and what it has printed. */
export class SluiceCommand {
  static readonly #running = new Set<SluiceCommand>();
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';

  private constructor(args: readonly string[], { env, stdio, detached }: { env: NodeJS.ProcessEnv; stdio: StdioOptions; detached: boolean }) {
    // Nothing of this environment may configure it.
    const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_'));
    const child = (this.process = spawn(process.execPath, [BIN, ...args], { stdio, detached, env: { ...Object.fromEntries(clean), ...env } }));
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    child.stdin?.on('error', () => undefined);
    SluiceCommand.#running.add(this);
    this.ended = once(child, 'close').then(([status]) => {
      SluiceCommand.#running.delete(this);
      return { status: status as number | null, stdout: this.stdout, stderr: this.stderr };
    });
  }

  /** Starts it. Standard input is empty, unless `stdio` says otherwise; `detached` gives it a process group of its own. */
  static start(args: readonly string[], { env = {}, stdio = ['ignore', 'pipe', 'pipe'], detached = false }: { env?: NodeJS.ProcessEnv; stdio?: StdioOptions; detached?: boolean } = {}): SluiceCommand {
    return new SluiceCommand(args, { env, stdio, detached });
  }

  /** Kills what still runs: after a failed test it would keep jest from ending. */
  static async killAll(): Promise<void> {
    for (const command of [...SluiceCommand.#running]) {
      command.process.kill('SIGKILL');
      await command.ended;
    }
  }

  /** What `--json` has told so far. */
  get told(): Told[] {
    return this.stdout.split('\n').filter((line) => line.endsWith('}')).map((line) => JSON.parse(line) as Told);
  }

  /** The first that it told of that type, or the first for which `fits` holds. */
  telling(type: string, fits: (told: Told) => boolean = () => true): Promise<Told> {
    return eventually(`"${type}" is told; so far: ${this.stderr}`, () => this.told.find((told) => told.type === type && fits(told)));
  }
}
