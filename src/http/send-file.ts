import type { IncomingMessage } from 'node:http';
import type { Clock } from '../relay/clock';
import { BodyWriter } from './body-writer';
import { readRange, slicePieces } from './byte-range';
import type { Exchange } from './exchange';

/** A whole answer: bytes in pieces, which are shared and never written to. */
export interface FileAnswer {
  readonly pieces: readonly Uint8Array[];
  /** Bytes of all pieces. */
  readonly size: number;
  readonly type: string;
  /** Strong: the same for the same bytes, and no other. */
  readonly etag: string;
  readonly cacheControl: string;
  /** How the pieces are encoded, where the client may choose; then there are no ranges of it. */
  readonly encoding?: 'gzip' | 'identity';
}

/** Answers with a file, or the range of it that is asked for; with 304 if the client has it. Copies nothing. A client that stops reading is cut off. */
export function sendFile(exchange: Exchange, file: FileAnswer, clock: Clock): void {
  const { request, response } = exchange;
  const send = (pieces: readonly Uint8Array[]): void => {
    const body = new BodyWriter(exchange, clock);
    body.write(...pieces);
    body.end();
  };
  const headers: Record<string, string | number> = { ETag: file.etag, 'Cache-Control': file.cacheControl };
  if (file.encoding === undefined) headers['Accept-Ranges'] = 'bytes';
  // Who asks may matter, too: that is said already.
  else response.appendHeader('Vary', 'Accept-Encoding');
  if (hasIt(request, file.etag)) {
    response.writeHead(304, headers).end();
    return;
  }
  headers['Content-Type'] = file.type;
  if (file.encoding === 'gzip') headers['Content-Encoding'] = 'gzip';
  const range = file.encoding === undefined ? readRange(wantedRange(request, file.etag), file.size) : 'all';
  if (range === 'none') {
    response.writeHead(416, { 'Content-Range': `bytes */${file.size}`, 'Content-Length': 0 }).end();
    return;
  }
  if (range === 'all') {
    response.writeHead(200, { ...headers, 'Content-Length': file.size });
    send(file.pieces);
    return;
  }
  const { from, to } = range;
  response.writeHead(206, { ...headers, 'Content-Length': to - from, 'Content-Range': `bytes ${from}-${to - 1}/${file.size}` });
  send(slicePieces(file.pieces, range));
}

/** RFC 9110 §13.1.2. */
function hasIt(request: IncomingMessage, etag: string): boolean {
  const known = request.headers['if-none-match'];
  return known !== undefined && known.split(',').some((one) => [etag, `W/${etag}`, '*'].includes(one.trim()));
}

/** A range of another version of the file is of no use: RFC 9110 §13.1.5. */
function wantedRange(request: IncomingMessage, etag: string): string | undefined {
  const condition = request.headers['if-range'];
  return condition === undefined || condition === etag ? request.headers.range : undefined;
}
