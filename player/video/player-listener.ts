import { CANNOT_PLAY, type PlayerState } from './player-state';
import type { PlayerStats } from './player-stats';

/** Why a player has given up. */
export interface PlayerFailure {
  /** One of docs/errors.md, or `media-failed`. */
  readonly code: string;
  readonly message: string;
}

/** The failure of a browser that can't go on, for a reason of its own, if it gives one. */
export function mediaFailure(reason: string): PlayerFailure {
  return { code: 'media-failed', message: `${CANNOT_PLAY}${reason === '' ? '' : `: ${reason}`}` };
}

/** What the player tells its element. */
export interface LivePlayerListener {
  /** The state is another. */
  changed(state: PlayerState): void;
  /** About once a second while it plays. */
  measured(stats: PlayerStats): void;
  /** Media from one time to another, in seconds, isn't shown. */
  skipped(from: number, to: number): void;
  failed(failure: PlayerFailure): void;
  /** No WebSocket seems to reach the relay. */
  blocked(): void;
  /** The picture is stale, and better not seen; or it is fresh again. */
  cover(stale: boolean): void;
}

export interface LivePlayerOptions {
  readonly video: HTMLVideoElement;
  /** Address of the watch socket. */
  readonly url: URL;
  /** Whether it begins to play by itself. */
  readonly autoplay: boolean;
  /** How much media to hold ahead, seconds; undefined: as little as can be. */
  readonly target: number | undefined;
  /** How much is kept of what was played, seconds. */
  readonly backBuffer: number;
  /** Whether its sound may go through Web Audio. */
  readonly webAudio: boolean;
  readonly listener: LivePlayerListener;
}
