import { readFileSync } from 'node:fs';
import { StartError } from '../base/start-error';
import type { Clock } from '../relay/clock';
import { KEY_FILE } from './access-key';
import type { Authorizer } from './grant';
import { JwtAuthorizer } from './jwt-authorizer';
import { KeyAuthorizer } from './key-authorizer';
import { WebhookAuthorizer } from './webhook-authorizer';

/** By what access is decided, if not by where a request comes from. */
export type AccessRule =
  | { readonly kind: 'keys'; readonly file: string }
  | { readonly kind: 'jwt-secret'; readonly secret: string; readonly audience: string }
  | { readonly kind: 'jwt-jwks'; readonly url: string; readonly audience: string }
  | { readonly kind: 'webhook'; readonly url: string; readonly secret: string; readonly rate: number };

/**
 * What decides by that rule.
 * @throws StartError if the file of keys can't be read.
 */
export function createAuthorizer(rule: AccessRule, clock: Clock): Authorizer {
  const wall = (): number => clock.wall();
  switch (rule.kind) {
    case 'keys':
      return new KeyAuthorizer(readKeyFile(rule.file).keys, wall);
    case 'jwt-secret':
      return new JwtAuthorizer({ keys: { secret: new TextEncoder().encode(rule.secret) }, audience: rule.audience, wall });
    case 'jwt-jwks':
      return new JwtAuthorizer({ keys: { jwks: new URL(rule.url) }, audience: rule.audience, wall });
    case 'webhook':
      return new WebhookAuthorizer({ url: new URL(rule.url), secret: rule.secret, rate: rule.rate, wall });
    default:
      return rule satisfies never;
  }
}

/** @throws StartError that says what is wrong with the file. */
export function readKeyFile(file: string): ReturnType<typeof KEY_FILE.parse> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new StartError(`Cannot read the keys of ${file}: make one with "sluice token key --file ${file}"`, { cause });
  }
  const parsed = KEY_FILE.safeParse(parseJson(text, file));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new StartError(`Cannot use the keys of ${file}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`, { cause: parsed.error });
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StartError(`Cannot use the keys of ${file}: it is no JSON`, { cause });
  }
}
