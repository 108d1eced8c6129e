import fc from 'fast-check';
import { EventEmitter } from 'node:events';
import { WebSocket } from 'ws';
import { type ErrorCode, SluiceError } from '../../../src/protocol/error-code';
import { closeReason, refuseSocket } from '../../../src/socket/farewell';

/** As much of a WebSocket as a farewell touches. */
class FakeSocket extends EventEmitter {
  readonly protocol = '';
  readyState: number = WebSocket.OPEN;
  readonly closes: number[] = [];
  cutOff = false;

  close(code: number): void {
    this.closes.push(code);
  }

  terminate(): void {
    this.cutOff = true;
  }
}

function refused(code: ErrorCode): FakeSocket {
  const socket = new FakeSocket();
  refuseSocket(socket as unknown as WebSocket, new SluiceError(code, 'Told'));
  return socket;
}

describe('a refused socket', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('that doesn’t close is cut off after a second, but one that doesn’t read after 20', () => {
    const [full, slow] = [refused('full'), refused('too-slow')];
    expect([full.closes, slow.closes]).toEqual([[4503], [4008]]);
    jest.advanceTimersByTime(1_000);
    expect([full.cutOff, slow.cutOff]).toEqual([true, false]);
    jest.advanceTimersByTime(18_999);
    expect(slow.cutOff).toBe(false);
    jest.advanceTimersByTime(1);
    expect(slow.cutOff).toBe(true);
  });

  it('that closes is left in peace', () => {
    const socket = refused('full');
    socket.emit('close');
    jest.advanceTimersByTime(60_000);
    expect(socket.cutOff).toBe(false);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('the reason in a close frame', () => {
  it('is the text itself where that fits', () => {
    expect(closeReason('name-in-use: "cam"')).toBe('name-in-use: "cam"');
    expect(closeReason('x'.repeat(123))).toHaveLength(123);
  });

  it('is cut to 123 bytes, between characters', () => {
    expect(closeReason('x'.repeat(124))).toBe('x'.repeat(123));
    expect(closeReason('ä'.repeat(100))).toBe('ä'.repeat(61));
    expect(closeReason(`${'x'.repeat(122)}😀`)).toBe('x'.repeat(122));
  });

  it('is at most 123 bytes and a beginning of the text, whatever that is', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'ä', '€', '😀', ' ', '"'), maxLength: 200 });
    fc.assert(
      fc.property(text, (whole) => {
        const reason = closeReason(whole);
        expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
        expect(whole.startsWith(reason)).toBe(true);
        if (Buffer.byteLength(whole) > 123) expect(Buffer.byteLength(reason)).toBeGreaterThan(119);
        else expect(reason).toBe(whole);
      }),
    );
  });
});
