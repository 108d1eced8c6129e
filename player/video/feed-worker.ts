import type { FeedCommand, FeedEvent } from './feed-message';
import { MediaFeed } from './media-feed';
import { hasMediaSource } from './media-source';

/** What is needed of a worker's global scope. */
export interface WorkerScope {
  onmessage: ((event: MessageEvent<FeedCommand>) => void) | null;
  postMessage(message: FeedEvent, transfer: Transferable[]): void;
}

/**
 * Runs a feed in this worker, for the page that has made it.
 * @throws Error if the worker has no media sources, whatever the page was told: then the page runs the feed itself.
 */
export function serveFeed(scope: WorkerScope): void {
  if (!hasMediaSource()) throw new Error('This worker has no Media Source Extensions');
  const tell = (event: FeedEvent): void => {
    const handles = event.type === 'source' && 'handle' in event.attachment ? [event.attachment.handle] : [];
    scope.postMessage(event, handles);
  };
  const feed = new MediaFeed(tell);
  scope.onmessage = ({ data }) => feed.take(data);
  tell({ type: 'ready' });
}
