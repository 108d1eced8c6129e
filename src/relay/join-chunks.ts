import { allocateMedia } from '../media/chunk';
import type { HeldChunk, MediaMessage } from './media-message';

/** The largest message that is joined of several chunks, bytes. */
export const MAX_JOINED = 256 << 10;
/** A chunk of more bytes is sent by itself: copying it would cost more than the system call that is saved. */
const LARGE_CHUNK = 32 << 10;

/** Joins runs of small chunks, so that many small messages become few. A chunk that stands by itself isn't copied. */
export function joinChunks(chunks: readonly HeldChunk[]): MediaMessage[] {
  const messages: MediaMessage[] = [];
  for (let at = 0; at < chunks.length; ) {
    const end = endOfRun(chunks, at);
    messages.push(joinRun(chunks.slice(at, end)));
    at = end;
  }
  return messages;
}

/** Index behind the run of chunks that begins at `at` and is sent as one message. */
export function endOfRun(chunks: readonly HeldChunk[], at: number): number {
  let bytes = 0;
  let end = at;
  for (; end < chunks.length; end++) {
    const size = chunks[end]?.bytes.length ?? 0;
    bytes += size;
    if (end > at && (size > LARGE_CHUNK || bytes > MAX_JOINED)) break;
    if (size > LARGE_CHUNK) return end + 1;
  }
  return end;
}

/** One message of the whole of `run`, which isn't empty. */
export function joinRun(run: readonly HeldChunk[]): MediaMessage {
  const first = run[0];
  const last = run[run.length - 1];
  if (first === undefined || last === undefined) throw new RangeError('Cannot join no chunks');
  if (first === last) return first;
  const bytes = allocateMedia(last.position - first.from);
  for (const held of run) bytes.set(held.bytes, held.from - first.from);
  return {
    bytes,
    from: first.from,
    position: last.position,
    end: last.end,
    joinable: run.some(({ joinable }) => joinable),
    hasVideo: run.some(({ hasVideo }) => hasVideo),
  };
}

/** What of `message` lies behind `position`, which is a boundary between chunks in it. */
export function restOf(message: MediaMessage, position: number): MediaMessage {
  const rest = message.bytes.subarray(position - message.from);
  const bytes = allocateMedia(rest.length);
  bytes.set(rest);
  return { ...message, bytes, from: position };
}
