import type { StreamInfo, StreamList } from '../../src/protocol/stream-info';
import { pageToken } from '../net/page-token';
import type { RelayTime } from './relay-time';

/**
 * Asks the relay for its streams.
 * @throws Error with a message for people; what `signal` was aborted with, if it was.
 */
export async function fetchStreams(signal: AbortSignal, time: RelayTime): Promise<readonly StreamInfo[]> {
  const response = await fetch(`/api/streams${pageToken('?')}`, { signal, cache: 'no-store' }).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new Error('The relay does not answer', { cause });
  });
  if (response.status === 401) throw new Error('This relay is private: open the dashboard by a link with a key, /?token=KEY');
  if (!response.ok) throw new Error(`The relay answers with an error (status ${response.status})`);
  time.learn(response.headers.get('Date'));
  const body: unknown = await response.json().catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new Error("The relay's answer cannot be read", { cause });
  });
  if (!isStreamList(body)) throw new Error("The relay's answer is no list of streams");
  return body.streams;
}

function isStreamList(body: unknown): body is StreamList {
  return typeof body === 'object' && body !== null && 'streams' in body && Array.isArray(body.streams);
}
