import { SluiceError } from '../protocol/error-code';
import { DELIVERY_INTERVALS, type DeliveryInterval } from '../relay/delivery-pace';

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
