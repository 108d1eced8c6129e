import { clientData } from './client-data';
import type { PlayerStats } from './player-stats';

/** The address of the media playlist of a session: `/hls/NAME/SESSION/media.m3u8`. */
const OF_SESSION = /\/hls\/[^/]+\/([^/]+)\/media\.m3u8$/;

/** Reports to the relay, with requests for the media playlist of a session, what the viewer experiences. Without sessions the relay hears nothing: caches keep playlists for all. */
export class HlsReports {
  #session: string | undefined;
  /** Whether the session has been told how long the first picture took. */
  #startTold = false;
  #isDue = false;

  /** By what the relay knows this player, once it does. */
  get session(): string | undefined {
    return this.#session;
  }

  /** A report is to go with the next request. */
  due(): void {
    this.#isDue = true;
  }

  /** What is to be asked for in place of `address`, where a report goes with it. */
  addressFor(address: string, stats: PlayerStats): string | undefined {
    const url = new URL(address);
    const session = OF_SESSION.exec(url.pathname)?.[1];
    if (session === undefined) return undefined;
    if (session !== this.#session) this.#startTold = false;
    this.#session = session;
    if (!this.#isDue) return undefined;
    this.#isDue = false;
    url.searchParams.set('CMCD', clientData(stats, { session, withStart: !this.#startTold }));
    this.#startTold = true;
    return url.href;
  }
}
