import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { PublishConnection } from '../../../player/publisher/publish-connection';
import { isFinal, readRefusal } from '../../../player/video/hls-refusal';
import { WatchConnection } from '../../../player/video/watch-connection';
import { entryOf, type ErrorCode, ERRORS, SluiceError } from '../../../src/protocol/error-code';
import { mayRetry } from '../../../src/protocol/retry';
import { SUBPROTOCOL } from '../../../src/protocol/subprotocol';
import type { ErrorEvent } from '../../../src/protocol/watch-message';
import { systemClock } from '../../../src/relay/clock';
import { type LinkEnd, RelayLink } from '../../../src/push/relay-link';
import { FakeWebSocket } from '../../support/fake-web-socket';

const CODES = Object.keys(ERRORS) as ErrorCode[];
/** What the table says. */
const isRetried = (code: ErrorCode): boolean => 'retry' in ERRORS[code];
/** That one answers a message: no connection ends by it. */
const CLOSING = CODES.filter((code) => code !== 'bad-message');
const TABLE = CLOSING.map((code) => [code, isRetried(code)] as const);

/** What an `error` message has besides its text. */
type Told = Omit<ErrorEvent, 'type' | 'message'>;

/** Whether a client tries again after the relay has sent these messages and closed. */
type Client = (messages: readonly Told[], close: number) => boolean | Promise<boolean>;

function viewer(messages: readonly Told[], close: number): boolean {
  jest.useFakeTimers();
  try {
    const sockets: FakeWebSocket[] = [];
    const ignore = (): void => undefined;
    const connection = new WatchConnection({
      url: new URL('ws://relay/watch/cam'),
      listener: { connecting: ignore, init: ignore, resumed: ignore, media: ignore, waiting: ignore, clock: ignore, skipped: ignore, ended: ignore, blocked: ignore, refused: ignore },
      connect: (url) => sockets[sockets.push(new FakeWebSocket(url)) - 1] as unknown as WebSocket,
    });
    connection.open();
    const [socket] = sockets;
    socket?.open();
    for (const message of messages) socket?.tell({ type: 'error', message: '', ...message });
    socket?.drop(close);
    jest.advanceTimersByTime(60_000);
    connection.close();
    return sockets.length > 1;
  } finally {
    jest.useRealTimers();
  }
}

function publisher(messages: readonly Told[], close: number): boolean {
  const socket = new FakeWebSocket('ws://relay/publish/cam');
  const ends: string[] = [];
  new PublishConnection('', { ready: () => undefined, live: () => undefined, received: () => undefined, closed: ({ kind }) => ends.push(kind) }, () => socket as unknown as WebSocket);
  socket.open();
  for (const message of messages) socket.tell({ type: 'error', message: '', ...message });
  socket.drop(close);
  return ends.join() === 'lost';
}

async function push(messages: readonly Told[], close: number): Promise<boolean> {
  const server = createServer();
  new WebSocketServer({ server, handleProtocols: () => SUBPROTOCOL }).on('connection', (socket) => {
    for (const message of messages) socket.send(JSON.stringify({ type: 'error', message: '', ...message }));
    socket.close(close);
  });
  return (await endOfPush(server)).type === 'lost';
}

/** How the connection of `sluice push` to this server ends. */
async function endOfPush(server: Server): Promise<LinkEnd> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const end = await new Promise<LinkEnd>((closed) => {
    new RelayLink({
      target: { name: 'cam', url: `ws://127.0.0.1:${port}/publish/cam`, label: '', token: undefined, exposed: false },
      clock: systemClock,
      listener: { ready: () => undefined, live: () => undefined, received: () => undefined, closed },
    });
  });
  await new Promise((resolve) => server.close(resolve));
  return end;
}

describe('whether an error may be tried again', () => {
  it.each(CODES.map((code) => [code, isRetried(code)] as const))('"%s", by the table: %s', (code, retry) => {
    expect(mayRetry({ code })).toBe(retry);
  });

  it('is so wherever the relay says when', () => {
    expect(mayRetry({ code: 'ended-by-operator', retryAfter: 60 })).toBe(true);
  });

  it.each(['of-a-later-relay', 'toString'])('is not so of a code that nobody knows: %s', (code) => {
    expect([mayRetry({ code }), mayRetry({ code, retryAfter: 1 })]).toEqual([false, true]);
  });
});

describe.each<[string, Client]>([
  ['player', viewer],
  ['publisher of a page', publisher],
  ['"sluice push"', push],
])('a %s that the relay has turned away', (_name, client) => {
  it.each(TABLE)('by "%s" tries again by itself: %s', async (code, retry) => {
    expect(await client([{ code }], entryOf(new SluiceError(code, '')).close)).toBe(retry);
  });

  it('tries again what the relay says may be tried later', async () => {
    expect(await client([{ code: 'ended-by-operator', retryAfter: 1 }], 4403)).toBe(true);
  });

  it('does not take the answer to one message for the reason why the connection was lost later', async () => {
    expect(await client([{ code: 'bad-message' }, { code: 'not-authenticated', id: 1 }], 1011)).toBe(true);
  });
});

describe('"sluice push" whose upgrade is answered over HTTP', () => {
  it.each([
    [429, 'lost'],
    [502, 'lost'],
    [403, 'refused'],
    [404, 'refused'],
  ])('with status %i takes the relay for %s', async (status, type) => {
    const server = createServer().on('upgrade', (_request, socket) => socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`));
    expect((await endOfPush(server)).type).toBe(type);
  });
});

describe('a player over HLS', () => {
  it.each(TABLE)('that is given "%s" in place of the first playlist tries again by itself: %s', (code, retry) => {
    const answer = { responseType: 'text', responseText: JSON.stringify({ error: { code, message: '' } }), getResponseHeader: () => null } as unknown as XMLHttpRequest;
    const refusal = readRefusal({ response: { url: '', code: ERRORS[code].status }, networkDetails: answer });
    expect(isFinal(refusal!, { ofMedia: false })).toBe(!retry);
  });
});
