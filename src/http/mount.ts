import type { IncomingMessage } from 'node:http';
import { StartError } from '../base/start-error';

/** What an absolute-form target begins with (RFC 9112, section 3.2.2). */
const AUTHORITY = /^https?:\/\/[^/?#\\]*/i;
const PATH = /^(?:\/[\w~-][\w.~-]*)*$/;

/** Where requests came in whose `url` is relative to a path. */
interface Arrival {
  readonly path: string;
  /** Whether the target was the path itself, without a slash at its end. */
  readonly bare: boolean;
}

const arrivals = new WeakMap<Pick<IncomingMessage, 'url'>, Arrival>();

/**
 * A path to mount a relay at, without a slash at its end: `/live`; empty for the root of the server.
 * @throws StartError if it is none.
 */
export function readMountPath(text: string): string {
  const path = text.replace(/\/$/, '');
  if (PATH.test(path)) return path;
  throw new StartError(`Cannot mount Sluice at ${JSON.stringify(text.slice(0, 80))}: "path" must be a path such as "/live", of letters, digits, "-", "_", "." and "~"`);
}

/** Whether a request is for what is below `path`. */
export function isBelow({ url = '' }: IncomingMessage, path: string): boolean {
  const target = targetOf(url);
  return target.startsWith(path) && (path === '' || ['', '/', '?', '#'].includes(target.charAt(path.length)));
}

/** Makes the `url` of a request relative to `path`, which it is below, as Express does for an application that is mounted in another. */
export function enterMount(request: IncomingMessage & { originalUrl?: string }, path: string): void {
  const { url = '' } = request;
  if (path === '') return;
  const begin = url.length - targetOf(url).length;
  const rest = url.slice(begin + path.length);
  const bare = !rest.startsWith('/');
  request.originalUrl = url;
  request.url = `${url.slice(0, begin)}${bare ? '/' : ''}${rest}`;
  arrivals.set(request, { path, bare });
}

/** The path that the relay of a request is mounted at, without a slash at its end; empty for the root. */
export function mountOf(request: Pick<IncomingMessage, 'url'>): string {
  return arrivals.get(request)?.path ?? '';
}

/**
 * Where a request for the mount path itself belongs, relative to that: pages refer to all else relative to the path with a slash.
 * Undefined for any other request.
 */
export function slashedTarget(request: IncomingMessage): string | undefined {
  const { path, bare } = arrivals.get(request) ?? { path: '', bare: false };
  return bare ? `${path.slice(path.lastIndexOf('/') + 1)}${request.url ?? '/'}` : undefined;
}

function targetOf(url: string): string {
  return url.startsWith('/') ? url : url.replace(AUTHORITY, '');
}
