import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { PERMISSIONS } from './permissions';

/** How every key begins, so that one that leaked is found by its look. */
const PREFIX = 'sluice_';
const RANDOM_BYTES = 32;

/** One key as a key file keeps it: not the key, but its SHA-256, which is enough for 256 random bits. */
export const ACCESS_KEY = PERMISSIONS.extend({
  /** Whose key it is: told in the log. */
  id: z.string().regex(/^[\w.@-]{1,64}$/),
  /** SHA-256 of the key, hex. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** When it ends. */
  expires: z.iso.datetime().optional(),
}).strict();

/** The file of `--keys`. */
export const KEY_FILE = z.strictObject({ keys: z.array(ACCESS_KEY).max(10_000) });

export type AccessKey = z.output<typeof ACCESS_KEY>;

/** A new key: 256 random bits. */
export function makeKey(): string {
  return PREFIX + randomBytes(RANDOM_BYTES).toString('base64url');
}

/** What a key file keeps of `key`. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
