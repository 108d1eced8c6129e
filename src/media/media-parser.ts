import { DEFAULT_MEDIA_LIMITS, type ContainerParser, type MediaLimits, type MediaSink } from './container-parser';
import { foreignFormat } from './foreign-format';
import { MediaError } from './media-error';
import { Mp4Parser } from './mp4/mp4-parser';
import { ParserGuard } from './parser-guard';
import { WebmParser } from './webm/webm-parser';
import { WorkMeter } from './work-meter';

/** What decides: the ID of an EBML header is 4 bytes, and size and type of an MP4 box are 8. */
const HEAD_SIZE = 8;
const EBML_ID = [0x1a, 0x45, 0xdf, 0xa3];

/** Tells by the first bytes whether they are MP4 or WebM, and leaves all of them to the parser of that container. */
export class MediaParser implements ContainerParser {
  readonly #sink: MediaSink;
  readonly #limits: MediaLimits;
  readonly #work: WorkMeter;
  readonly #guard = new ParserGuard();
  readonly #head = new Uint8Array(HEAD_SIZE);
  #headLength = 0;
  #parser: ContainerParser | undefined;

  constructor(sink: MediaSink, limits: MediaLimits = DEFAULT_MEDIA_LIMITS, work = new WorkMeter()) {
    this.#sink = sink;
    this.#limits = limits;
    this.#work = work;
  }

  push(bytes: Uint8Array): number {
    // A view of a Node.js Buffer takes longer to make than one of a plain array, and a parser makes many.
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.#parser) return this.#parser.push(plain);
    return this.#guard.run(() => {
      const rest = this.#takeHead(plain);
      return bytes.length - rest.length + (rest.length > 0 && this.#parser ? this.#parser.push(rest) : 0);
    });
  }

  finish(): void {
    this.#guard.run(() => {
      if (this.#parser) this.#parser.finish();
      else if (this.#headLength === 0) throw this.#error('no-media', 'No byte came');
      else throw this.#error('incomplete-media', `The media ends after ${this.#headLength} bytes`);
    });
  }

  /** What is behind the bytes that decide. */
  #takeHead(bytes: Uint8Array): Uint8Array {
    const piece = bytes.subarray(0, HEAD_SIZE - this.#headLength);
    this.#head.set(piece, this.#headLength);
    this.#headLength += piece.length;
    const head = this.#head.subarray(0, this.#headLength);
    this.#parser = this.#choose(head);
    if (this.#parser) for (let at = 0; at < head.length; ) at += this.#parser.push(head.subarray(at));
    return bytes.subarray(piece.length);
  }

  /** The parser for what begins with `head`, or nothing if there is too little of it. What it is refuses everything else. */
  #choose(head: Uint8Array): ContainerParser | undefined {
    if (head.length >= EBML_ID.length && EBML_ID.every((byte, at) => head[at] === byte)) return new WebmParser(this.#sink, this.#limits, this.#work);
    if (head.length < HEAD_SIZE) return undefined;
    const name = foreignFormat(head);
    if (name !== undefined) throw this.#error('not-a-container', `Neither MP4 nor WebM: this looks like ${name}`);
    return new Mp4Parser(this.#sink, this.#limits, this.#work);
  }

  #error(code: 'no-media' | 'incomplete-media' | 'not-a-container', message: string): MediaError {
    return new MediaError(code, message, { offset: code === 'not-a-container' ? 0 : this.#headLength });
  }
}
