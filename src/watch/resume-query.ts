import { SluiceError } from '../protocol/error-code';
import type { MediaPlace } from '../relay/viewer-outlet';

const EPOCH = /^[\x21-\x7e]{1,128}$/;
const POSITION = /^\d{1,15}$/;

/**
 * Where a viewer that lost its connection was: `?epoch=E&position=P`.
 * @throws SluiceError `bad-request` if it is half or malformed.
 */
export function readResume(query: URLSearchParams): MediaPlace | undefined {
  const epoch = query.get('epoch');
  const position = query.get('position');
  if (epoch === null && position === null) return undefined;
  if (epoch === null || position === null || !EPOCH.test(epoch) || !POSITION.test(position)) {
    throw new SluiceError('bad-request', 'Cannot resume: "epoch" and "position" must both be there, as the relay told them');
  }
  return { epoch, position: Number(position) };
}
