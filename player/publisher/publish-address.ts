/**
 * The address of the publish socket: `url` as a WebSocket's, with what the publisher proves itself with.
 * @param base what `url` is relative to; the page, unless a test says otherwise.
 */
export function publishAddress(url: string, { session, token }: { session: string; token?: string | undefined }, base: string = location.href): string {
  const address = new URL(url, base);
  address.protocol = address.protocol.replace(/^http/, 'ws');
  address.searchParams.set('session', session);
  if (token !== undefined && token !== '') address.searchParams.set('token', token);
  return address.href;
}

/** What a publisher proves itself with when it comes back: 128 random bits as hex. */
export function randomSession(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
