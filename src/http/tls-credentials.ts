import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { createSecureContext } from 'node:tls';
import { generate } from 'selfsigned';
import { StartError } from '../base/start-error';

/** A certificate chain and its private key, PEM. */
export interface TlsCredentials {
  readonly cert: string;
  readonly key: string;
}

/** Where they come from: files, or made anew for this run. */
export type TlsChoice = { readonly kind: 'files'; readonly cert: string; readonly key: string } | { readonly kind: 'self-signed' };

/** How long a certificate of our own lasts, ms: no browser takes one that lasts much longer than a year. */
const LIFETIME = 365 * 86_400_000;

/**
 * Reads a certificate and its key.
 * @throws StartError if they can't be read, or don't belong together.
 */
export async function readTlsFiles({ cert, key }: { cert: string; key: string }): Promise<TlsCredentials> {
  const credentials = { cert: await readPem(cert, '--tls-cert'), key: await readPem(key, '--tls-key') };
  try {
    createSecureContext(credentials);
    return credentials;
  } catch (cause) {
    throw new StartError(`Cannot use --tls-cert ${cert} with --tls-key ${key}: they must be a certificate and its own key, as PEM`, { cause });
  }
}

/** Makes a certificate for all names and addresses of this machine. Browsers warn of it, and can be told to go on. */
export async function selfSign(others: readonly string[]): Promise<TlsCredentials> {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address.replace(/%.*$/, '')));
  const names = new Set(['localhost', hostname(), ...addresses, ...others]);
  const made = await generate([{ name: 'commonName', value: 'Sluice' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + LIFETIME),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [...names].map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })) },
    ],
  });
  return { cert: made.cert, key: made.private };
}

/** The SHA-256 fingerprint of a certificate, as browsers show it. */
export function fingerprintOf({ cert }: TlsCredentials): string {
  return new X509Certificate(cert).fingerprint256;
}

async function readPem(path: string, flag: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new StartError(`Cannot read ${flag} ${path}: it must be a file that the relay may read`, { cause });
  }
}
