import type { ErrorCode } from '../../src/protocol/error-code';
import type { WaitingReason } from '../../src/protocol/watch-message';
import type { FeedEvent } from './feed-message';
import type { LivePlayerListener, PlayerFailure } from './player-listener';
import { BEHIND, connecting, ENDED, failed, IDLE, LIVE, LIVE_SOUND, PAUSED, type PlayerState, STALLED, STARTING, unsupported, waitingFor } from './player-state';

/** What the player knows of itself. */
export interface PlayerFacts {
  /** `none`: it hasn't begun to connect. `lost`: it was connected before. */
  readonly link: 'none' | 'opening' | 'open' | 'lost';
  /** Why the relay has turned the player away, while it connects again. */
  readonly refusal: ErrorCode | undefined;
  /** Why nothing comes, if the relay said so and nothing has come since. */
  readonly waiting: WaitingReason | undefined;
  readonly ended: boolean;
  /** The type that this browser can't play. */
  readonly unsupported: string | undefined;
  /** Why it has given up. */
  readonly failure: string | undefined;
  readonly paused: boolean;
  /** Whether it has run out of media. */
  readonly starved: boolean;
  /** Whether it plays what isn't live any more. */
  readonly behind: boolean;
  /** Whether media of the stream has come. */
  readonly started: boolean;
  /** Whether the stream has no picture. */
  readonly soundOnly: boolean;
}

const NOTHING_KNOWN: PlayerFacts = {
  link: 'none',
  refusal: undefined,
  waiting: undefined,
  ended: false,
  unsupported: undefined,
  failure: undefined,
  paused: true,
  starved: false,
  behind: false,
  started: false,
  soundOnly: false,
};

/** The state that facts make: the first of them that matters. */
export function stateOf(facts: PlayerFacts): PlayerState {
  if (facts.failure !== undefined) return failed(facts.failure);
  if (facts.ended) return ENDED;
  if (facts.link === 'none') return IDLE;
  if (facts.link !== 'open') return connecting(facts.link === 'lost', facts.refusal);
  if (facts.unsupported !== undefined) return unsupported(facts.unsupported);
  if (facts.waiting !== undefined) return waitingFor(facts.waiting);
  if (!facts.started) return STARTING;
  if (facts.paused) return PAUSED;
  if (facts.starved) return STALLED;
  if (facts.behind) return BEHIND;
  return facts.soundOnly ? LIVE_SOUND : LIVE;
}

/** What a player knows by what its feed tells. */
export function factsOf(event: FeedEvent, { link }: PlayerFacts): Partial<PlayerFacts> {
  switch (event.type) {
    case 'source':
      return { started: false, starved: false };
    case 'connecting':
      return { link: link === 'open' || link === 'lost' ? 'lost' : 'opening', refusal: event.refusal };
    case 'init': {
      const soundOnly = event.tracks.every(({ kind }) => kind !== 'video');
      return { link: 'open', ended: false, failure: undefined, soundOnly, unsupported: event.playable ? undefined : event.mime };
    }
    case 'resumed':
      return { link: 'open', waiting: undefined };
    case 'media':
      return { waiting: undefined };
    case 'waiting':
      return { link: 'open', waiting: event.reason };
    case 'ended':
      return { ended: true, failure: undefined, started: false };
    default:
      return {};
  }
}

/** Keeps what the player knows of itself, and says when the state that it makes is another. */
export class PlayerStatus {
  readonly #listener: Pick<LivePlayerListener, 'changed' | 'failed'>;
  #facts: PlayerFacts = NOTHING_KNOWN;
  #state: PlayerState = IDLE;

  constructor(listener: Pick<LivePlayerListener, 'changed' | 'failed'>) {
    this.#listener = listener;
  }

  get facts(): PlayerFacts {
    return this.#facts;
  }

  get state(): PlayerState {
    return this.#state;
  }

  /** Takes what a feed tells. */
  hear(event: FeedEvent): void {
    this.set(factsOf(event, this.#facts));
  }

  /** The player has given up. @param text what a person is told. */
  fail(failure: PlayerFailure, text = failure.message): void {
    this.set({ started: false, failure: text });
    this.#listener.failed(failure);
  }

  set(facts: Partial<PlayerFacts>): void {
    this.#facts = { ...this.#facts, ...facts };
    const state = stateOf(this.#facts);
    if (state.name === this.#state.name && state.text === this.#state.text) return;
    this.#state = state;
    this.#listener.changed(state);
  }
}
