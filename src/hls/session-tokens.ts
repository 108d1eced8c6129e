import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a session's text says, once its signature has been verified. */
export interface SignedSession {
  /** Names the viewer. It stays the same when its session is signed anew. */
  readonly id: string;
  /** When the grant ends that the session was made by, Unix ms; undefined if it doesn't. */
  readonly expiresAt: number | undefined;
}

/** What a session is made for. */
export interface SessionClaims {
  /** Name of the stream. The session is valid for no other. */
  readonly name: string;
  /** When the grant ends, Unix ms. */
  readonly expiresAt?: number | undefined;
  /** Of a viewer that has a session already. By default a new, random one. */
  readonly id?: string;
}

// A session is 33 bytes in base64url (44 characters, without padding): an id, the end of the grant, and a signature.
const ID_BYTES = 12;
const END_BYTES = 5;
/** A truncated HMAC-SHA256, RFC 2104 §5. */
const SIGNATURE_BYTES = 16;
const TEXT = /^[\w-]{44}$/;
const SECRET_BYTES = 32;
/** A session stands before the media playlist, and before a timeline and a file. */
const PATH = /^\/hls\/([^/?#]+)\/([^/?#]+)\/(?:media\.m3u8|[^/?#]+\/[^/?#]+)(?:\?|$)/;
/** Signatures by the same secret for another purpose are of no use here. */
const PURPOSE = 'sluice-hls-session';
/** Unix seconds that five bytes hold. */
const LATEST_END = 2 ** 40 - 1;

/** Makes and verifies the sessions of viewers over HLS. Nothing is remembered: a session is valid by its signature. */
export class SessionTokens {
  readonly #secret: Buffer;
  readonly #wall: () => number;

  /** @param options `wall` is Unix time, ms. `secret`: relays that share one accept each other's sessions; by default a random one, so that sessions end with the process. */
  constructor({ wall, secret = randomBytes(SECRET_BYTES) }: { wall: () => number; secret?: Buffer }) {
    this.#secret = secret;
    this.#wall = wall;
  }

  /** An id for a viewer that brings no session, which is the same each time for the same words: so it can be recognized without being remembered. */
  idOf(...words: readonly string[]): string {
    return createHmac('sha256', this.#secret).update(JSON.stringify(words)).digest().subarray(0, ID_BYTES).toString('base64url');
  }

  /** The text of a session: 44 characters that may stand in an address as they are. */
  issue({ name, expiresAt, id = randomBytes(ID_BYTES).toString('base64url') }: SessionClaims): string {
    const end = Buffer.alloc(END_BYTES);
    // Rounded down, so that a session never outlives its grant. 0 stands for no end.
    if (expiresAt !== undefined) end.writeUIntBE(Math.min(Math.max(1, Math.floor(expiresAt / 1000)), LATEST_END), 0, END_BYTES);
    const claims = Buffer.concat([Buffer.from(id, 'base64url'), end]);
    return Buffer.concat([claims, this.#sign(name, claims)]).toString('base64url');
  }

  /** What a session says; undefined if this relay didn't make it for that stream, or its grant has ended. */
  verify(text: string, { name }: { name: string }): SignedSession | undefined {
    const session = this.read(text, { name });
    return session === undefined || this.hasEnded(session) ? undefined : session;
  }

  /** What a session says, also if its grant has ended. */
  read(text: string, { name }: { name: string }): SignedSession | undefined {
    if (!TEXT.test(text)) return undefined;
    const bytes = Buffer.from(text, 'base64url');
    const claims = bytes.subarray(0, ID_BYTES + END_BYTES);
    if (!timingSafeEqual(bytes.subarray(claims.length), this.#sign(name, claims))) return undefined;
    const end = claims.readUIntBE(ID_BYTES, END_BYTES);
    return { id: claims.toString('base64url', 0, ID_BYTES), expiresAt: end === 0 ? undefined : end * 1000 };
  }

  /**
   * The same for the session in the address of a request for HLS. The end that stands there says little: whoever goes on asking
   * for playlists keeps its address, and what it may is prolonged.
   */
  readAddress(url: string): SignedSession | undefined {
    const [, name = '', text = ''] = PATH.exec(url) ?? [];
    return this.read(text, { name });
  }

  /** Whether the grant of a session has ended. */
  hasEnded({ expiresAt }: SignedSession): boolean {
    return expiresAt !== undefined && expiresAt <= this.#wall();
  }

  #sign(name: string, claims: Buffer): Buffer {
    return createHmac('sha256', this.#secret).update(`${PURPOSE}\0${name}\0`).update(claims).digest().subarray(0, SIGNATURE_BYTES);
  }
}
