import fc from 'fast-check';
import { joinChunks, restOf } from '../../../src/relay/join-chunks';
import { type HeldChunk, placeChunk } from '../../../src/relay/media-message';
import { delta, key } from '../../support/fake-media';

const SMALL = 32 << 10;
const MAX_JOINED = 256 << 10;

/** Chunks of those sizes in a row, each filled with its number. */
function held(sizes: readonly number[]): HeldChunk[] {
  let from = 0;
  return sizes.map((size, index) => {
    const placed = placeChunk((index === 0 ? key : delta)({ start: index, end: index + 1, size }), { from, at: index });
    placed.bytes.fill(index + 1);
    from = placed.position;
    return placed;
  });
}

function bytesOf(messages: readonly { bytes: Uint8Array }[]): Buffer {
  return Buffer.concat(messages.map(({ bytes }) => bytes));
}

describe('joining chunks', () => {
  it('makes one message of small ones', () => {
    const chunks = held([300, 400, 500]);
    const [message, ...others] = joinChunks(chunks);
    expect(others).toEqual([]);
    expect(message).toMatchObject({ from: 0, position: 1200, end: 3, joinable: true, hasVideo: true });
    expect(bytesOf([message!]).equals(bytesOf(chunks))).toBe(true);
  });

  it('leaves one that stands alone, and large ones, as they are', () => {
    const chunks = held([SMALL + 1, 300, SMALL + 1, SMALL + 1]);
    const messages = joinChunks(chunks);
    expect(messages.map((message, index) => message === chunks[index])).toEqual([true, true, true, true]);
  });

  it('gives the same bytes in the same order, in messages that are not too large, whatever the sizes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: SMALL + 20_000 }), { maxLength: 40 }), (sizes) => {
        const chunks = held(sizes);
        const messages = joinChunks(chunks);
        expect(bytesOf(messages).equals(bytesOf(chunks))).toBe(true);
        let from = 0;
        for (const message of messages) {
          expect(message.from).toBe(from);
          expect(message.position - from).toBe(message.bytes.length);
          from = message.position;
          expect(message.bytes.length).toBeLessThanOrEqual(MAX_JOINED);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('says what is left of a message behind a chunk in it', () => {
    const chunks = held([300, 400, 500]);
    const rest = restOf(joinChunks(chunks)[0]!, 300);
    expect(rest).toMatchObject({ from: 300, position: 1200, end: 3 });
    expect(bytesOf([rest]).equals(bytesOf(chunks.slice(1)))).toBe(true);
  });
});
