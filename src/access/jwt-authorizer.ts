import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { SluiceError } from '../protocol/error-code';
import type { AccessAsk, Authorizer, Grant, WatchableAsk } from './grant';
import { checkPermissions, type Permissions, PERMISSIONS, watchableOf } from './permissions';

/** How far clocks may differ, seconds. */
const CLOCK_TOLERANCE = 5;
/** How long a server of keys may take, ms. */
const JWKS_TIMEOUT = 3_000;

/** Where the keys come from by which tokens are verified. The algorithms follow from that, and never from the token. */
export type JwtKeys = { readonly secret: Uint8Array } | { readonly jwks: URL };

/**
 * Goes by signed JSON Web Tokens (RFC 7519) with the claims `publish` and `watch`, arrays of name patterns, and `admin`;
 * `aud` and `exp` must be there.
 */
export class JwtAuthorizer implements Authorizer {
  readonly #verify: (token: string, currentDate: Date) => Promise<JWTPayload>;
  readonly #wall: () => number;

  /** `wall` is Unix time, ms. */
  constructor({ keys, audience, wall }: { keys: JwtKeys; audience: string; wall: () => number }) {
    this.#wall = wall;
    const common = { audience, clockTolerance: CLOCK_TOLERANCE, requiredClaims: ['exp'] };
    if ('secret' in keys) {
      this.#verify = async (token, currentDate) => (await jwtVerify(token, keys.secret, { ...common, currentDate, algorithms: ['HS256'] })).payload;
    } else {
      const remote: JWTVerifyGetKey = createRemoteJWKSet(keys.jwks, { timeoutDuration: JWKS_TIMEOUT });
      this.#verify = async (token, currentDate) =>
        (await jwtVerify(token, remote, { ...common, currentDate, algorithms: ['RS256', 'ES256', 'EdDSA'] })).payload;
    }
  }

  async authorize(ask: AccessAsk): Promise<Grant> {
    const { sub, exp, permissions } = await this.#claims(ask.credential);
    checkPermissions(permissions, ask);
    return { who: sub ?? 'token', ...(exp !== undefined && { expiresAt: exp * 1000 }) };
  }

  async watchable({ credential, names }: WatchableAsk): Promise<ReadonlySet<string>> {
    return watchableOf((await this.#claims(credential)).permissions, names);
  }

  async #claims(credential: string | undefined): Promise<Pick<JWTPayload, 'sub' | 'exp'> & { readonly permissions: Permissions }> {
    if (credential === undefined) throw new SluiceError('not-authenticated', 'Cannot let you in without a token');
    const { sub, exp, ...claims } = await this.#read(credential);
    const permissions = PERMISSIONS.safeParse(claims);
    if (!permissions.success) throw new SluiceError('not-authenticated', 'Cannot go by this token: "publish" and "watch" must be arrays of names, and "admin" true or false');
    return { ...(sub !== undefined && { sub }), ...(exp !== undefined && { exp }), permissions: permissions.data };
  }

  async #read(token: string): Promise<JWTPayload> {
    try {
      return await this.#verify(token, new Date(this.#wall()));
    } catch (cause) {
      throw refusal(cause);
    }
  }
}

/** Why a token isn't taken, without what stands in it. */
function refusal(cause: unknown): SluiceError {
  if (cause instanceof errors.JWTExpired) return new SluiceError('not-authenticated', 'Cannot go by this token: it has expired', { cause });
  if (cause instanceof errors.JWTClaimValidationFailed) {
    return new SluiceError('not-authenticated', `Cannot go by this token: its claim "${cause.claim}" isn't what it must be`, { cause });
  }
  const unreachable = cause instanceof errors.JWKSTimeout || !(cause instanceof errors.JOSEError) || cause.code === 'ERR_JOSE_GENERIC';
  if (unreachable && !(cause instanceof errors.JWKSNoMatchingKey)) return new SluiceError('access-unavailable', 'Cannot verify tokens now: the keys can’t be fetched', { cause, retryAfter: 5 });
  return new SluiceError('not-authenticated', 'Cannot go by this token: it isn’t signed as it must be', { cause });
}
