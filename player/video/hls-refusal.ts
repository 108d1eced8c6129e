import type { ErrorData } from 'hls.js';
import type { ErrorCode } from '../../src/protocol/error-code';
import { mayRetry } from '../../src/protocol/retry';

/** What the relay has answered in place of what was asked for. */
export interface HlsRefusal {
  readonly code: ErrorCode;
  readonly message: string;
  /** Seconds after which another try makes sense. */
  readonly retryAfter: number;
}

/** What a status says where somebody else than the relay has answered. */
const CODES: ReadonlyMap<number, ErrorCode> = new Map([
  [400, 'bad-request'],
  [401, 'not-authenticated'],
  [403, 'not-allowed'],
  [404, 'no-stream'],
  [406, 'wrong-container'],
  [429, 'too-many'],
]);

/** Refusals of media that concern the viewer. A piece that is no longer there is one for hls.js, which goes on with the next. */
const OF_VIEWER: ReadonlySet<ErrorCode> = new Set(['full', 'too-many', 'disconnected', 'no-session', 'grant-expired']);

/** Why a playlist or media wasn't given; nothing where nobody has answered, or only that something is wrong on the way. */
export function readRefusal({ response, networkDetails }: Pick<ErrorData, 'response' | 'networkDetails'>): HlsRefusal | undefined {
  const answer = networkDetails && 'responseType' in networkDetails ? networkDetails : undefined;
  if (answer === undefined) return undefined;
  const ofMedia = answer.responseType === 'arraybuffer';
  const told = toldBy(ofMedia ? textOf(answer.response) : answer.responseText);
  const code = told?.code ?? (ofMedia ? undefined : CODES.get(response?.code ?? 0));
  if (code === undefined || (ofMedia && !OF_VIEWER.has(code))) return undefined;
  const seconds = Number(answer.getResponseHeader('Retry-After'));
  return { code, message: told?.message ?? `The relay refuses to give the stream over HLS (${code})`, retryAfter: seconds > 0 ? seconds : 0 };
}

/** Whether it is of no use to ask again. A place in a media playlist is wrong only for now: another relay, or another stream, has begun. */
export function isFinal(refusal: HlsRefusal, { ofMedia }: { readonly ofMedia: boolean }): boolean {
  return !mayRetry(refusal) && !(ofMedia && refusal.code === 'bad-request');
}

/** The text of an answer that was to be bytes. */
function textOf(answer: unknown): string {
  return answer instanceof ArrayBuffer ? new TextDecoder().decode(answer) : '';
}

/** The relay's errors are `{error: {code, message}}`. */
function toldBy(body: string | undefined): { readonly code: ErrorCode; readonly message: string } | undefined {
  try {
    const { error } = JSON.parse(body ?? '') as { readonly error?: { readonly code?: unknown; readonly message?: unknown } };
    const { code, message } = error ?? {};
    return typeof code === 'string' && typeof message === 'string' ? { code: code as ErrorCode, message } : undefined;
  } catch {
    // Somebody else has answered, in words of their own.
    return undefined;
  }
}
