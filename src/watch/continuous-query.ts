import { SluiceError } from '../protocol/error-code';

/**
 * Whether a viewer that knows of no epochs stays for the next one: `?continuous=1`, which is the default, or `?continuous=0`.
 * @throws SluiceError `bad-request` if it is neither.
 */
export function readContinuous(query: URLSearchParams): boolean {
  const text = query.get('continuous') ?? '1';
  if (text !== '0' && text !== '1') throw new SluiceError('bad-request', 'Cannot watch so: "continuous" must be 0 or 1');
  return text === '1';
}
