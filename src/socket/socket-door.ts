import type { Handshake } from './handshake';

/** A gateway, as its socket server sees it. Nest calls its `handleConnection` once a client is in. */
export interface SocketDoor {
  /** Largest message that it takes, in bytes. */
  readonly maxMessage: number;
  /**
   * Says, before anything is created, whether a client may come in, and gives the handshake its grant.
   * @throws SluiceError if not.
   */
  admit(handshake: Handshake): Promise<void>;
}
