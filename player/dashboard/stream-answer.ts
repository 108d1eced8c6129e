import type { StreamDetail } from '../../src/protocol/stream-detail';
import type { StreamInfo } from '../../src/protocol/stream-info';
import type { ViewerList } from '../../src/protocol/viewer-info';
import { ApiFailure, type RelayApi } from './relay-api';

/** What the relay tells of one stream. */
export interface StreamAnswer {
  /** A `StreamDetail` for administrators; undefined while there is no such stream. */
  readonly stream: StreamInfo | StreamDetail | undefined;
  /** Undefined for whoever isn't one. */
  readonly viewers: ViewerList | undefined;
}

/**
 * Asks for one stream, and for its viewers if it is told everything.
 * @throws ApiFailure; what `signal` was aborted with, if it was.
 */
export async function askForStream(api: RelayApi, name: string, signal: AbortSignal): Promise<StreamAnswer> {
  const path = `api/streams/${encodeURIComponent(name)}`;
  try {
    const stream = (await api.get(path, signal)) as StreamInfo | StreamDetail;
    const viewers = isDetail(stream) ? ((await api.get(`${path}/viewers`, signal)) as ViewerList) : undefined;
    return { stream, viewers };
  } catch (failure) {
    if (!(failure instanceof ApiFailure)) throw failure;
    if (failure.status === 404) return { stream: undefined, viewers: undefined };
    if (failure.status !== 401) throw failure;
    throw new ApiFailure(`This relay is private: open this page by a link with a key, /streams/${name}?token=KEY`, { status: 401, cause: failure });
  }
}

/** Whether everything was told. */
export function isDetail(stream: StreamInfo | StreamDetail): stream is StreamDetail {
  return 'viewerSummary' in stream;
}
