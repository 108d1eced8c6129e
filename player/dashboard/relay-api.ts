import { pageToken } from '../net/page-address';
import type { RelayTime } from './relay-time';

/** Why the relay did not do what was asked, in words for people. */
export class ApiFailure extends Error {
  /** The HTTP status; 0 if there was no answer. */
  readonly status: number;

  constructor(message: string, { status = 0, cause }: { status?: number; cause?: unknown } = {}) {
    super(message, { cause });
    this.status = status;
  }
}

/** Asks the relay, with the key of the page's address if it has one. */
export class RelayApi {
  readonly #time: RelayTime;

  /** @param time learns from every answer. */
  constructor(time: RelayTime) {
    this.#time = time;
  }

  /** The address of something for those who cannot be given headers: pictures, and streams of events. */
  address(path: string): string {
    return `${path}${pageToken('?')}`;
  }

  /**
   * What is at `path`.
   * @throws ApiFailure; what `signal` was aborted with, if it was.
   */
  async get(path: string, signal: AbortSignal): Promise<unknown> {
    const response = await this.#ask(path, { signal, cache: 'no-store' });
    return response.json().catch((cause: unknown) => {
      signal.throwIfAborted();
      throw new ApiFailure("The relay's answer cannot be read", { cause });
    });
  }

  /**
   * Changes something.
   * @throws ApiFailure.
   */
  async act(method: 'POST' | 'DELETE', path: string): Promise<void> {
    await this.#ask(path, { method, signal: AbortSignal.timeout(10_000) });
  }

  async #ask(path: string, init: RequestInit & { signal: AbortSignal }): Promise<Response> {
    const response = await fetch(this.address(path), init).catch((cause: unknown) => {
      if (cause !== init.signal.reason) init.signal.throwIfAborted();
      throw new ApiFailure('The relay does not answer', { cause });
    });
    if (!response.ok) throw new ApiFailure(await reason(response), { status: response.status });
    this.#time.learn(response.headers.get('Date'));
    return response;
  }
}

/** What was asked for, or undefined if that is not for this visitor: without a key, or at a relay that doesn't have it. */
export async function admitted<Found>(asked: Promise<Found>): Promise<Found | undefined> {
  try {
    return await asked;
  } catch (failure) {
    if (failure instanceof ApiFailure && [401, 403, 404].includes(failure.status)) return undefined;
    throw failure;
  }
}

/** The relay's own words, or its status. */
async function reason(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined);
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  if (typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string') return error.message;
  return `The relay answers with an error (status ${response.status})`;
}
