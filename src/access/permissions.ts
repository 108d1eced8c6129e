import { z } from 'zod';
import { SluiceError } from '../protocol/error-code';
import type { AccessAsk } from './grant';

/** What may stand in a pattern of names: a name's own characters, and `*` for any number of them. */
const NAME_PATTERN = /^[A-Za-z0-9_*-]{1,128}$/;

const patterns = z.array(z.string().regex(NAME_PATTERN)).max(100).default([]);

/** What a key or token permits: names of streams by pattern, and whether the API may be used to change things. */
export const PERMISSIONS = z.object({ publish: patterns, watch: patterns, admin: z.boolean().default(false) });

export type Permissions = z.output<typeof PERMISSIONS>;

/**
 * Refuses what isn't permitted. Who may publish a stream may watch it, too.
 * @throws SluiceError `not-allowed`.
 */
export function checkPermissions(permissions: Permissions, { action, name }: Pick<AccessAsk, 'action' | 'name'>): void {
  if (isPermitted(permissions, { action, name })) return;
  const what = action === 'admin' ? 'administer this relay' : `${action} "${name}"`;
  throw new SluiceError('not-allowed', `Cannot ${what} with this key: it doesn't permit that`);
}

/** Which of these streams may be watched. */
export function watchableOf(permissions: Permissions, names: readonly string[]): ReadonlySet<string> {
  return new Set(names.filter((name) => isPermitted(permissions, { action: 'watch', name })));
}

function isPermitted({ publish, watch, admin }: Permissions, { action, name }: Pick<AccessAsk, 'action' | 'name'>): boolean {
  switch (action) {
    case 'admin':
      return admin;
    case 'publish':
      return publish.some((pattern) => matchesName(pattern, name));
    case 'watch':
      return admin || [...watch, ...publish].some((pattern) => matchesName(pattern, name));
    default:
      return action satisfies never;
  }
}

/** Whether `name` is one of those that the pattern means: `cam`, `cam-*`, `*`. Takes time linear in both. */
export function matchesName(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return first === name;
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  const end = name.length - last.length;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
