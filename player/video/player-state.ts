import type { ErrorCode } from '../../src/protocol/error-code';
import { codecName } from '../words/media-words';

/**
 * What the player is doing:
 * - `idle`: it has no source, or `preload="none"` and nobody has pressed play.
 * - `connecting`: the first connection is being made.
 * - `reconnecting`: the connection was lost, and is being made again.
 * - `waiting`: it is connected, and nothing comes yet, or for now.
 * - `live`: it plays at the live edge.
 * - `behind`: it plays, behind the live edge: it was paused, or somebody has gone back.
 * - `paused`: it was paused, or waits to be played.
 * - `stalled`: it wants to play and has run out of media.
 * - `ended`: the stream is over; it plays again when somebody publishes.
 * - `unsupported`: this browser can't play what is published.
 * - `failed`: it has given up.
 */
export type PlayerStateName =
  | 'idle'
  | 'connecting'
  | 'reconnecting'
  | 'waiting'
  | 'live'
  | 'behind'
  | 'paused'
  | 'stalled'
  | 'ended'
  | 'unsupported'
  | 'failed';

/** A state, and how it is told to people. */
export interface PlayerState {
  readonly name: PlayerStateName;
  /** A sentence without a period, or nothing where the picture says enough. */
  readonly text: string;
}

export const IDLE: PlayerState = { name: 'idle', text: '' };
export const CONNECTING: PlayerState = { name: 'connecting', text: 'Connecting' };
const RECONNECTING: PlayerState = { name: 'reconnecting', text: 'Connection lost, connecting again' };
export const STARTING: PlayerState = { name: 'waiting', text: 'Starting' };
export const LIVE: PlayerState = { name: 'live', text: '' };
/** There is no picture that would show it. */
export const LIVE_SOUND: PlayerState = { name: 'live', text: 'Sound only' };
export const BEHIND: PlayerState = { name: 'behind', text: '' };
export const PAUSED: PlayerState = { name: 'paused', text: '' };
export const STALLED: PlayerState = { name: 'stalled', text: 'Waiting for the network' };
export const ENDED: PlayerState = { name: 'ended', text: 'The stream has ended; it goes on here when somebody publishes again' };

const WAITING_TEXTS = {
  publisher: 'Waiting for a publisher',
  keyframe: 'Waiting for the next keyframe',
  idle: 'The publisher sends nothing just now',
} as const;

/** Why a relay takes nobody in for now, as far as a person can make use of it. */
const REFUSAL_TEXTS: Partial<Readonly<Record<ErrorCode, string>>> = {
  full: 'The relay is full; it goes on here when a place is free',
  'too-many': 'Too many connections from your network; trying again soon',
  'access-unavailable': 'The relay can’t tell just now who may watch; trying again soon',
  restarting: 'The relay is starting anew; it goes on here soon',
  'too-slow': 'The network is too slow for this stream; connecting again',
};

/** The state in which a connection is made, for the first time or again, after the relay has said why it takes nobody in. */
export function connecting(again: boolean, refusal: ErrorCode | undefined): PlayerState {
  const state = again ? RECONNECTING : CONNECTING;
  const text = refusal && REFUSAL_TEXTS[refusal];
  return text === undefined ? state : { name: state.name, text };
}

/** The state in which nothing comes, for one of the reasons that the relay tells. */
export function waitingFor(reason: keyof typeof WAITING_TEXTS): PlayerState {
  return { name: 'waiting', text: WAITING_TEXTS[reason] };
}

/** The state in which the browser can't play a type, such as `video/mp4; codecs="hvc1.1.6.L93.B0"`. */
export function unsupported(mime: string): PlayerState {
  const [type = '', codecs = ''] = mime.split(/;\s*codecs=/);
  const names = codecs.replaceAll('"', '').split(/,\s*/).filter((codec) => codec !== '').map(codecName);
  const container = type.endsWith('/webm') ? 'WebM' : 'MP4';
  return { name: 'unsupported', text: `This browser can't play ${[names.join(' and '), container].filter((part) => part !== '').join(' in ')}` };
}

/** What a person is told of a browser that has failed on the stream again and again. */
export const CANNOT_PLAY = "This browser can't play the stream";

/** The state in which the player has given up. */
export function failed(message: string): PlayerState {
  return { name: 'failed', text: message };
}
