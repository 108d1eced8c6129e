import { OVERHEAD, type Part } from './segment';

/** Somebody who was promised a part, and takes it as it comes. */
export interface PartReader {
  /** The next bytes of it. */
  piece(bytes: Uint8Array): void;
  /** All of it has come; or, without an argument, no more of it will, and perhaps nothing has. */
  end(part?: Part): void;
}

/** The part that is next: nothing of it may have come yet. */
export class OpenPart {
  readonly number: number;
  readonly #pieces: Uint8Array[] = [];
  readonly #readers = new Set<PartReader>();
  #size = 0;
  #duration = 0;
  /** Unknown until its first frame of video has come, or of sound where there is no video. */
  #independent: boolean | undefined;

  constructor(number: number) {
    this.number = number;
  }

  /** Seconds. */
  get duration(): number {
    return this.#duration;
  }

  /** Bytes that it takes up so far: its media and the objects around it. */
  get memory(): number {
    return this.#size + OVERHEAD.part + this.#pieces.length * OVERHEAD.piece;
  }

  /** Whether a frame that counts has come, and not just sound beside the video. */
  get begun(): boolean {
    return this.#independent !== undefined;
  }

  /** Whether it begins with a keyframe. */
  get independent(): boolean {
    return this.#independent ?? false;
  }

  /** Adds bytes that don't count for its time: sound beside video. */
  append(bytes: readonly Uint8Array[]): void {
    for (const piece of bytes) {
      this.#pieces.push(piece);
      this.#size += piece.length;
      for (const reader of this.#readers) this.#send(reader, piece);
    }
  }

  /** Adds what lasts `duration` seconds. */
  extend(bytes: readonly Uint8Array[], { duration, joinable }: { duration: number; joinable: boolean }): void {
    this.#independent ??= joinable;
    this.#duration += duration;
    this.append(bytes);
  }

  /** It is whole: nothing more is added. */
  close(): Part {
    const part = { number: this.number, duration: this.#duration, independent: this.independent, pieces: this.#pieces, size: this.#size, memory: this.memory };
    this.#dismiss(part);
    return part;
  }

  /** It will never be whole. */
  abandon(): void {
    this.#dismiss(undefined);
  }

  /** Gives `reader` what has come and then what comes, until the returned function is called. */
  read(reader: PartReader): () => void {
    this.#readers.add(reader);
    for (const piece of this.#pieces) if (this.#readers.has(reader)) this.#send(reader, piece);
    return () => void this.#readers.delete(reader);
  }

  /** A reader that throws gets no more: neither the part nor its other readers may suffer from it. */
  #send(reader: PartReader, piece: Uint8Array): void {
    try {
      reader.piece(piece);
    } catch {
      this.#readers.delete(reader);
      end(reader, undefined);
    }
  }

  #dismiss(part: Part | undefined): void {
    const readers = [...this.#readers];
    this.#readers.clear();
    for (const reader of readers) end(reader, part);
  }
}

function end(reader: PartReader, part: Part | undefined): void {
  try {
    reader.end(part);
  } catch {
    // Nothing more can be sent to it; its connection ends by itself.
  }
}
