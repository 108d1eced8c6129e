import type { Duplex } from 'node:stream';

/** How much TLS is given at a time, bytes: enough to fill a fast link, and what it costs in memory for each connection that isn't read. */
export const TLS_PIECE = 256 << 10;

/** What a stream writes at one go: buffers, or text with its encoding. */
interface Part {
  readonly chunk: Buffer | string;
  readonly encoding: BufferEncoding;
}

type Done = (error?: Error | null) => void;

/**
 * Has a TLS socket written to in pieces, one after another as the system takes them.
 *
 * Node encrypts at once all that a TLS socket is given, into memory of that connection alone, where it stays until the system
 * takes it. And since a stream gives all that waits in it at one go, each viewer that doesn't read would have a copy of its own
 * of all that it was sent. What waits in the stream instead are references to frames that all viewers share.
 */
export function writeInPieces(socket: Duplex): void {
  const write = socket._write.bind(socket);
  const writev = socket._writev?.bind(socket);
  if (writev === undefined) return;
  const writeAll = (parts: readonly Part[], done: Done): void => {
    const pieces = piecesOf(parts);
    const next: Done = (error) => {
      if (error) {
        done(error);
        return;
      }
      const { value: piece } = pieces.next();
      const [first] = piece ?? [];
      if (piece === undefined || first === undefined) done();
      else if (piece.length === 1) write(first.chunk, first.encoding, next);
      else writev(piece, next);
    };
    next();
  };
  socket._write = (chunk: Part['chunk'], encoding, done) => {
    if (chunk.length <= TLS_PIECE) write(chunk, encoding, done);
    else writeAll([{ chunk, encoding }], done);
  };
  socket._writev = writeAll;
}

/** The same bytes in the same order, cut and put together: none is empty, and none is larger than a piece but for its last part, which may be text. */
function* piecesOf(parts: readonly Part[]): Generator<Part[], undefined> {
  let piece: Part[] = [];
  let room = TLS_PIECE;
  for (const { chunk, encoding } of parts) {
    for (let at = 0; at < chunk.length; ) {
      const slice = typeof chunk === 'string' ? chunk : chunk.subarray(at, at + room);
      piece.push({ chunk: slice, encoding });
      at += slice.length;
      room -= slice.length;
      if (room > 0) continue;
      yield piece;
      piece = [];
      room = TLS_PIECE;
    }
  }
  if (piece.length > 0) yield piece;
  return undefined;
}
