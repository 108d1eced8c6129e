import fc from 'fast-check';
import { Duplex } from 'node:stream';
import { TLS_PIECE, writeInPieces } from '../../../src/http/tls-pieces';

/** What a socket of Node writes: a `Buffer`, or text with its encoding. */
interface Written {
  readonly chunk: Buffer | string;
  readonly encoding: BufferEncoding;
}

/** A socket that keeps what it is given until the test has it taken. */
class SlowSocket extends Duplex {
  readonly given: (Buffer | string)[] = [];
  readonly taken: Buffer[] = [];
  /** The most that was under way at once, bytes. */
  most = 0;
  #underWay: { bytes: Buffer; done: (error?: Error | null) => void } | undefined;

  constructor() {
    super({ decodeStrings: false });
  }

  override _read(): void {
    // Nothing comes.
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#begin([{ chunk, encoding }], done);
  }

  override _writev(chunks: readonly Written[], done: (error?: Error | null) => void): void {
    this.#begin(chunks, done);
  }

  #begin(chunks: readonly Written[], done: (error?: Error | null) => void): void {
    this.given.push(...chunks.map(({ chunk }) => chunk));
    if (this.#underWay !== undefined) throw new Error('Written while something was under way');
    const bytes = Buffer.concat(chunks.map(({ chunk, encoding }) => (typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk)));
    this.most = Math.max(this.most, bytes.length);
    this.#underWay = { bytes, done };
  }

  /** The system takes what is under way. False if there was nothing. */
  accept(error?: Error): boolean {
    const written = this.#underWay;
    if (written === undefined) return false;
    this.#underWay = undefined;
    if (error === undefined) this.taken.push(written.bytes);
    written.done(error);
    return true;
  }

  async acceptAll(): Promise<Buffer> {
    // The stream goes on with what waits in a tick of its own.
    for (let idle = 0; idle < 3; idle = this.accept() ? 0 : idle + 1) await new Promise(setImmediate);
    return Buffer.concat(this.taken);
  }
}

function slowSocket(): SlowSocket {
  const socket = new SlowSocket();
  writeInPieces(socket);
  return socket;
}

describe('a socket that is written to in pieces', () => {
  it('is given no more than a piece at a time, however much is written at one go', async () => {
    const socket = slowSocket();
    const frames = Array.from({ length: 40 }, (_, index) => Buffer.alloc(TLS_PIECE / 3, index));
    socket.cork();
    for (const frame of frames) socket.write(frame);
    socket.uncork();
    expect((await socket.acceptAll()).equals(Buffer.concat(frames))).toBe(true);
    expect(socket.most).toBe(TLS_PIECE);
  });

  it('is given a large frame in slices of that frame, without a copy', async () => {
    const socket = slowSocket();
    const frame = Buffer.alloc(TLS_PIECE * 3 + 7, 1);
    socket.write(frame);
    expect((await socket.acceptAll()).equals(frame)).toBe(true);
    const chunks = socket.given as Buffer[];
    expect(chunks.map(({ length }) => length)).toEqual([TLS_PIECE, TLS_PIECE, TLS_PIECE, 7]);
    expect(chunks.every(({ buffer }) => buffer === frame.buffer)).toBe(true);
  });

  it('is given small frames that wait together', async () => {
    const socket = slowSocket();
    for (let index = 0; index < 10; index++) socket.write(Buffer.alloc(100, index));
    await socket.acceptAll();
    expect(socket.taken.map(({ length }) => length)).toEqual([100, 900]);
  });

  it('writes the same bytes in the same order, whatever is written how', async () => {
    const size = fc.oneof(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: TLS_PIECE - 2, max: TLS_PIECE + 2 }), fc.integer({ min: 0, max: 2 * TLS_PIECE }));
    const chunk = fc.oneof(
      size.map((length) => Buffer.alloc(length, length % 251)),
      fc.string({ unit: 'grapheme', maxLength: 50 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(chunk, { maxLength: 4 }), { maxLength: 5 }), async (bursts) => {
        const socket = slowSocket();
        for (const burst of bursts) {
          socket.cork();
          for (const bytes of burst) socket.write(bytes);
          socket.uncork();
          socket.accept();
        }
        const written = Buffer.concat(bursts.flat().map((bytes) => Buffer.from(bytes as string)));
        expect((await socket.acceptAll()).equals(written)).toBe(true);
        expect(socket.most).toBeLessThanOrEqual(TLS_PIECE + 50 * 4 * 40);
        expect(socket.writableLength).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('writes nothing more after an error, which every write is told of', async () => {
    const socket = slowSocket();
    socket.on('error', () => undefined);
    const told: (Error | null | undefined)[] = [];
    for (let index = 0; index < 2; index++) socket.write(Buffer.alloc(2 * TLS_PIECE), (error) => told.push(error));
    const broken = new Error('broken');
    socket.accept(broken);
    expect(await socket.acceptAll()).toHaveLength(0);
    expect(told).toEqual([broken, broken].map(() => expect.any(Error) as Error));
  });
});
