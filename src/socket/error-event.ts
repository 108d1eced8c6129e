import type { SluiceError } from '../protocol/error-code';
import type { ErrorEvent } from '../protocol/watch-message';

/** The message that tells of `error`, in answer to the request `id` if it had one. */
export function errorEvent(error: SluiceError, id?: number): ErrorEvent {
  return {
    type: 'error',
    code: error.code,
    message: error.message,
    ...(id !== undefined && { id }),
    ...(error.retryAfter !== undefined && { retryAfter: error.retryAfter }),
  };
}
