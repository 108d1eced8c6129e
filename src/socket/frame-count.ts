import { type Emitter, on } from '../base/guard';

/** The smallest header of a frame of a client, with its mask (RFC 6455, section 5.2), bytes. */
const LEAST_HEADER = 6;

/**
 * Counts the frames that a client sends: by their headers, for `ws` gives only whole messages, which may be cut into thousands of
 * frames of a byte or none. All that came beside the messages' own bytes is taken for headers.
 */
export class FrameCount {
  /** Bytes that had come before those that `ws` reads just now. */
  #read = 0;
  /** How many of them are accounted for: messages and headers. */
  #known = 0;

  /** To be made once `ws` listens to the connection, so that it has read what comes here. */
  constructor(connection: Emitter) {
    on(connection, 'data', ({ length }: Buffer) => void (this.#read += length));
  }

  /** How many frames have come with a message of `length` bytes, at least: those before it in the same read are counted with a later one. */
  next(length: number): number {
    this.#known += length + headerOf(length);
    const others = Math.max(0, Math.floor((this.#read - this.#known) / LEAST_HEADER));
    this.#known += others * LEAST_HEADER;
    return 1 + others;
  }
}

function headerOf(length: number): number {
  if (length < 126) return LEAST_HEADER;
  return LEAST_HEADER + (length <= 0xffff ? 2 : 8);
}
