import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashKey, makeKey } from '../../src/access/access-key';
import type { AccessRule } from '../../src/access/create-authorizer';
import { type Permissions, PERMISSIONS } from '../../src/access/permissions';

/** A file of keys, one for each set of permissions. */
export function keyRule<Name extends string>(permissions: Record<Name, Partial<Permissions>>): { rule: AccessRule; keys: Record<Name, string>; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-keys-'));
  const file = join(folder, 'keys.json');
  const keys = Object.fromEntries(Object.keys(permissions).map((id) => [id, makeKey()])) as Record<Name, string>;
  const entries = (Object.keys(permissions) as Name[]).map((id) => ({ id, hash: hashKey(keys[id]), ...PERMISSIONS.parse(permissions[id]) }));
  writeFileSync(file, JSON.stringify({ keys: entries }));
  return { rule: { kind: 'keys', file }, keys, remove: () => rmSync(folder, { recursive: true }) };
}
