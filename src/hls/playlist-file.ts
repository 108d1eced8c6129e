import Negotiator from 'negotiator';
import { gzipSync } from 'node:zlib';
import type { FileAnswer } from '../http/send-file';

const TYPE = 'application/vnd.apple.mpegurl';

/** The text of a playlist as it is now, encoded once for all who ask for it. */
export class PlaylistFile {
  readonly #text: Buffer;
  readonly #tag: string;
  #zipped: Buffer | undefined;

  /** `tag` is another one for each text. */
  constructor(text: string, tag: string) {
    this.#text = Buffer.from(text);
    this.#tag = tag;
  }

  /** The same, with `prefix` before each address of media: what is below `directory`, from its playlist. */
  moved(directory: string, prefix: string): PlaylistFile {
    return new PlaylistFile(this.#text.toString().replaceAll(`${directory}/`, `${prefix}/${directory}/`), `${this.#tag}-${prefix}`);
  }

  /** As an answer to whoever accepts these encodings. */
  answer(acceptEncoding: string | undefined, cacheControl: string): FileAnswer {
    if (!takesGzip(acceptEncoding)) return toAnswer(this.#text, { etag: `"${this.#tag}"`, cacheControl, encoding: 'identity' });
    this.#zipped ??= gzipSync(this.#text, { level: 4 });
    return toAnswer(this.#zipped, { etag: `"${this.#tag}-gzip"`, cacheControl, encoding: 'gzip' });
  }
}

function toAnswer(bytes: Buffer, rest: Pick<FileAnswer, 'etag' | 'cacheControl' | 'encoding'>): FileAnswer {
  return { pieces: [bytes], size: bytes.length, type: TYPE, ...rest };
}

/** RFC 9110 §12.5.3. */
function takesGzip(acceptEncoding = ''): boolean {
  return new Negotiator({ headers: { 'accept-encoding': acceptEncoding } }).encoding(['gzip']) === 'gzip';
}
