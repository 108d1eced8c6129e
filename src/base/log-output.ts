import { fstatSync, write, writeSync } from 'node:fs';
import type { Clock } from '../relay/clock';

/** What may wait to be written, bytes: some 4,000 lines. */
const LIMIT = 1 << 20;
/**
 * Bytes of one write. A pipe takes so many whole or not at all (`PIPE_BUF` of POSIX, at least on Linux), so that the lines of
 * several processes on one pipe stay whole.
 */
const BATCH = 4_096;
/** Until the next try, ms: where the reader lags, and where nothing can be written. */
const WAIT = { lagging: 100, failing: 1_000 };
/** How long `flush` waits for a reader who lags, ms, and how long between two looks. */
const FLUSH = { limit: 500, look: 10 };

interface LogOutputOptions {
  /** Where the lines go. A write to it must not wait (`O_NONBLOCK`), unless it is a regular file. */
  readonly fd: number;
  /** Runs the next try. */
  readonly after: Clock['after'];
  /** Writes the line that stands in place of `count` others. */
  readonly notice: (count: number) => void;
  /** What may wait to be written, bytes. */
  readonly limit?: number;
}

/**
 * Writes the lines of a log, without ever making the process wait for their reader, or end with them: what can't be written
 * waits, up to a limit. Beyond it lines are dropped and counted, until half of what waited is written.
 *
 * sonic-boom, which pino brings along, isn't it: its `flushSync` never returns from a full disk or a closed pipe, and its
 * asynchronous writes to a pipe that nobody reads take a thread each, for which the process waits when it ends.
 */
export class LogOutput {
  readonly #options: LogOutputOptions;
  readonly #limit: number;
  readonly #isFile: boolean;
  #waiting: Buffer[] = [];
  #bytes = 0;
  /** Whether a write, or the wait for the next, is under way. */
  #busy = false;
  #dropped = 0;
  /** Lines dropped since the last notice. */
  #missing = 0;

  constructor(options: LogOutputOptions) {
    this.#options = options;
    this.#limit = options.limit ?? LIMIT;
    this.#isFile = fstatSync(options.fd).isFile();
  }

  /** Lines that were dropped since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Writes a line, or keeps it until it can be written, or drops it. Never throws. */
  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#missing > 0 || this.#bytes + bytes.length > this.#limit) {
      this.#missing++;
      this.#dropped++;
      return;
    }
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    this.#next();
  }

  /** Writes synchronously what waits, for half a second at most: for the last moment of the process. Never throws. */
  flush(): void {
    const deadline = performance.now() + FLUSH.limit;
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      try {
        this.#written(batch, writeSync(this.#options.fd, batch));
      } catch (error) {
        this.#putBack(batch);
        if (!isLagging(error) || performance.now() > deadline) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FLUSH.look);
      }
    }
  }

  #next(): void {
    if (this.#busy || this.#waiting.length === 0) return;
    this.#busy = true;
    const batch = this.#take();
    this.#send(batch, (error, length) => {
      if (error === null) {
        this.#written(batch, length);
        this.#resume();
      } else {
        this.#putBack(batch);
        this.#options.after(isLagging(error) ? WAIT.lagging : WAIT.failing, () => this.#resume());
      }
    });
  }

  #resume(): void {
    this.#busy = false;
    this.#next();
  }

  /** A disk may take its time, and so gets a thread; a pipe says at once whether it takes something. */
  #send(batch: Buffer, done: (error: Error | null, length: number) => void): void {
    const { fd } = this.#options;
    if (this.#isFile) {
      write(fd, batch, done);
      return;
    }
    let length: number;
    try {
      length = writeSync(fd, batch);
    } catch (error) {
      done(error as Error, 0);
      return;
    }
    done(null, length);
  }

  /** The oldest lines that one write takes. */
  #take(): Buffer {
    let length = this.#waiting[0]?.length ?? 0;
    let count = 1;
    for (let next = this.#waiting[count]; next !== undefined && length + next.length <= BATCH; next = this.#waiting[++count]) length += next.length;
    const lines = this.#waiting.splice(0, count);
    return lines.length === 1 && lines[0] !== undefined ? lines[0] : Buffer.concat(lines, length);
  }

  #putBack(batch: Buffer): void {
    this.#waiting.unshift(batch);
  }

  #written(batch: Buffer, length: number): void {
    this.#bytes -= length;
    if (length < batch.length) this.#putBack(batch.subarray(length));
    if (this.#missing === 0 || this.#bytes > this.#limit / 2) return;
    const count = this.#missing;
    this.#missing = 0;
    this.#options.notice(count);
  }
}

function isLagging(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EAGAIN' || code === 'EBUSY';
}
