import type { SluiceError } from '../protocol/error-code';
import type { TrackInfo } from '../protocol/watch-message';
import type { Failed } from './clock';

/** Why a stream is over: its publisher ended it or stayed away, the operator ended it, or the relay stops. */
export type StreamEnding = 'ended' | 'operator' | 'restart';

/** Who was turned away, or had to go, and why. The name need not be that of a stream. */
export interface Refusal {
  readonly name: string;
  readonly address: string;
  readonly error: SluiceError;
}

/** Times of a publisher that don't go on where they were. */
export interface TimesJump {
  readonly name: string;
  /** Back if negative. */
  readonly seconds: number;
}

/** A publisher whose media viewers can't join. */
export interface MissingKeyframe {
  readonly name: string;
  /** For how much media there has been no keyframe. */
  readonly seconds: number;
}

/** The tracks of a stream that have stopped while the other goes on. */
export interface StoppedTracks {
  readonly name: string;
  /** None, once all go on. */
  readonly stopped: readonly TrackInfo['kind'][];
}

/** Somebody who wants to know what happens in a relay. It is told as it happens; none of its methods may call the relay. One that throws is reported. */
export interface RelayObserver {
  /** A publisher's media has begun; `resumed` if the stream was held for it. */
  streamLive(stream: { readonly name: string; readonly mime: string; readonly resumed: boolean }): void;
  /** The publisher of a live stream broke off. */
  streamHeld(name: string): void;
  /** A stream that had media is over. `since` is when it had gone live, Unix ms. */
  streamEnded(stream: { readonly name: string; readonly since: number; readonly reason: StreamEnding }): void;
  publisherRefused(refusal: Refusal): void;
  /** A publisher's times have jumped, and a new epoch begins. */
  timesJumped(jump: TimesJump): void;
  /** No keyframe of a publisher has come for long: reported once for each publisher. */
  keyframeMissing(missing: MissingKeyframe): void;
  /** A track has stopped, or goes on. */
  tracksStopped(stream: StoppedTracks): void;
  viewerJoined(name: string): void;
  viewerLeft(name: string): void;
  /** A viewer is let go since it didn't catch up. */
  viewerTooSlow(name: string): void;
}

/** All who want to know. */
export class RelayObservers implements RelayObserver {
  readonly #observers = new Set<RelayObserver>();
  readonly #failed: Failed;

  constructor(failed: Failed) {
    this.#failed = failed;
  }

  /** Tells `observer` too, until the returned function is called. */
  add(observer: RelayObserver): () => void {
    this.#observers.add(observer);
    return () => void this.#observers.delete(observer);
  }

  streamLive(stream: Parameters<RelayObserver['streamLive']>[0]): void {
    this.#tell((observer) => observer.streamLive(stream));
  }

  streamHeld(name: string): void {
    this.#tell((observer) => observer.streamHeld(name));
  }

  streamEnded(stream: Parameters<RelayObserver['streamEnded']>[0]): void {
    this.#tell((observer) => observer.streamEnded(stream));
  }

  publisherRefused(refusal: Refusal): void {
    this.#tell((observer) => observer.publisherRefused(refusal));
  }

  timesJumped(jump: TimesJump): void {
    this.#tell((observer) => observer.timesJumped(jump));
  }

  keyframeMissing(missing: MissingKeyframe): void {
    this.#tell((observer) => observer.keyframeMissing(missing));
  }

  tracksStopped(stream: StoppedTracks): void {
    this.#tell((observer) => observer.tracksStopped(stream));
  }

  viewerJoined(name: string): void {
    this.#tell((observer) => observer.viewerJoined(name));
  }

  viewerLeft(name: string): void {
    this.#tell((observer) => observer.viewerLeft(name));
  }

  viewerTooSlow(name: string): void {
    this.#tell((observer) => observer.viewerTooSlow(name));
  }

  #tell(tell: (observer: RelayObserver) => void): void {
    for (const observer of this.#observers) {
      try {
        tell(observer);
      } catch (error) {
        this.#failed(error, 'an observer of the relay');
      }
    }
  }
}
