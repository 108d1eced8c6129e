import { type HlsRefusal, isFinal, readRefusal } from '../../../player/video/hls-refusal';
import { ERRORS } from '../../../src/protocol/error-code';

interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly retryAfter?: string;
  readonly responseType?: string;
}

/** What is read of an error of hls.js, as one of its requests for a playlist ended. */
function read({ status, body = '', retryAfter, responseType = 'text' }: Answer): HlsRefusal | undefined {
  const shown = responseType === 'text' ? { responseText: body } : { response: new TextEncoder().encode(body).buffer };
  const request = { responseType, ...shown, getResponseHeader: (name: string) => (name === 'Retry-After' ? (retryAfter ?? null) : null) };
  return readRefusal({ response: { url: '', code: status }, networkDetails: request as unknown as XMLHttpRequest });
}

function body(code: string, message: string): string {
  return JSON.stringify({ error: { code, message, remedy: 'Wait' } });
}

describe('what the relay says in place of a playlist', () => {
  it('is read with its code, its words, and when to come again', () => {
    expect(read({ status: ERRORS.full.status, body: body('full', 'Cannot take another viewer: there are 3'), retryAfter: '10' })).toEqual({ code: 'full', message: 'Cannot take another viewer: there are 3', retryAfter: 10 });
  });

  it.each([
    [401, 'not-authenticated'],
    [403, 'not-allowed'],
    [404, 'no-stream'],
    [429, 'too-many'],
  ])('is known by the status %i where a proxy has answered', (status, code) => {
    expect(read({ status, body: '<h1>No</h1>', retryAfter: 'Wed, 21 Oct 2026 07:28:00 GMT' })).toEqual({ code, message: `The relay refuses to give the stream over HLS (${code})`, retryAfter: 0 });
  });

  it.each<Answer>([{ status: 0 }, { status: 502, body: '<h1>Bad Gateway</h1>' }, { status: 503, body: 'null' }, { status: 500, body: '{"error":{"code":3}}' }, { status: 404, responseType: 'arraybuffer' }])(
    'is nothing where something on the way is wrong: %j',
    (answer) => {
      expect(read(answer)).toBeUndefined();
    },
  );

  it.each(['full', 'too-many', 'disconnected', 'no-session', 'grant-expired'])('is read where media was refused to the viewer: %s', (code) => {
    expect(read({ status: 503, body: body(code, 'No'), retryAfter: '10', responseType: 'arraybuffer' })).toEqual({ code, message: 'No', retryAfter: 10 });
  });

  it.each<Answer>([
    { status: 404, body: body('not-found', 'No'), responseType: 'arraybuffer' },
    { status: 401, body: '<h1>No</h1>', responseType: 'arraybuffer' },
    { status: 200, body: '\0\0\0', responseType: 'arraybuffer' },
  ])('is nothing where only a piece of media is missing, or somebody else refuses it: %j', (answer) => {
    expect(read(answer)).toBeUndefined();
  });

  it('is nothing where nobody was asked', () => {
    expect(readRefusal({})).toBeUndefined();
  });

  it.each([
    ['disconnected', true],
    ['not-allowed', true],
    ['not-authenticated', true],
    ['wrong-container', true],
    ['full', false],
    ['too-many', false],
    ['no-stream', false],
    ['stalled', false],
    ['access-unavailable', false],
    ['bad-request', false],
  ])('"%s" of a media playlist is final: %s', (code, final) => {
    expect(isFinal(read({ status: 400, body: body(code, 'No') })!, { ofMedia: true })).toBe(final);
  });

  it('"bad-request" is final where nothing depends on what was there before', () => {
    expect(isFinal(read({ status: 400, body: body('bad-request', 'No') })!, { ofMedia: false })).toBe(true);
  });
});
