import type { TrackInfo } from '../../src/protocol/watch-message';
import type { FeedEvent, Flow } from './feed-message';
import type { PlayerView } from './latency-controller';
import { RateMeter } from './player-stats';

/** What its feed has told a player of the stream: what is published, up to where it has come, and when that was captured. */
export class Reception {
  readonly #bytes = new RateMeter();
  #init: Pick<Extract<FeedEvent, { type: 'init' }>, 'epoch' | 'mime' | 'tracks'> = { epoch: '', mime: '', tracks: [] };
  #flow: Flow | undefined;
  /** The page's clock minus the feed's, seconds: the least that a message has shown. */
  #clockOffset = Infinity;
  #clock: { readonly time: number; readonly wall: number } | undefined;

  /** Type of what is published; empty before it is known. */
  get mime(): string {
    return this.#init.mime;
  }

  /** The relay's name of the timeline; empty before it is known. */
  get epoch(): string {
    return this.#init.epoch;
  }

  get tracks(): readonly TrackInfo[] {
    return this.#init.tracks;
  }

  get hasSound(): boolean {
    return this.tracks.some(({ kind }) => kind === 'audio');
  }

  get hasPicture(): boolean {
    return this.tracks.some(({ kind }) => kind === 'video');
  }

  /** Where the media is that was appended; undefined before there is some. */
  get flow(): Flow | undefined {
    return this.#flow;
  }

  /** Presentation time of the live edge, seconds; NaN before there is one. */
  get liveEdge(): number {
    return this.#flow?.edge ?? NaN;
  }

  /** Seconds from one piece of media to the next; 0 before that is known. */
  get pace(): number {
    return this.#flow?.pace ?? 0;
  }

  /** Bits a second; NaN before that is known. */
  get bitrate(): number {
    return this.#bytes.perSecond * 8;
  }

  /** Seconds since what is shown at `position` was captured, or failing that came to the relay; NaN while it isn't known. */
  latencyAt(position: number): number {
    if (this.#clock === undefined) return NaN;
    return (Date.now() - this.#clock.wall) / 1000 + this.#clock.time - position;
  }

  /** What a latency controller sees from `position`, if media is there from `from` on; undefined before any has come. */
  view(position: number, from: number | undefined): PlayerView | undefined {
    const flow = this.#flow;
    if (flow === undefined) return undefined;
    const arrivals = flow.arrivals && { ...flow.arrivals, lateness: flow.arrivals.lateness + this.#clockOffset };
    return { position, edge: flow.edge, from, arrivals, now: performance.now() / 1000 };
  }

  /** Takes what the feed tells; most of it says nothing of this. */
  hear(event: FeedEvent): void {
    switch (event.type) {
      case 'source':
        this.#flow = undefined;
        this.#clock = undefined;
        return;
      case 'init':
        this.#init = event;
        this.#clock = undefined;
        return;
      case 'flow':
        this.#flowed(event.flow);
        return;
      case 'clock':
        this.#clock = event;
        return;
      case 'ended':
        this.#flow = undefined;
        return;
      default:
    }
  }

  #flowed(flow: Flow): void {
    this.#flow = flow;
    const now = performance.now();
    this.#clockOffset = Math.min(this.#clockOffset, now / 1000 - flow.now);
    this.#bytes.count(now, flow.bytes);
  }
}
