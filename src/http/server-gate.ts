import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { guard, on } from '../base/guard';
import { StartError } from '../base/start-error';
import { isBelow } from './mount';
import { asksForWebSocket } from './relay-request';

/** Answers all requests below a path of a server. */
export interface Mounted {
  /** Takes a request, also one that waits for "100 Continue". */
  request(request: IncomingMessage, response: ServerResponse): void;
  /** Takes a request that expects anything else (RFC 9110, section 10.1.1). */
  expectation(request: IncomingMessage, response: ServerResponse): void;
  /** Takes a request to upgrade to a WebSocket. */
  upgrade(request: IncomingMessage, head: Buffer): void;
}

/** The events of a server that bring a request. */
type Arrival = 'request' | 'checkContinue' | 'checkExpectation' | 'upgrade';
const ARRIVALS: ReadonlySet<string | symbol> = new Set<Arrival>(['request', 'checkContinue', 'checkExpectation', 'upgrade']);

/** Is called with each request before anybody else; there is no response to one for an upgrade. */
export type ArrivalHook = (request: IncomingMessage, response: ServerResponse | undefined) => void;

const gates = new WeakMap<Server, ServerGate>();

/**
 * Decides by its path who hears of a request: whoever is mounted there, and nobody else, or everybody else. Listeners can't keep an
 * event from each other: socket.io ends each upgrade that has no answer after a second, and Nest's adapter for `ws` at once each
 * whose path it doesn't know, while a relay may have to ask a webhook first. So the gate stands before all listeners, in `emit`.
 */
export class ServerGate {
  readonly #server: Server;
  readonly #mounts = new Map<string, Mounted>();
  readonly #claims = new Set<string>();
  readonly #hooks: ArrivalHook[] = [];
  #listens = false;

  /** The gate of a server: one for all that is mounted there. */
  static of(server: Server): ServerGate {
    const known = gates.get(server);
    if (known !== undefined) return known;
    const gate = new ServerGate(server);
    gates.set(server, gate);
    return gate;
  }

  private constructor(server: Server) {
    this.#server = server;
    const emit = server.emit.bind(server) as (event: string | symbol, ...args: unknown[]) => boolean;
    const pass = (event: string | symbol, ...args: unknown[]): boolean => {
      if (!ARRIVALS.has(event)) return emit(event, ...args);
      const [request, second, head] = args as [IncomingMessage, ServerResponse | Socket, Buffer];
      return this.#take(event as Arrival, { request, second, head }) || emit(event, ...args);
    };
    Object.defineProperty(server, 'emit', { value: pass, configurable: true, writable: true });
  }

  /** Calls `hook` with each request of the server before anybody else, wherever it goes. */
  before(hook: ArrivalHook): void {
    this.#hooks.push(hook);
  }

  /**
   * Passes what is below `path` to `mounted` alone, until the returned function is called.
   * @throws StartError if something is mounted there, or a path below it was claimed.
   */
  mount(path: string, mounted: Mounted): () => void {
    if (this.#mounts.has(path)) throw new StartError(`Cannot mount Sluice at "${path || '/'}" twice: give one of the modules another "path"`);
    for (const claim of this.#claims) checkClaim(path, claim);
    this.#mounts.set(path, mounted);
    this.#listen();
    return () => void this.#mounts.delete(path);
  }

  /**
   * Says that somebody who isn't mounted listens for upgrades at `path`, and would hear of none below that of a mount.
   * @throws StartError if something is mounted above it.
   */
  claim(path: string): void {
    const claim = `/${path}`.replace(/\/{2,}/g, '/');
    this.#claims.add(claim);
    for (const mount of this.#mounts.keys()) checkClaim(mount, claim);
  }

  #take(event: Arrival, { request, second, head }: { request: IncomingMessage; second: ServerResponse | Socket; head: Buffer }): boolean {
    let taken = true;
    const take = (): void => {
      const response = second instanceof ServerResponse ? second : undefined;
      for (const hook of this.#hooks) hook(request, response);
      const mounted = this.#find(request);
      if (mounted === undefined) taken = false;
      else if (response === undefined) this.#upgrade(mounted, request, head);
      else if (event === 'checkExpectation') mounted.expectation(request, response);
      else mounted.request(request, response);
    };
    guard(`"${event}" of a server`, take, () => request.socket.destroy());
    return taken;
  }

  /** What is mounted furthest below. */
  #find(request: IncomingMessage): Mounted | undefined {
    let found: [string, Mounted] | undefined;
    for (const mount of this.#mounts) if (isBelow(request, mount[0]) && mount[0].length >= (found?.[0].length ?? 0)) found = mount;
    return found?.[1];
  }

  #upgrade(mounted: Mounted, request: IncomingMessage, head: Buffer): void {
    if (asksForWebSocket(request)) mounted.upgrade(request, head);
    else this.#withoutUpgrade(request, head);
  }

  /** Node has these events only where somebody listens, and else does by itself what is done here where nobody else does. */
  #listen(): void {
    if (this.#listens) return;
    this.#listens = true;
    const server = this.#server;
    const alone = (event: Arrival): boolean => server.listenerCount(event) === 1;
    const failed = (_error: unknown, { socket }: IncomingMessage): void => void socket.destroy();
    on(server, 'checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      if (!alone('checkContinue')) return;
      response.writeContinue();
      server.emit('request', request, response);
    }, { failed });
    on(server, 'checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
      if (alone('checkExpectation')) response.writeHead(417).end();
    }, { failed });
    on(server, 'upgrade', (request: IncomingMessage, _socket: Socket, head: Buffer) => {
      if (alone('upgrade')) this.#withoutUpgrade(request, head);
    }, { failed });
  }

  /**
   * Has a request answered as if it didn't ask for an upgrade, which may be ignored (RFC 9110, section 7.8): Java's HttpClient and
   * `curl --http2` send `h2c` with ordinary requests. Node has taken its parser off the connection: it reads the request anew.
   */
  #withoutUpgrade(request: IncomingMessage, head: Buffer): void {
    const { socket, method = '', httpVersion, rawHeaders } = request;
    const url = (request as { originalUrl?: string }).originalUrl ?? request.url ?? '';
    const lines = [`${method} ${url} HTTP/${httpVersion}`];
    for (let at = 0; at < rawHeaders.length; at += 2) {
      if (rawHeaders[at]?.toLowerCase() !== 'upgrade') lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
    }
    socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
    this.#server.emit(this.#server instanceof TlsServer ? 'secureConnection' : 'connection', socket);
  }
}

function checkClaim(mount: string, path: string): void {
  if (!`${path}/`.startsWith(`${mount}/`)) return;
  throw new StartError(`Cannot mount Sluice at "${mount || '/'}": a gateway of the application at "${path}" would hear of nothing; give one of them another path`);
}
