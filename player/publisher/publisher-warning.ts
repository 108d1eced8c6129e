import type { ErrorEvent } from '../../src/protocol/watch-message';
import type { PublisherWarning } from './publisher-state';

export const UPLOAD_SLOW: PublisherWarning = { code: 'upload-slow', message: 'The upload is too slow: the picture is lowered until there is room again' };

/** That the connection is lost, and is made again; `reason` is what the relay said, if it did. */
export function lossWarning(reason: ErrorEvent | undefined): PublisherWarning {
  if (reason !== undefined) return { code: 'relay-busy', message: reason.message };
  return { code: 'connection-lost', message: 'The connection to the relay is lost, and is made again' };
}
