import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { securityHeaders } from '../../src/http/security-headers';
import { PLAYER_FOLDER } from '../../src/http/page-files';
import type { RelayEvent } from '../../src/protocol/api-event';
import type { RefusalInfo } from '../../src/protocol/refusal-info';
import type { SourceInfo } from '../../src/protocol/source-info';
import type { StreamDetail } from '../../src/protocol/stream-detail';
import type { StreamInfo } from '../../src/protocol/stream-info';
import type { ViewerInfo } from '../../src/protocol/viewer-info';

const TYPES: Readonly<Record<string, string>> = { js: 'text/javascript', css: 'text/css', html: 'text/html; charset=utf-8' };
/** As strict as the relay's own. */
const setHeaders = securityHeaders({ embedOrigins: [], knownCertificate: false });
const PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"><path fill="#3a6" d="M0 0h16v9H0z"/><path fill="#fc5" d="M3 7l4-5 3 3 2-2 3 4z"/></svg>';
const TRACKS = [
  { kind: 'video', codec: 'avc1.42c01f', width: 1280, height: 720 },
  { kind: 'audio', codec: 'mp4a.40.2' },
] as const;

/** A relay's API that says what a test wants, with the real pages before it. */
export class FakeApi {
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #listeners = new Set<ServerResponse>();
  #id = 0;
  #beat: ReturnType<typeof setInterval> | undefined;
  streams: StreamDetail[] = [];
  viewers: ViewerInfo[] = [];
  sources: SourceInfo[] = [];
  refusals: RefusalInfo[] = [];
  /** What an administrator brings as `?token=`; nobody needs anything without. */
  token: string | undefined;
  /** Whether there are pictures. */
  pictures = true;
  /** Every request for the API: `GET /api/streams`. */
  readonly asked: string[] = [];

  async start(port = 0): Promise<this> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#beat = setInterval(() => this.stats(), 1_000);
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** How many listen to the events. */
  get listeners(): number {
    return this.#listeners.size;
  }

  /** Tells everybody how things stand. */
  stats(): void {
    for (const listener of this.#listeners) write(listener, this.#stats());
  }

  /** Tells everybody of an event. */
  tell(event: DistributedOmit<RelayEvent, 'id' | 'at'>): void {
    const told = { ...event, id: ++this.#id, at: Date.now() };
    for (const listener of this.#listeners) write(listener, told);
  }

  close(): void {
    clearInterval(this.#beat);
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    setHeaders(request, response, () => undefined);
    const { pathname: path, searchParams } = new URL(request.url ?? '/', 'http://relay');
    if (!path.startsWith('/api/')) {
      await page(path, response);
      return;
    }
    const method = request.method ?? 'GET';
    this.asked.push(`${method} ${path}`);
    const mayAll = this.token === undefined || searchParams.get('token') === this.token;
    const [, , kind, name, part, id] = path.split('/');
    const stream = this.streams.find((each) => each.name === name);
    if (path === '/api/streams') json(response, 200, { streams: this.streams.map(inShort) });
    else if (kind === 'streams' && part === undefined && method === 'GET' && stream !== undefined && !mayAll) json(response, 200, inShort(stream));
    else if (!mayAll) failure(response, 401, 'Cannot do that without a key');
    else if (path === '/api/events') this.#listen(response);
    else if (path === '/api/sources') json(response, 200, { sources: this.sources });
    else if (path === '/api/refusals') json(response, 200, { refusals: this.refusals });
    else if (kind === 'sources') json(response, 200, {});
    else if (stream === undefined) failure(response, 404, `There is no stream "${name ?? ''}"`);
    else if (part === 'snapshot.jpg') this.#picture(response);
    else if (part === 'viewers' && method === 'DELETE') this.#disconnect(response, id ?? '');
    else if (part === 'viewers') json(response, 200, { total: this.viewers.length, viewers: this.viewers });
    else if (method === 'DELETE') this.#end(response, stream);
    else json(response, 200, stream);
  }

  #listen(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    this.#listeners.add(response);
    response.on('close', () => this.#listeners.delete(response));
    write(response, this.#stats());
  }

  #picture(response: ServerResponse): void {
    if (!this.pictures) failure(response, 503, 'There is no picture');
    else response.writeHead(200, { 'Content-Type': 'image/svg+xml' }).end(PICTURE);
  }

  #disconnect(response: ServerResponse, id: string): void {
    const before = this.viewers.length;
    this.viewers = this.viewers.filter((viewer) => viewer.id !== id);
    if (this.viewers.length === before) failure(response, 404, 'This viewer has left');
    else response.writeHead(204).end();
  }

  #end(response: ServerResponse, { name, since }: StreamDetail): void {
    this.streams = this.streams.filter((each) => each.name !== name);
    this.tell({ type: 'stream-ended', name, reason: 'operator', since });
    this.stats();
    response.writeHead(204).end();
  }

  #stats(): RelayEvent {
    const streams = this.streams.map(inShort);
    const viewers = streams.reduce((sum, { viewers: count }) => sum + count, 0);
    return { type: 'stats', id: this.#id, at: Date.now(), streams, viewers, bytesInPerSecond: 525_000, bytesOutPerSecond: 525_000 * viewers };
  }
}

type DistributedOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

/** A stream that has been live for a while, with `bitrates` of its last seconds. */
export function fakeStream(name: string, { bitrates = steady(), ...more }: Partial<StreamDetail> & { bitrates?: readonly number[] } = {}): StreamDetail {
  const now = Date.now();
  const viewers = more.viewers ?? 0;
  return {
    name,
    state: 'live',
    mime: 'video/mp4; codecs="avc1.42c01f,mp4a.40.2"',
    tracks: TRACKS,
    bitrate: bitrates.at(-1) ?? 0,
    viewers,
    since: now - 754_000,
    publisher: { transport: 'http', address: '192.0.2.7', since: now - 754_000, lag: 0.08 },
    epoch: { id: 'e1', bytes: 4e8, heldChunks: 300, heldBytes: 5_300_000 },
    gop: 2,
    viewerSummary: { byTransport: {}, behind: 0, maxLag: 0, skips: 0, skippedBytes: 0 },
    history: bitrates.map((bitrate, index) => ({ at: now - (bitrates.length - index) * 1_000, bitrate, viewers })),
    ...more,
  };
}

/** Two minutes around 4.2 Mbit/s. */
function steady(): number[] {
  return Array.from({ length: 120 }, (_none, second) => 4.2e6 + 6e5 * Math.sin(second / 3));
}

/** A viewer that keeps up; of one by HLS nothing tells what has arrived. */
export function fakeViewer(id: string, more: Partial<ViewerInfo> = {}): ViewerInfo {
  return { id, transport: 'sluice.v1', address: `192.0.2.${id}`, since: Date.now() - Number(id) * 10_000, state: 'open', ...(more.transport !== 'hls' && { lag: 0.04 }), skips: 0, skippedBytes: 0, ...more };
}

function inShort({ name, state, mime, tracks, bitrate, viewers, since }: StreamDetail): StreamInfo {
  return { name, state, mime, tracks, bitrate, viewers, since };
}

function write(listener: ServerResponse, event: RelayEvent): void {
  listener.write(`id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`);
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

function failure(response: ServerResponse, status: number, message: string): void {
  json(response, status, { error: { code: 'fake', message } });
}

async function page(path: string, response: ServerResponse): Promise<void> {
  const file = path === '/' ? 'dashboard.html' : path.startsWith('/streams/') ? 'stream.html' : path.replace(/^\/player\//, '');
  const content = await readFile(join(PLAYER_FOLDER, file)).catch(() => undefined);
  response.writeHead(content === undefined ? 404 : 200, { 'Content-Type': TYPES[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream' });
  response.end(content);
}
