import type { StreamDetail, ViewerSummary } from '../protocol/stream-detail';
import type { ViewerInfo, ViewerList, ViewerTransport } from '../protocol/viewer-info';
import type { Stream } from '../relay/stream';
import { droppedInfo } from '../relay/track-info';
import type { StreamHistory } from './stream-histories';

/** How many viewers are listed. */
const MAX_LISTED = 1_000;

/** All that is told of a stream, or undefined before its first media. */
export function streamDetail(stream: Stream, { samples, gop, sinceKeyframe }: StreamHistory): StreamDetail | undefined {
  const { info, epoch, publisher, stopped } = stream;
  if (info === undefined || epoch === undefined) return undefined;
  const { presumedReorder } = epoch.init.tracks.find(({ kind }) => kind === 'video') ?? {};
  return {
    ...info,
    ...(publisher !== undefined && { publisher }),
    epoch: { id: epoch.id, bytes: epoch.position, heldChunks: epoch.window.length, heldBytes: epoch.window.bytes },
    ...droppedInfo(epoch.init.dropped),
    ...(stopped.length > 0 && { stopped }),
    ...(gop !== undefined && { gop: Math.round(gop * 1000) / 1000 }),
    ...(sinceKeyframe !== undefined && { sinceKeyframe: Math.round(sinceKeyframe * 1000) / 1000 }),
    ...(presumedReorder !== undefined && { presumedReorder }),
    viewerSummary: summarize(stream.viewerInfos()),
    history: samples,
  };
}

/** The viewers of a stream, the first thousand. */
export function viewerList(stream: Stream): ViewerList {
  const viewers: ViewerInfo[] = [];
  for (const info of stream.viewerInfos()) {
    if (viewers.length === MAX_LISTED) break;
    viewers.push(info);
  }
  return { total: stream.viewers, viewers };
}

function summarize(viewers: Iterable<ViewerInfo>): ViewerSummary {
  const byTransport: Partial<Record<ViewerTransport, number>> = {};
  const sum = { behind: 0, maxLag: 0, skips: 0, skippedBytes: 0 };
  for (const { transport, state, lag = 0, skips, skippedBytes } of viewers) {
    byTransport[transport] = (byTransport[transport] ?? 0) + 1;
    if (state === 'behind') sum.behind++;
    sum.maxLag = Math.max(sum.maxLag, lag);
    sum.skips += skips;
    sum.skippedBytes += skippedBytes;
  }
  return { byTransport, ...sum };
}
