import { startWorker } from '../net/start-worker';
import type { FeedCommand, FeedEvent } from './feed-message';
import { MediaFeed } from './media-feed';
import { canWork } from './media-source';

/** How long a worker may be in coming, ms. */
const PATIENCE = 3_000;

let script: string | undefined;

/** Says where the script is that a worker runs: the player's own. Without it, feeds run in the page. */
export function setFeedScript(url: string | undefined): void {
  script = url;
}

/** The way to a feed: one in a worker, where the browser has media sources there and the page lets it start, else one in the page. */
export class FeedLink {
  readonly #hear: (event: FeedEvent) => void;
  #worker: Worker | undefined;
  #feed: MediaFeed | undefined;
  /** What waits for the worker. */
  #waiting: FeedCommand[] = [];
  #patience: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(hear: (event: FeedEvent) => void) {
    this.#hear = hear;
    const worker = script === undefined || !canWork() ? undefined : startWorker(script, 'sluice-video');
    if (worker === undefined) {
      this.#goOnHere();
      return;
    }
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FeedEvent>) => this.#heard(data);
    worker.onerror = (event) => {
      event.preventDefault();
      if (this.#patience !== undefined) this.#goOnHere();
    };
    this.#patience = setTimeout(() => this.#goOnHere(), PATIENCE);
  }

  /** Whether the feed runs in a worker. */
  get inWorker(): boolean {
    return this.#worker !== undefined;
  }

  send(command: FeedCommand): void {
    if (this.#feed !== undefined) this.#feed.take(command);
    else if (this.#patience !== undefined) this.#waiting.push(command);
    else this.#worker?.postMessage(command);
  }

  /** Ends the feed. May be called twice. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#patience);
    this.#feed?.take({ type: 'close' });
    this.#worker?.terminate();
    this.#feed = undefined;
    this.#worker = undefined;
    this.#waiting = [];
  }

  #heard(event: FeedEvent): void {
    if (event.type === 'ready') this.#begin();
    else if (!this.#closed) this.#hear(event);
  }

  /** The worker is there. */
  #begin(): void {
    this.#stopWaiting().forEach((command) => this.#worker?.postMessage(command));
  }

  /** There is no worker: the page's policy forbids it, or it didn't load. */
  #goOnHere(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    const feed = new MediaFeed((event) => {
      if (!this.#closed) this.#hear(event);
    });
    this.#feed = feed;
    this.#stopWaiting().forEach((command) => feed.take(command));
  }

  #stopWaiting(): FeedCommand[] {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    return this.#waiting.splice(0);
  }
}
