import { z } from 'zod';
import { NewestMap } from '../base/newest-map';
import { postSigned, type SignedTarget } from '../http/signed-post';
import { SluiceError } from '../protocol/error-code';
import { type AccessAsk, type Authorizer, type Grant, watchableByName, type WatchableAsk } from './grant';
import { QuestionLimit } from './question-limit';

/** How long the service may take to answer, ms. */
const TIME_LIMIT = 3_000;
/** How long its answer is used again, ms, unless the grant ends before: a page that asks again and again asks it no more often. */
const HOLD_ALLOWED = 10_000;
const HOLD_REFUSED = 2_000;
/** How many of its answers are held, and how large one may be, bytes. */
const MAX_HELD = 1_000;
const MAX_ANSWER = 16 << 10;

/** For how long a service that knows no lists isn't asked for one again, ms. */
const HOLD_UNKNOWN = 60_000;
/** What the name of a stream adds to an answer, bytes. */
const NAME_LENGTH = 80;

const ANSWER = z.object({
  allow: z.boolean(),
  /** Whether the token is a valid one, which only doesn't permit this. */
  authenticated: z.boolean().default(true),
  who: z.string().max(64).optional(),
  /** When the grant ends, Unix seconds. */
  expires: z.number().positive().optional(),
  /** Of a list: which of the names that were asked about may be watched. */
  names: z.array(z.string()).optional(),
});
type Answer = z.output<typeof ANSWER>;

/** What the service is asked. */
interface Question {
  readonly action: AccessAsk['action'] | 'list';
  readonly name?: string;
  readonly names?: readonly string[];
  readonly token: string | undefined;
  readonly address: string;
}

interface Held {
  readonly answer: Promise<Answer>;
  until: number;
}

/**
 * Asks a service of the operator's: a POST of `{action, name, token, address, time}` as JSON, signed by the header
 * `Sluice-Signature: sha256=HMAC` over the body. It answers `{"allow": true, "who"?, "expires"?}`, or `{"allow": false, "authenticated"?}`. Whatever else it does,
 * nobody is let in. About many streams it is asked once, `{action: "list", names, …}`, and answers `{"allow": true, "names"}`.
 */
export class WebhookAuthorizer implements Authorizer {
  readonly #target: SignedTarget;
  readonly #wall: () => number;
  readonly #limit: QuestionLimit;
  readonly #held = new NewestMap<Held>(MAX_HELD);
  /** Until when the service is taken to know no lists, Unix ms. */
  #withoutListsUntil = 0;

  /** @param options `wall` is Unix time, ms; `rate`: how many questions a second one address may cause, or Infinity. */
  constructor({ url, secret, wall, rate = Infinity }: SignedTarget & { wall: () => number; rate?: number }) {
    this.#target = { url, secret };
    this.#wall = wall;
    this.#limit = new QuestionLimit({ rate });
  }

  async authorize({ action, name, credential: token, address }: AccessAsk): Promise<Grant> {
    const { allow, authenticated, who, expires } = await this.#answer({ action, name, token, address });
    if (allow && (expires === undefined || expires * 1000 > this.#wall())) return { who: who ?? 'webhook', ...(expires !== undefined && { expiresAt: expires * 1000 }) };
    if (allow) throw new SluiceError('not-authenticated', 'Cannot let you in: the grant that the service gave has expired');
    const what = action === 'admin' ? 'administer this relay' : `${action} "${name}"`;
    throw new SluiceError(token === undefined || !authenticated ? 'not-authenticated' : 'not-allowed', `Cannot let you ${what}`);
  }

  async watchable({ names, credential: token, address, request }: WatchableAsk): Promise<ReadonlySet<string>> {
    if (names.length === 0) return new Set();
    const listed = this.#withoutListsUntil > this.#wall() ? undefined : await this.#list({ action: 'list', names, token, address });
    if (listed !== undefined) return listed;
    return watchableByName(this, { names, credential: token, address, request });
  }

  /** What a service says that knows lists; undefined of one that doesn't. A token that is none opens nothing, whatever it is asked about. */
  async #list(question: Question & { readonly names: readonly string[] }): Promise<ReadonlySet<string> | undefined> {
    try {
      const { allow, authenticated, names } = await this.#answer(question);
      if (!allow && !authenticated) return new Set();
      if (names !== undefined) return new Set(allow ? question.names.filter((name) => names.includes(name)) : []);
    } catch (thrown) {
      if (!(thrown instanceof UnfitAnswer)) throw thrown;
    }
    this.#withoutListsUntil = this.#wall() + HOLD_UNKNOWN;
    return undefined;
  }

  #answer(question: Question): Promise<Answer> {
    const key = JSON.stringify(question);
    const known = this.#held.get(key);
    if (known !== undefined && known.until > this.#wall()) return known.answer;
    const held: Held = { answer: this.#limit.ask(question.address, () => this.#ask(question)), until: Infinity };
    this.#held.set(key, held);
    held.answer.then(
      ({ allow, expires = Infinity }) => void (held.until = allow ? Math.min(this.#wall() + HOLD_ALLOWED, expires * 1000) : this.#wall() + HOLD_REFUSED),
      () => this.#held.delete(key),
    );
    return held.answer;
  }

  async #ask(question: Question): Promise<Answer> {
    const message = { ...question, time: Math.floor(this.#wall() / 1000) };
    let status: number | undefined;
    try {
      const response = await postSigned(this.#target, message, AbortSignal.timeout(TIME_LIMIT));
      // Of whatever status: a body that nobody reads keeps its connection.
      const text = await readText(response, MAX_ANSWER + NAME_LENGTH * (question.names?.length ?? 0));
      ({ status } = response);
      if (status !== 200) throw new Error(`It answered with status ${status}`);
      return ANSWER.parse(JSON.parse(text));
    } catch (cause) {
      const unfit = 'Cannot ask who may do this: the service that decides doesn’t answer as it must';
      throw status === undefined ? new SluiceError('access-unavailable', unfit, { cause, retryAfter: 5 }) : new UnfitAnswer(unfit, cause);
    }
  }
}

/** The service has answered, but not what it was asked. */
class UnfitAnswer extends SluiceError {
  constructor(message: string, cause: unknown) {
    super('access-unavailable', message, { cause, retryAfter: 5 });
  }
}

async function readText(response: Response, max: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    const bytes = part as Uint8Array;
    size += bytes.length;
    if (size > max) throw new Error('Its answer is too long');
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString();
}
