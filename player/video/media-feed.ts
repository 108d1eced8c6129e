import type { ErrorCode } from '../../src/protocol/error-code';
import type { ErrorEvent, TrackInfo, WaitingReason } from '../../src/protocol/watch-message';
import { EpochMedia } from './epoch-media';
import type { FeedCommand, FeedEvent } from './feed-message';
import { MediaBuffer, type MediaBufferListener } from './media-buffer';
import { type Attachment, canPlay, takesDurationsByTheirWord } from './media-source';
import { type InitEvent, WatchConnection, type WatchListener } from './watch-connection';

/** An epoch on its way into the buffer. */
interface Epoch {
  readonly media: EpochMedia;
  readonly mime: string;
  /** The kinds of its tracks: a media source keeps those that it began with. */
  readonly kinds: string;
  readonly init: Uint8Array;
  /** Presentation time that it begins at, seconds; undefined for the first of a media source, which has its own times. */
  readonly startsAt: number | undefined;
  /** Added to media time it gives presentation time, seconds; undefined before the first chunk. */
  offset: number | undefined;
}

/** What is kept behind the playhead at least when the browser takes no more, seconds. */
const LEAST_BACK_BUFFER = 2;
/** What was played is removed when so much more of it has come together, seconds. */
const TRIM_STEP = 5;

/**
 * Brings the media of one watch socket into a media source. It knows nothing of the video that shows it, and so runs in a worker, where
 * a page that is busy doesn't hold it up, or else beside its player: both speak to it by messages.
 */
export class MediaFeed implements WatchListener, MediaBufferListener {
  readonly #tell: (event: FeedEvent) => void;
  #connection: WatchConnection | undefined;
  #backBuffer = 0;
  #buffer: MediaBuffer | undefined;
  #epoch: Epoch | undefined;
  #playhead = 0;
  #trimmedTo = 0;
  #bytes = 0;
  /** What the relay told of its clock, until it can be told in times of the page. */
  #clock: { readonly media: number; readonly wall: number } | undefined;

  /** @param tell takes what the player has to know. */
  constructor(tell: (event: FeedEvent) => void) {
    this.#tell = tell;
  }

  take(command: FeedCommand): void {
    switch (command.type) {
      case 'open':
        this.#open(command);
        return;
      case 'pause':
        this.#connection?.pause();
        return;
      case 'play':
        this.#connection?.play(command.resume);
        return;
      case 'restart':
        this.#attach();
        this.#connection?.rejoin();
        return;
      case 'skip-epoch':
        this.#detach();
        this.#connection?.skipEpoch(command.epoch);
        return;
      case 'playhead':
        this.#playhead = command.time;
        this.#trim();
        return;
      case 'report':
        this.#connection?.report(command.report);
        return;
      case 'check':
        this.#connection?.check();
        return;
      case 'close':
        this.#connection?.close();
        this.#detach();
        return;
      default:
        command satisfies never;
    }
  }

  #open({ url, backBuffer }: Extract<FeedCommand, { type: 'open' }>): void {
    this.#backBuffer = backBuffer;
    try {
      this.#attach();
    } catch (error) {
      this.#tell({ type: 'refused', code: 'media-failed', message: (error as Error).message });
      return;
    }
    this.#connection = new WatchConnection({ url: new URL(url), listener: this });
    this.#connection.open();
  }

  connecting(refusal?: ErrorCode): void {
    this.#tell({ type: 'connecting', refusal });
  }

  init({ epoch, mime, tracks }: InitEvent, bytes: Uint8Array): void {
    const again = this.#epoch?.media.id === epoch;
    this.#clock = undefined;
    const playable = canPlay(mime);
    this.#tell({ type: 'init', epoch, mime, tracks, playable });
    if (!playable) {
      this.#detach();
      this.#connection?.skipEpoch(epoch);
      return;
    }
    const kinds = kindsOf(tracks);
    if (this.#buffer === undefined || (this.#epoch !== undefined && this.#epoch.kinds !== kinds)) this.#attach();
    this.#attempt(() => {
      const offset = again ? this.#epoch?.offset : undefined;
      this.#epoch = { media: new EpochMedia(epoch, bytes, { shorten: takesDurationsByTheirWord() }), mime, kinds, init: bytes, startsAt: this.#end, offset };
      if (offset !== undefined) this.#buffer?.append(bytes);
    });
  }

  resumed(): void {
    this.#epoch?.media.forgetArrivals();
    this.#tell({ type: 'resumed' });
  }

  media(bytes: Uint8Array): void {
    const epoch = this.#epoch;
    if (epoch === undefined) return;
    this.#bytes += bytes.length;
    this.#tell({ type: 'media' });
    this.#attempt(() => {
      epoch.media.push(bytes, performance.now() / 1000);
      if (epoch.offset === undefined) this.#begin(epoch);
      for (const piece of epoch.media.pieces(bytes)) this.#buffer?.append(piece);
    });
  }

  waiting(reason: WaitingReason): void {
    this.#tell({ type: 'waiting', reason });
  }

  clock(media: number, wall: number): void {
    this.#clock = { media, wall };
    this.#tellClock();
  }

  skipped(from: number, to: number): void {
    this.#epoch?.media.forgetArrivals();
    this.#tell({ type: 'skip', from, to });
  }

  ended(): void {
    this.#buffer?.end();
    this.#buffer = undefined;
    this.#epoch = undefined;
    this.#tell({ type: 'ended' });
  }

  blocked(): void {
    this.#tell({ type: 'blocked' });
  }

  refused({ code, message }: ErrorEvent): void {
    this.#tell({ type: 'refused', code, message });
  }

  made(attachment: Attachment): void {
    this.#tell({ type: 'source', attachment });
  }

  appended(): void {
    const { media, offset } = this.#epoch ?? {};
    if (media?.start === undefined || media.edge === undefined || offset === undefined) return;
    this.#tellClock();
    const { arrivals, pace } = media;
    const edge = media.edge + offset;
    this.#buffer?.setLiveEdge(edge);
    this.#tell({
      type: 'flow',
      flow: {
        start: media.start + offset,
        edge,
        arrivals: arrivals && { ...arrivals, lateness: arrivals.lateness - offset },
        pace,
        bytes: this.#bytes,
        now: performance.now() / 1000,
      },
    });
  }

  failed(reason: string): void {
    this.#tell({ type: 'failed', reason });
  }

  #tellClock(): void {
    const clockOffset = this.#connection?.clockOffset;
    const offset = this.#epoch?.offset;
    if (this.#clock === undefined || clockOffset === undefined || offset === undefined) return;
    this.#tell({ type: 'clock', time: this.#clock.media + offset, wall: this.#clock.wall - clockOffset });
    this.#clock = undefined;
  }

  /** Presentation time at which the next epoch begins: undefined if there was none before. */
  get #end(): number | undefined {
    const { media, offset } = this.#epoch ?? {};
    return media?.edge === undefined || offset === undefined ? undefined : Math.max(media.edge + offset, this.#playhead);
  }

  /** Runs what reads media; what can't be read is a failure of the stream. */
  #attempt(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.failed((error as Error).message);
    }
  }

  #detach(): void {
    this.#buffer?.close();
    this.#buffer = undefined;
    this.#epoch = undefined;
  }

  /** Makes a new and empty media source. */
  #attach(): void {
    this.#detach();
    this.#playhead = 0;
    this.#trimmedTo = 0;
    this.#buffer = new MediaBuffer(this);
  }

  /** Places an epoch whose first chunk has come: behind the one before, or at its own time if it is the first. */
  #begin(epoch: Epoch): void {
    const { start } = epoch.media;
    if (start === undefined) return;
    epoch.offset = epoch.startsAt === undefined ? 0 : epoch.startsAt - start;
    this.#buffer?.beginEpoch(epoch.mime, epoch.offset);
    this.#buffer?.append(epoch.init);
  }

  #trim(): void {
    const { media, offset } = this.#epoch ?? {};
    const buffer = this.#buffer;
    if (media?.start === undefined || offset === undefined || buffer === undefined) return;
    const removable = (time: number): number => {
      // What is of an epoch before can go as a whole, for nothing of this one depends on it.
      const before = media.keyframeBefore(time - offset);
      return Math.max(0, before === undefined ? Math.min(time, (media.start ?? 0) + offset) : before + offset);
    };
    buffer.expendable = removable(this.#playhead - LEAST_BACK_BUFFER);
    const to = removable(this.#playhead - this.#backBuffer);
    if (to < this.#trimmedTo + TRIM_STEP) return;
    this.#trimmedTo = to;
    buffer.remove(to);
  }
}

function kindsOf(tracks: readonly TrackInfo[]): string {
  return tracks
    .map(({ kind }) => kind)
    .sort()
    .join('+');
}
