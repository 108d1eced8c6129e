import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A pipe with a name, whose two ends a test can hold, fill and read when it likes. */
export class Fifo {
  readonly #folder = mkdtempSync(join(tmpdir(), 'sluice-fifo-'));
  readonly path = join(this.#folder, 'pipe');
  readonly #reader: number;
  readonly #writers: number[] = [];
  #readerOpen = true;

  constructor() {
    execFileSync('mkfifo', [this.path]);
    this.#reader = openSync(this.path, constants.O_RDONLY | constants.O_NONBLOCK);
  }

  /** A descriptor to write to: as a shell opens it, or one that never waits. */
  openWriter({ nonBlocking = false } = {}): number {
    const writer = openSync(this.path, constants.O_WRONLY | (nonBlocking ? constants.O_NONBLOCK : 0));
    this.#writers.push(writer);
    return writer;
  }

  /** Writes until the pipe takes no more. */
  fill(): void {
    const writer = this.openWriter({ nonBlocking: true });
    const line = Buffer.from(`${'x'.repeat(1023)}\n`);
    while (isTaken(() => writeSync(writer, line))) continue;
    // Without this the last page keeps room for a short line.
    while (isTaken(() => writeSync(writer, '\n'))) continue;
  }

  /** All that is in the pipe. */
  read(): string {
    const parts: Buffer[] = [];
    const part = Buffer.alloc(65_536);
    let length = 0;
    while (isTaken(() => (length = readSync(this.#reader, part))) && length > 0) parts.push(Buffer.from(part.subarray(0, length)));
    return Buffer.concat(parts).toString();
  }

  closeReader(): void {
    if (this.#readerOpen) closeSync(this.#reader);
    this.#readerOpen = false;
  }

  remove(): void {
    this.closeReader();
    for (const writer of this.#writers.splice(0)) closeSync(writer);
    rmSync(this.#folder, { recursive: true });
  }
}

function isTaken(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
    throw error;
  }
}
