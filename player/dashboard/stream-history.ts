import type { StreamSample } from '../../src/protocol/stream-detail';
import type { StreamInfo } from '../../src/protocol/stream-info';

/** How much is kept of a stream: two minutes, one sample a second. */
const KEPT = 120;

interface Held {
  /** When the stream went live: another stream of the same name begins anew. */
  readonly since: number;
  samples: readonly StreamSample[];
}

/** The last two minutes of each stream, as far as they were told. */
export class StreamHistory {
  readonly #held = new Map<string, Held>();

  /** Takes how things stand at `at`, Unix ms. Streams that are no more are forgotten. */
  note(streams: readonly StreamInfo[], at: number): void {
    const names = new Set(streams.map(({ name }) => name));
    for (const name of this.#held.keys()) if (!names.has(name)) this.#held.delete(name);
    for (const { name, since, bitrate, viewers } of streams) {
      const held = this.#of(name, since);
      const last = held.samples.at(-1);
      if (last === undefined || at > last.at) held.samples = [...held.samples, { at, bitrate, viewers }].slice(-KEPT);
    }
  }

  /** Takes what the relay itself has kept of a stream: it knows more than was heard here, up to its last sample. */
  replace(name: string, since: number, samples: readonly StreamSample[]): void {
    const held = this.#of(name, since);
    const end = samples.at(-1)?.at ?? -Infinity;
    held.samples = [...samples, ...held.samples.filter(({ at }) => at > end)].slice(-KEPT);
  }

  /** What is known of a stream, oldest first. */
  of(name: string): readonly StreamSample[] {
    return this.#held.get(name)?.samples ?? [];
  }

  #of(name: string, since: number): Held {
    const known = this.#held.get(name);
    if (known?.since === since) return known;
    const fresh: Held = { since, samples: [] };
    this.#held.set(name, fresh);
    return fresh;
  }
}
