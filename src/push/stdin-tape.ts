import { Readable } from 'node:stream';

/** Bytes that are kept for a second reading. ffmpeg looks at 5 MB of an input, or at 5 s. */
const LIMIT = 64 << 20;

/**
 * Standard input, which can be read once, played twice: to the ffmpeg that looks what it has, and from the beginning to the
 * one that sends it. What the first has read is kept in memory for the second, at most 64 MiB.
 */
export class StdinTape {
  readonly #source: AsyncIterator<Buffer>;
  readonly #pieces: Buffer[] = [];
  readonly #limit: number;
  #size = 0;
  #pending: Promise<void> | undefined;
  #ended = false;
  #rewound = false;

  constructor(source: AsyncIterable<Buffer>, limit = LIMIT) {
    this.#source = source[Symbol.asyncIterator]();
    this.#limit = limit;
  }

  /** The first time a stream of what is kept, the second time one of everything. */
  open(): Readable {
    const pieces = this.#rewound ? this.#rest() : this.#recorded();
    this.#rewound = true;
    return Readable.from(pieces, { objectMode: false });
  }

  async *#recorded(): AsyncGenerator<Buffer> {
    for (let at = 0; this.#size < this.#limit; at++) {
      if (at === this.#pieces.length) await this.#pull();
      const piece = this.#pieces[at];
      if (piece === undefined) return;
      yield piece;
    }
  }

  async *#rest(): AsyncGenerator<Buffer> {
    for (;;) {
      if (this.#pieces.length === 0) await this.#pull();
      const piece = this.#pieces.shift();
      if (piece === undefined) return;
      yield piece;
    }
  }

  /** Whoever asks while a piece is on its way gets that same one: a reader that went must take none with it. */
  #pull(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    this.#pending ??= this.#source.next().then(({ done, value }) => {
      this.#pending = undefined;
      if (done === true) this.#ended = true;
      else {
        this.#pieces.push(value);
        this.#size += value.length;
      }
    });
    return this.#pending;
  }
}
