import { createHmac } from 'node:crypto';

/** Where something is posted to, and what signs it. */
export interface SignedTarget {
  readonly url: URL;
  readonly secret: string;
}

/**
 * Posts JSON with the header `Sluice-Signature: sha256=HMAC`, hex, over the body. Follows no redirection, which would carry it
 * to a place that nobody named.
 */
export function postSigned({ url, secret }: SignedTarget, message: object, signal: AbortSignal): Promise<Response> {
  const body = JSON.stringify(message);
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  return fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Sluice-Signature': `sha256=${signature}` },
    body,
    redirect: 'error',
    signal,
  });
}
