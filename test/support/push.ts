import { type ClientRequest, type OutgoingHttpHeaders, request } from 'node:http';

/** An HTTP answer whose body was read. */
export interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** A push under way. */
export interface Push {
  readonly request: ClientRequest;
  /** Rejects if the connection breaks before an answer. */
  readonly answer: Promise<Answer>;
}

/** Opens a push whose body the caller writes and ends. */
export function openPush(url: string, { method = 'PUT', headers = {} }: { method?: string; headers?: OutgoingHttpHeaders } = {}): Push {
  const sent = request(url, { method, headers, agent: false });
  const answer = new Promise<Answer>((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      response.on('error', reject);
    });
  });
  // Whoever wants to know awaits it.
  answer.catch(() => undefined);
  return { request: sent, answer };
}

/** Pushes a whole body. */
export function push(url: string, body: Uint8Array | string, options: { method?: string; headers?: OutgoingHttpHeaders } = {}): Promise<Answer> {
  const { request: sent, answer } = openPush(url, options);
  sent.end(body);
  return answer;
}

/** The code in a refusal's body, which must also have a message and a remedy. */
export function errorCode({ body }: Answer): string {
  const { error } = JSON.parse(body) as { error: { code: string; message: string; remedy: string } };
  expect(error.message).not.toBe('');
  expect(error.remedy).not.toBe('');
  return error.code;
}
