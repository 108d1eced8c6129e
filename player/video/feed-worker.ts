import type { FeedCommand, FeedEvent } from './feed-message';
import { MediaFeed } from './media-feed';

/** What is needed of a worker's global scope. */
export interface WorkerScope {
  onmessage: ((event: MessageEvent<FeedCommand>) => void) | null;
  postMessage(message: FeedEvent, transfer: Transferable[]): void;
}

/** Runs a feed in this worker, for the page that has made it. */
export function serveFeed(scope: WorkerScope): void {
  const tell = (event: FeedEvent): void => {
    const handles = event.type === 'source' && 'handle' in event.attachment ? [event.attachment.handle] : [];
    scope.postMessage(event, handles);
  };
  const feed = new MediaFeed(tell);
  scope.onmessage = ({ data }) => feed.take(data);
  tell({ type: 'ready' });
}
