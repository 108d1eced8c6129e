import { z } from 'zod';
import { NewestMap } from '../core/newest-map';
import { postSigned, type SignedTarget } from '../http/signed-post';
import { SluiceError } from '../protocol/error-code';
import type { AccessAsk, Authorizer, Grant } from './grant';

/** How long the service may take to answer, ms. */
const TIME_LIMIT = 3_000;
/** How long its answer is used again, ms, unless the grant ends before: a page that asks again and again asks it no more often. */
const HOLD_ALLOWED = 10_000;
const HOLD_REFUSED = 2_000;
/** How many of its answers are held, and how large one may be, bytes. */
const MAX_HELD = 1_000;
const MAX_ANSWER = 16 << 10;

const ANSWER = z.object({
  allow: z.boolean(),
  /** Whether the token is a valid one, which only doesn't permit this. */
  authenticated: z.boolean().default(true),
  who: z.string().max(64).optional(),
  /** When the grant ends, Unix seconds. */
  expires: z.number().positive().optional(),
});
type Answer = z.output<typeof ANSWER>;

interface Held {
  readonly answer: Promise<Answer>;
  until: number;
}

/**
 * Asks a service of the operator's: a POST of `{action, name, token, address, time}` as JSON, signed by the header
 * `Sluice-Signature: sha256=HMAC` over the body. It answers `{"allow": true, "who"?, "expires"?}`, or `{"allow": false, "authenticated"?}`. Whatever else it does,
 * nobody is let in.
 */
export class WebhookAuthorizer implements Authorizer {
  readonly #target: SignedTarget;
  readonly #wall: () => number;
  readonly #held = new NewestMap<Held>(MAX_HELD);

  /** `wall` is Unix time, ms. */
  constructor({ url, secret, wall }: SignedTarget & { wall: () => number }) {
    this.#target = { url, secret };
    this.#wall = wall;
  }

  async authorize(ask: AccessAsk): Promise<Grant> {
    const { allow, authenticated, who, expires } = await this.#answer(ask);
    if (allow && (expires === undefined || expires * 1000 > this.#wall())) return { who: who ?? 'webhook', ...(expires !== undefined && { expiresAt: expires * 1000 }) };
    if (allow) throw new SluiceError('not-authenticated', 'Cannot let you in: the grant that the service gave has expired');
    const what = ask.action === 'admin' ? 'administer this relay' : `${ask.action} "${ask.name}"`;
    throw new SluiceError(ask.credential === undefined || !authenticated ? 'not-authenticated' : 'not-allowed', `Cannot let you ${what}`);
  }

  #answer(ask: AccessAsk): Promise<Answer> {
    const { action, name, credential: token, address } = ask;
    const key = JSON.stringify([action, name, token, address]);
    const known = this.#held.get(key);
    if (known !== undefined && known.until > this.#wall()) return known.answer;
    const held: Held = { answer: this.#ask({ action, name, token, address }), until: this.#wall() + TIME_LIMIT };
    this.#held.set(key, held);
    held.answer.then(
      ({ allow, expires = Infinity }) => void (held.until = allow ? Math.min(this.#wall() + HOLD_ALLOWED, expires * 1000) : this.#wall() + HOLD_REFUSED),
      () => this.#held.delete(key),
    );
    return held.answer;
  }

  async #ask(question: object): Promise<Answer> {
    const message = { ...question, time: Math.floor(this.#wall() / 1000) };
    try {
      const response = await postSigned(this.#target, message, AbortSignal.timeout(TIME_LIMIT));
      if (response.status !== 200) throw new Error(`It answered with status ${response.status}`);
      return ANSWER.parse(JSON.parse(await readText(response)));
    } catch (cause) {
      throw new SluiceError('access-unavailable', 'Cannot ask who may do this: the service that decides doesn’t answer as it must', { cause, retryAfter: 5 });
    }
  }
}

async function readText(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    const bytes = part as Uint8Array;
    size += bytes.length;
    if (size > MAX_ANSWER) throw new Error('Its answer is too long');
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString();
}
