import type { MediaLimits } from '../media/container-parser';
import type { MediaRates } from './publisher-pace';

/** What the doors in need of the configuration. Milliseconds. */
export interface PublishOptions extends MediaLimits, MediaRates {
  /** How many messages a second a publisher may send on a WebSocket. */
  readonly maxMessageRate: number;
  /** How long a publisher over HTTP, or any before its first chunk, may send nothing. */
  readonly idleTimeout: number;
}
