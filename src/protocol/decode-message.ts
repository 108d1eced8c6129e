import { SluiceError } from './error-code';
import type { PublishRequest } from './publish-message';
import { MAX_SECONDS } from './time-bounds';
import type { WatchRequest } from './watch-message';

/** The longest key or token. */
const MAX_TOKEN = 8_192;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a viewer's text message. Unknown fields are dropped.
 * @throws SluiceError `bad-message`, which leaves the socket as it is.
 */
export function decodeWatchRequest(text: string): WatchRequest {
  const fields = parse(text);
  switch (fields['type']) {
    case 'received':
      return { type: 'received', epoch: string(fields, 'epoch'), position: count(fields, 'position') };
    case 'ping':
      return { type: 'ping', id: count(fields, 'id') };
    case 'ok':
      return { type: 'ok', id: count(fields, 'id') };
    case 'pause':
      return { type: 'pause', ...optional(fields, 'id', count) };
    case 'play':
      return { type: 'play', ...optional(fields, 'id', count), ...optional(fields, 'epoch', string), ...optional(fields, 'position', count) };
    case 'token':
      return readToken(fields);
    case 'report':
      return {
        type: 'report',
        ...optional(fields, 'id', count),
        ...optional(fields, 'latency', seconds),
        ...optional(fields, 'firstFrame', seconds),
        ...optional(fields, 'buffer', seconds),
        ...optional(fields, 'stalls', count),
        ...optional(fields, 'dropped', count),
      };
    default:
      throw unknownType(fields);
  }
}

/**
 * Reads a publisher's text message. Unknown fields are dropped.
 * @throws SluiceError `bad-message`, which leaves the socket as it is.
 */
export function decodePublishRequest(text: string): PublishRequest {
  const fields = parse(text);
  switch (fields['type']) {
    case 'clock':
      return { type: 'clock', media: seconds(fields, 'media'), wall: unixTime(fields, 'wall') };
    case 'ping':
      return { type: 'ping', id: count(fields, 'id') };
    case 'token':
      return readToken(fields);
    case 'end':
      return { type: 'end' };
    default:
      throw unknownType(fields);
  }
}

function readToken(fields: Fields): Extract<WatchRequest & PublishRequest, { type: 'token' }> {
  const { token } = fields;
  if (typeof token !== 'string' || token === '' || token.length > MAX_TOKEN) throw wrong('token', `a string of at most ${MAX_TOKEN} characters`);
  return { type: 'token', token, ...optional(fields, 'id', count) };
}

function parse(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SluiceError('bad-message', 'Cannot read message: it is no JSON', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SluiceError('bad-message', 'Cannot read message: it is no JSON object');
  }
  return value as Fields;
}

function unknownType(fields: Fields): SluiceError {
  const type = typeof fields['type'] === 'string' ? `"${fields['type'].slice(0, 32)}"` : 'none';
  return new SluiceError('bad-message', `Cannot read message: its type is ${type}`);
}

function wrong(name: string, wanted: string): SluiceError {
  return new SluiceError('bad-message', `Cannot read message: "${name}" must be ${wanted}`);
}

function string(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value.length > 128) throw wrong(name, 'a string of at most 128 characters');
  return value;
}

function count(fields: Fields, name: string): number {
  const value = fields[name];
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw wrong(name, 'a whole number that is not negative');
  return value as number;
}

function seconds(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== 'number' || !(Math.abs(value) <= MAX_SECONDS)) throw wrong(name, `a number of seconds from -${MAX_SECONDS} to ${MAX_SECONDS}`);
  return value;
}

/** In ms. */
function unixTime(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== 'number' || !(value >= 0 && value <= MAX_SECONDS * 1000)) throw wrong(name, `a Unix time in ms, from 0 to ${MAX_SECONDS * 1000}`);
  return value;
}

function optional<Name extends string, Value>(
  fields: Fields,
  name: Name,
  read: (fields: Fields, name: string) => Value,
): { [Key in Name]?: Value } {
  if (fields[name] === undefined) return {};
  return { [name]: read(fields, name) } as { [Key in Name]?: Value };
}
