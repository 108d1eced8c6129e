import type { StreamInfo, StreamList } from '../../src/protocol/stream-info';
import { ApiFailure, type RelayApi } from './relay-api';

/**
 * Asks the relay for its streams.
 * @throws ApiFailure; what `signal` was aborted with, if it was.
 */
export async function fetchStreams(api: RelayApi, signal: AbortSignal): Promise<readonly StreamInfo[]> {
  const body = await api.get('api/streams', signal).catch((failure: unknown) => {
    if (!(failure instanceof ApiFailure) || failure.status !== 401) throw failure;
    throw new ApiFailure('This relay is private: open the dashboard by a link with a key, /?token=KEY', { status: failure.status, cause: failure });
  });
  if (!isStreamList(body)) throw new ApiFailure("The relay's answer is no list of streams");
  return body.streams;
}

function isStreamList(body: unknown): body is StreamList {
  return typeof body === 'object' && body !== null && 'streams' in body && Array.isArray(body.streams);
}
