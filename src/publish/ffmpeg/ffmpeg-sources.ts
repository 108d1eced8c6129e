import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, DEMO, type SourceConfig } from '../../config/config';
import { packageRoot } from '../../config/package-root';
import { StartError } from '../../config/start-error';
import { guard } from '../../core/guard';
import type { Log } from '../../observe/log';
import type { SourceInfo } from '../../protocol/source-info';
import type { Clock } from '../../relay/clock';
import type { StreamRegistry } from '../../relay/stream-registry';
import { FfmpegSource } from './ffmpeg-source';
import { findFfmpeg } from './find-ffmpeg';
import { FluentRunner } from './fluent-runner';
import { readInput, type SourceInput } from './source-input';

/** Is told of a source that has become something else. */
export type SourceListener = (info: SourceInfo) => void;

/** Every source of the configuration, and the demo. */
export class FfmpegSources {
  readonly #config: Config;
  readonly #log: Log;
  readonly #inputs: readonly (SourceConfig & { readonly read: SourceInput })[];
  readonly #ffmpeg: string;
  readonly #listeners = new Set<SourceListener>();
  #running: readonly FfmpegSource[] = [];

  /** Looks whether all that they need is there. @throws StartError if it isn't. */
  constructor(config: Config, log: Log) {
    this.#config = config;
    this.#log = log;
    const sources = [...(config.demo ? [demoSource()] : []), ...config.sources];
    this.#inputs = sources.map((source) => ({ ...source, read: readInput(source.name, source.input) }));
    this.#ffmpeg = sources.length === 0 ? '' : this.#find();
  }

  /** Starts them all. */
  start({ registry, clock }: { registry: StreamRegistry; clock: Clock }): void {
    const runner = new FluentRunner(this.#ffmpeg);
    const changed = (info: SourceInfo): void => {
      for (const listener of this.#listeners) guard('a listener of sources', () => listener(info));
    };
    const shared = { runner, registry, clock, limits: this.#config, log: this.#log, changed };
    this.#running = this.#inputs.map(({ name, loop, read }) => new FfmpegSource({ ...shared, name, loop, input: read }));
    for (const source of this.#running) source.start();
  }

  /** What the API tells of them, in the order of the configuration. */
  list(): SourceInfo[] {
    return this.#running.map(({ info }) => info);
  }

  /** The source of that name, if there is one. */
  get(name: string): FfmpegSource | undefined {
    return this.#running.find(({ info }) => info.name === name);
  }

  /** Tells `listener` what becomes of them, until the returned function is called. */
  listen(listener: SourceListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Stops them all; resolves when every ffmpeg is gone. May be called twice. */
  async close(): Promise<void> {
    await Promise.all(this.#running.map((source) => source.close()));
  }

  #find(): string {
    try {
      const { path, packaged } = findFfmpeg(process.env);
      if (packaged) this.#log.warn({ ffmpeg: path }, 'ffmpeg is not installed: sources are read by the packaged one of 2018, which is good for files');
      return path;
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      throw new StartError(`${error.message}; or start with --no-demo and without sources, which need it`, { cause: error });
    }
  }
}

function demoSource(): SourceConfig {
  const input = join(packageRoot(), 'samples', 'demo.mp4');
  if (existsSync(input)) return { name: DEMO, input, loop: true };
  throw new StartError(`Cannot publish the demo: ${input} is missing; install Sluice again, or add --no-demo`);
}
