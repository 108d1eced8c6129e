import { SluiceError, type ErrorCode } from '../protocol/error-code';

/** Broken or unusable media: where it was found, in bytes from the publisher's first, and in which box or element. */
export class MediaError extends SluiceError {
  /** Bytes from the beginning of the publisher's stream. */
  readonly offset: number;
  /** Path of boxes or elements, such as `moof/traf/trun`; empty at top level. */
  readonly path: string;

  constructor(code: ErrorCode, message: string, where: { offset: number; path?: string; cause?: unknown }) {
    const path = where.path ?? '';
    super(code, `${message} (at byte ${where.offset}${path === '' ? '' : `, in ${path}`})`, { cause: where.cause });
    this.name = 'MediaError';
    this.offset = where.offset;
    this.path = path;
  }
}
