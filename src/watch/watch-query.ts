import { SluiceError } from '../protocol/error-code';
import { DELIVERY_INTERVALS, type DeliveryInterval } from '../relay/delivery-pace';
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

/**
 * How long a viewer would like chunks to be gathered for it: `?interval=MS`.
 * @throws SluiceError `bad-request` if it is none of those there are.
 */
export function readInterval(query: URLSearchParams): DeliveryInterval | undefined {
  const text = query.get('interval');
  if (text === null) return undefined;
  const interval = DELIVERY_INTERVALS.find((known) => String(known) === text);
  if (interval === undefined) throw new SluiceError('bad-request', `Cannot deliver at that interval: "interval" must be one of ${DELIVERY_INTERVALS.join(', ')}`);
  return interval;
}

/**
 * Whether a viewer that knows of no epochs stays for the next one: `?continuous=1`, which is the default, or `?continuous=0`.
 * @throws SluiceError `bad-request` if it is neither.
 */
export function readContinuous(query: URLSearchParams): boolean {
  const text = query.get('continuous') ?? '1';
  if (text !== '0' && text !== '1') throw new SluiceError('bad-request', 'Cannot watch so: "continuous" must be 0 or 1');
  return text === '1';
}
