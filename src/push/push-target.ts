import { randomBytes } from 'node:crypto';
import { redact } from '../base/redact';
import { isStreamName } from '../protocol/stream-name';
import { PushError } from './push-error';

/** Where a relay of this machine listens, if nothing says otherwise. */
const PORT = '8080';
const SCHEMES: Readonly<Record<string, string>> = { 'http:': 'ws:', 'https:': 'wss:', 'ws:': 'ws:', 'wss:': 'wss:' };
const THIS_MACHINE = /^(localhost|127(\.\d+){3}|\[::1\])$/;
const PATH = /\/publish\/([^/]+)$/;

/** The stream that is published. */
export interface PushTarget {
  readonly name: string;
  /** The WebSocket's address, with the session, and without what is secret. */
  readonly url: string;
  /** What people are told: without query. */
  readonly label: string;
  /** The key or token, if there is one. */
  readonly token: string | undefined;
  /** Whether others on the way can read the key. */
  readonly exposed: boolean;
}

interface TargetOptions {
  /** What `--token` or its variable says. */
  readonly token?: string;
  /** Port of the relay of this machine. */
  readonly port?: string;
  /** The session, unless the address brings one. */
  readonly session?: string;
}

/**
 * Reads URL: the address at which a stream is published, by http or ws, or the name of a stream of this machine's relay.
 * A key in it, as `?token=` or as a password, is taken out of it.
 * @throws PushError `usage`.
 */
export function readTarget(text: string, { token, port = PORT, session = randomBytes(16).toString('hex') }: TargetOptions = {}): PushTarget {
  const url = toUrl(text, port);
  const protocol = SCHEMES[url.protocol];
  const name = PATH.exec(url.pathname)?.[1];
  if (protocol === undefined) throw wrong(text, 'its protocol must be http, https, ws or wss');
  if (name === undefined) throw wrong(text, 'its path must end with /publish/NAME');
  if (!isStreamName(name)) throw wrong(text, 'the NAME must be 1 to 64 letters, digits, "_" or "-", beginning with a letter or digit');
  const found = token ?? url.searchParams.get('token') ?? safeDecode(url.password);
  url.searchParams.delete('token');
  if (!url.searchParams.has('session')) url.searchParams.set('session', session);
  const query = url.searchParams.toString();
  const key = found === '' ? undefined : found;
  return {
    name,
    url: `${protocol}//${url.host}${url.pathname}?${query}`,
    label: `${url.protocol}//${url.host}${url.pathname}`,
    token: key,
    exposed: key !== undefined && protocol === 'ws:' && !THIS_MACHINE.test(url.hostname),
  };
}

function toUrl(text: string, port: string): URL {
  if (isStreamName(text)) return new URL(`http://127.0.0.1:${port}/publish/${text}`);
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) throw wrong(text, 'it must be the NAME of a stream, or an address such as https://relay.example/publish/NAME');
  try {
    return new URL(text);
  } catch (cause) {
    throw wrong(text, 'it is no valid address', cause);
  }
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function wrong(text: string, why: string, cause?: unknown): PushError {
  return new PushError('usage', `Cannot publish at "${redact(text).slice(0, 200)}": ${why}`, { cause });
}
