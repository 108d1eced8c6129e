import fc from 'fast-check';
import { decodePublishRequest, decodeWatchRequest } from '../../../src/protocol/decode-message';
import { SluiceError } from '../../../src/protocol/error-code';
import { codeOf } from '../../support/code-of';

const WATCH_REQUESTS = [
  { type: 'received', epoch: 'e', position: 0 },
  { type: 'ping', id: 1 },
  { type: 'ok', id: Number.MAX_SAFE_INTEGER },
  { type: 'pause' },
  { type: 'pause', id: 2 },
  { type: 'play' },
  { type: 'play', id: 3, epoch: 'e', position: 4 },
  { type: 'report' },
  { type: 'report', latency: 1e11, firstFrame: -1e11 },
  { type: 'report', id: 5, latency: 0.25, firstFrame: 0.3, buffer: -0.5, stalls: 0, dropped: 1 },
];

const PUBLISH_REQUESTS = [{ type: 'clock', media: 1.5, wall: 1_700_000_000_000.5 }, { type: 'clock', media: -1e11, wall: 0 }, { type: 'clock', media: 1e11, wall: 1e14 }, { type: 'ping', id: 1 }, { type: 'end' }];

const DECODERS = [
  { whose: 'a viewer', decode: decodeWatchRequest, requests: WATCH_REQUESTS },
  { whose: 'a publisher', decode: decodePublishRequest, requests: PUBLISH_REQUESTS },
] as const;

describe.each(DECODERS)('a message of $whose', ({ decode, requests }) => {
  it.each(requests)('is read: %j', (request) => {
    expect(decode(JSON.stringify(request))).toEqual(request);
  });

  it.each(requests)('is read without fields that nobody knows: %j', (request) => {
    const text = JSON.stringify({ extra: [1], wal: 3, ...request }).replace('{', '{"__proto__":{"id":"x"},');
    expect(decode(text)).toEqual(request);
  });

  it.each(['', 'no json', '{', 'null', '3', '"ping"', '[]', '[{"type":"ping","id":1}]', '{}', '{"type":3}', '{"type":null}', '{"type":"rewind"}', '{"type":"toString"}', '{"type":"__proto__"}'])(
    'that is none is refused: %s',
    (text) => {
      expect(codeOf(() => decode(text))).toBe('bad-message');
    },
  );

  it('of an unknown type is refused with as much of the type as fits', () => {
    expect(() => decode(JSON.stringify({ type: 'x'.repeat(1000) }))).toThrow(`Cannot read message: its type is "${'x'.repeat(32)}"`);
  });

  it('is read or refused with a code, whatever it is', () => {
    const likely = fc.record(
      {
        type: fc.constantFrom(...requests.map(({ type }) => type)),
        ...Object.fromEntries(['id', 'epoch', 'position', 'media', 'wall', 'latency', 'stalls'].map((name) => [name, fc.oneof(fc.jsonValue(), fc.double(), fc.maxSafeNat(), fc.string())])),
      },
      { requiredKeys: ['type'] },
    );
    const text = fc.oneof(fc.string(), fc.json(), likely.map((value) => JSON.stringify(value)));
    fc.assert(
      fc.property(text, (message) => {
        let request;
        try {
          request = decode(message);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(SluiceError);
          expect((thrown as SluiceError).code).toBe('bad-message');
          return;
        }
        // What is read reads the same again: nothing but known fields of the right kind is left.
        expect(decode(JSON.stringify(request))).toEqual(request);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a field of the wrong kind', () => {
  it.each([
    ['a position below zero', { type: 'received', epoch: 'e', position: -1 }, 'position'],
    ['a position that is broken', { type: 'received', epoch: 'e', position: 0.5 }, 'position'],
    ['a position above 2^53', { type: 'received', epoch: 'e', position: 2 ** 53 }, 'position'],
    ['a position in quotes', { type: 'play', epoch: 'e', position: '3' }, 'position'],
    ['no position', { type: 'received', epoch: 'e' }, 'position'],
    ['no epoch', { type: 'received', position: 3 }, 'epoch'],
    ['an epoch that is too long', { type: 'received', epoch: 'e'.repeat(129), position: 3 }, 'epoch'],
    ['an epoch that is null', { type: 'play', epoch: null, position: 3 }, 'epoch'],
    ['no id of a ping', { type: 'ping' }, 'id'],
    ['an id that is a list', { type: 'pause', id: [1] }, 'id'],
    ['a latency in words', { type: 'report', latency: 'low' }, 'latency'],
    ['a latency of more than 10^11 s', { type: 'report', latency: 1e11 + 1 }, 'latency'],
    ['a buffer of less than -10^11 s', { type: 'report', buffer: -1e300 }, 'buffer'],
    ['stalls that are broken', { type: 'report', stalls: 1.5 }, 'stalls'],
  ])('is named: %s', (_what, message, field) => {
    const read = (): unknown => decodeWatchRequest(JSON.stringify(message));
    expect(codeOf(read)).toBe('bad-message');
    expect(read).toThrow(`"${field}" must be`);
  });

  it.each(['{"type":"clock","wall":1}', '{"type":"clock","media":1e999,"wall":1}', '{"type":"clock","media":1,"wall":true}', '{"type":"clock","media":1,"wall":1e300}', '{"type":"clock","media":1,"wall":-1}', '{"type":"clock","media":1,"wall":100000000000001}', '{"type":"clock","media":1e300,"wall":1}', '{"type":"clock","media":-100000000001,"wall":1}'])('of a publisher is refused: %s', (text) => {
    expect(codeOf(() => decodePublishRequest(text))).toBe('bad-message');
  });
});
