import fc from 'fast-check';
import { clientFrame } from '../../../bench/clients/client-frame.mjs';
import { FrameReader, OPCODE } from '../../../bench/clients/frame-reader.mjs';
import { allocateMedia } from '../../../src/media/chunk';
import { frameOf } from '../../../src/socket/frame';

interface Message {
  readonly opcode: number;
  readonly size: number;
  readonly text: string;
}

/** What a reader tells of those reads. */
function messagesOf(reads: readonly Buffer[]): Message[] {
  const messages: Message[] = [];
  const reader = new FrameReader((opcode, size, payload) => messages.push({ opcode, size, text: payload.toString() }));
  for (const read of reads) reader.push(read);
  return messages;
}

const text = (value: string): Buffer => Buffer.concat([Uint8Array.of(0x81, value.length), Buffer.from(value)]);

describe('the reader of frames', () => {
  it.each([0, 1, 125, 126, 65_535, 65_536, 200_000])('counts a binary message of %i bytes and drops it', (size) => {
    expect(messagesOf([frameOf(allocateMedia(size))])).toEqual([{ opcode: OPCODE.binary, size, text: '' }]);
  });

  it('gives the text of a message, and of a ping', () => {
    expect(messagesOf([text('{"type":"sync"}'), Buffer.from([0x89, 2, 0x68, 0x69])])).toEqual([
      { opcode: OPCODE.text, size: 15, text: '{"type":"sync"}' },
      { opcode: OPCODE.ping, size: 2, text: 'hi' },
    ]);
  });

  it('counts a binary message in several frames as one', () => {
    expect(messagesOf([Buffer.from([0x02, 2, 1, 2, 0x89, 0, 0x80, 1, 3])])).toEqual([
      { opcode: OPCODE.ping, size: 0, text: '' },
      { opcode: OPCODE.binary, size: 3, text: '' },
    ]);
  });

  it('refuses a masked frame, which no server sends', () => {
    expect(() => messagesOf([clientFrame(OPCODE.text, 'x')])).toThrow('mask');
  });

  it('tells the same however the bytes are cut', () => {
    const bytes = Buffer.concat([text('before'), frameOf(allocateMedia(70_000)), text('between'), frameOf(allocateMedia(300)), text('behind')]);
    const whole = messagesOf([bytes]);
    expect(whole).toHaveLength(5);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const reads = edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
        expect(messagesOf(reads)).toEqual(whole);
      }),
    );
  });
});

describe('a frame of the client', () => {
  it('has a mask of zeros, so that its payload stands in it as it is', () => {
    expect([...clientFrame(OPCODE.text, 'ok')]).toEqual([0x81, 0x82, 0, 0, 0, 0, 0x6f, 0x6b]);
  });

  it('states its length in as many bytes as it needs', () => {
    expect([...clientFrame(OPCODE.binary, new Uint8Array(126)).subarray(0, 8)]).toEqual([0x82, 0xfe, 0, 126, 0, 0, 0, 0]);
    expect([...clientFrame(OPCODE.binary, new Uint8Array(65_536)).subarray(0, 14)]).toEqual([0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  });
});
