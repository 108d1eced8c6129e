import { type Servant, WorkerLink } from '../net/worker-link';
import type { FeedCommand, FeedEvent } from './feed-message';
import { MediaFeed } from './media-feed';
import { canWork } from './media-source';

let script: string | undefined;

/** Says where the script is that a worker runs: the player's own. Without it, feeds run in the page. */
export function setFeedScript(url: string | undefined): void {
  script = url;
}

/** The way to a feed: one in a worker, where the browser has media sources there and the page lets it start, else one in the page. */
export class FeedLink extends WorkerLink<FeedCommand, FeedEvent> {
  constructor(hear: (event: FeedEvent) => void) {
    super({ script: canWork() ? script : undefined, name: 'sluice-video', here: feedHere, hear });
  }
}

function feedHere(tell: (event: FeedEvent) => void): Servant<FeedCommand> {
  const feed = new MediaFeed(tell);
  return { take: (command) => feed.take(command), close: () => feed.take({ type: 'close' }) };
}
