import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { guard } from '../../base/guard';
import type { Log } from '../../base/log';
import { packageRoot } from '../../base/package';
import { StartError } from '../../base/start-error';
import { findFfmpeg } from '../../ffmpeg/find-ffmpeg';
import { FluentRunner } from '../../ffmpeg/fluent-runner';
import { readInput, type SourceInput } from '../../ffmpeg/source-input';
import { DEMO, type SourceConfig, type SourceListener, Sources } from '../../ffmpeg/sources';
import type { MediaLimits } from '../../media/container-parser';
import type { SourceInfo } from '../../protocol/source-info';
import type { Clock } from '../../relay/clock';
import type { StreamRegistry } from '../../relay/stream-registry';
import { FfmpegSource } from './ffmpeg-source';

/** What sources need of the configuration. */
interface SourcesOptions extends MediaLimits {
  /** Whether there is the demo. */
  readonly demo: boolean;
  readonly sources: readonly SourceConfig[];
}

/** Every source of the configuration, and the demo. */
export class FfmpegSources extends Sources {
  readonly #limits: MediaLimits;
  readonly #log: Log;
  readonly #inputs: readonly (SourceConfig & { readonly read: SourceInput })[];
  readonly #ffmpeg: string;
  readonly #listeners = new Set<SourceListener>();
  #running: readonly FfmpegSource[] = [];

  /** Looks whether all that they need is there. @throws StartError if it isn't. */
  constructor(options: SourcesOptions, log: Log) {
    super();
    this.#limits = options;
    this.#log = log;
    const sources = [...(options.demo ? [demoSource()] : []), ...options.sources];
    this.#inputs = sources.map((source) => ({ ...source, read: readInput(source.name, source.input) }));
    this.#ffmpeg = sources.length === 0 ? '' : this.#find();
  }

  /** Starts them all. */
  start({ registry, clock }: { registry: StreamRegistry; clock: Clock }): void {
    const runner = new FluentRunner(this.#ffmpeg);
    const changed = (info: SourceInfo): void => {
      for (const listener of this.#listeners) guard('a listener of sources', () => listener(info));
    };
    const shared = { runner, registry, clock, limits: this.#limits, log: this.#log, changed };
    this.#running = this.#inputs.map(({ name, loop, read }) => new FfmpegSource({ ...shared, name, loop, input: read }));
    for (const source of this.#running) source.start();
  }

  list(): SourceInfo[] {
    return this.#running.map(({ info }) => info);
  }

  get(name: string): FfmpegSource | undefined {
    return this.#running.find(({ info }) => info.name === name);
  }

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
