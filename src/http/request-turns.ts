import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { guardedClock, on, once } from '../base/guard';
import { ServerGate } from './server-gate';
import { Turnstile } from './turnstile';
import { whenGone } from './when-gone';

/** How many requests are begun in one turn of the event loop, on all connections: media is sent between turns. */
const PER_TURN = 16;
/** How many pieces of one connection are parsed in one turn, if blank lines cut its body into many. */
const PIECES = 8;
/** How long the rest of a body may still come once its request is answered, ms: nobody reads it. */
const LATE_BODY_TIME = 5_000;
/** How much is read of a connection in advance, bytes: as long as it is read, its end is noticed. */
const READ_AHEAD = 16 << 10;
/** How much of it is retained at most, bytes, whoever has it read. */
const MAX_RETAINED = 256 << 10;
/** Ends a head (RFC 9112, section 2.1), and a chunked body (section 7.1). */
const BLANK_LINE = Buffer.from('\r\n\r\n');
const NOTHING = Buffer.alloc(0);
const CR = 0x0d;
const LF = 0x0a;

type Parse = (this: Socket, bytes: Buffer) => void;

const connections = new WeakMap<Socket, Connection>();

/**
 * Gives every connection one request at a time. Node parses and begins all requests of what it has read at once, a thousand and
 * more in 64 KiB; RFC 9112, section 9.3.2, leaves it to the server whether those behind the first wait. Here they wait unparsed:
 * they cost no memory but their own bytes, and no response is ever queued after another.
 */
export function takeTurns(server: Server): void {
  const turnstile = new Turnstile(PER_TURN);
  // Node's own listener comes first: it has the parser ready.
  on(server, server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    const [parse, ...others] = socket.listeners('data') as Parse[];
    if (parse !== undefined && others.length === 0) connections.set(socket, new Connection({ socket, parse, turnstile }));
  });
  // No listener for `connect`: without one Node ends the connection, and with one nobody would.
  ServerGate.of(server).before((request, response) => {
    const connection = connections.get(request.socket);
    if (response === undefined) connection?.leave();
    else connection?.begin(request, response);
  });
}

/** Throws away what has come and isn't parsed, and all that still comes; calls `ended` when the client has sent everything. */
export function discardInput(socket: Socket, ended: () => void): void {
  connections.get(socket)?.discard();
  once(socket, 'end', ended);
  socket.resume();
}

/** One connection, between what is read from it and Node's parser. */
class Connection {
  readonly #socket: Socket;
  readonly #parse: Parse;
  readonly #turnstile: Turnstile;
  /** What was read and isn't parsed yet. */
  #retained: Buffer = NOTHING;
  /** The end of what was parsed, up to three bytes: a blank line may begin there. */
  #parsed: Buffer = NOTHING;
  #request: IncomingMessage | undefined;
  #isAnswered = true;
  readonly #leave: readonly (() => void)[];
  /** How much of a body with `Content-Length` is to come, bytes. */
  #bodyLeft = 0;
  #isParsing = false;
  #isInLine = false;
  #hasTurn = false;
  /** Whether what was parsed ends within a head: blank lines at other places between requests mean nothing. */
  #isInHead = false;
  /** Whether it isn't read because of what is retained. */
  #isStopped = false;

  constructor({ socket, parse, turnstile }: { socket: Socket; parse: Parse; turnstile: Turnstile }) {
    this.#socket = socket;
    this.#parse = parse;
    this.#turnstile = turnstile;
    socket.off('data', parse);
    const failed = (): void => void socket.destroy();
    this.#leave = [on(socket, 'data', this.#take, { failed }), on(socket, 'resume', this.#goOn, { failed })];
  }

  /** A request of this connection was parsed as far as its head. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    // It comes again: Node leaves it to whoever heeds `Expect`.
    if (this.#request === request) return;
    if (!this.#isAnswered) {
      // It has ended its request as only Node's parser understands: nobody honest does.
      this.#socket.destroy();
      return;
    }
    const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
    this.#request = request;
    this.#bodyLeft = encoding === undefined ? Number(length) : 0;
    this.#isAnswered = false;
    whenGone(response, () => {
      this.#isAnswered = true;
      if (!request.complete) once(request, 'close', guardedClock.after(LATE_BODY_TIME, () => this.#socket.destroy()));
      this.#goOn();
    });
  }

  /** Nothing that comes is a request any more. */
  discard(): void {
    this.#stopListening();
    this.#retained = NOTHING;
    on(this.#socket, 'data', () => undefined);
  }

  /** It speaks another protocol from now on. */
  leave(): void {
    this.#stopListening();
    if (this.#retained.length > 0) this.#socket.unshift(this.#retained);
    this.#retained = NOTHING;
  }

  #stopListening(): void {
    for (const leave of this.#leave) leave();
  }

  readonly #take = (bytes: Buffer): void => {
    this.#retained = this.#retained.length === 0 ? bytes : Buffer.concat([this.#retained, bytes]);
    this.#goOn();
  };

  readonly #goOn = (): void => {
    if (this.#isParsing) return;
    this.#isParsing = true;
    for (let pieces = 1; this.#mayParse(pieces); pieces++) this.#parsePiece();
    this.#isParsing = false;
    this.#stopReading();
  };

  /** Whether there is something to parse and nothing to wait for: an answer, whoever has stopped reading, or a turn. */
  #mayParse(pieces: number): boolean {
    const socket = this.#socket;
    const isBetween = this.#request?.complete !== false;
    if (isBetween && !this.#isInHead) this.#skipBlankLines();
    if (this.#retained.length === 0 || socket.destroyed || this.#isInLine) return false;
    if (isBetween && !this.#isAnswered) return false;
    if (socket.isPaused() && !this.#isStopped) return false;
    if (this.#hasTurn || (isBetween ? this.#turnstile.pass() : pieces % PIECES !== 0)) return true;
    this.#turnstile.wait(this.#onTurn);
    this.#isInLine = true;
    return false;
  }

  readonly #onTurn = (): void => {
    this.#isInLine = false;
    this.#hasTurn = true;
    this.#goOn();
  };

  #parsePiece(): void {
    // Before the parser has a say in it.
    if (this.#isStopped) this.#socket.resume();
    this.#isStopped = false;
    this.#hasTurn = false;
    const piece = this.#retained.subarray(0, this.#bodyLeft > 0 ? this.#bodyLeft : this.#endOfBlankLine());
    this.#retained = this.#retained.subarray(piece.length);
    const isOfLength = this.#bodyLeft > 0;
    const end = isOfLength ? NOTHING : Buffer.concat([this.#parsed, piece.subarray(-BLANK_LINE.length)]).subarray(-BLANK_LINE.length);
    this.#isInHead = !isOfLength && !end.equals(BLANK_LINE);
    this.#parsed = end.subarray(-3);
    this.#bodyLeft = Math.max(0, this.#bodyLeft - piece.length);
    this.#parse.call(this.#socket, piece);
  }

  /** Blank lines before a request mean nothing (RFC 9112, section 2.2): however many there are, they take no turns. */
  #skipBlankLines(): void {
    let length = 0;
    while (this.#retained[length] === CR || this.#retained[length] === LF) length++;
    this.#retained = this.#retained.subarray(length);
  }

  /** Where the next blank line ends in what is retained, or all of it if there is none. */
  #endOfBlankLine(): number {
    const before = this.#parsed.length;
    const atSeam = Buffer.concat([this.#parsed, this.#retained.subarray(0, 3)]).indexOf(BLANK_LINE);
    if (atSeam >= 0) return atSeam + BLANK_LINE.length - before;
    const at = this.#retained.indexOf(BLANK_LINE);
    return at < 0 ? this.#retained.length : at + BLANK_LINE.length;
  }

  #stopReading(): void {
    const socket = this.#socket;
    if (this.#retained.length === 0 && this.#isStopped) {
      this.#isStopped = false;
      socket.resume();
    }
    if (this.#retained.length <= READ_AHEAD) return;
    if (this.#retained.length > MAX_RETAINED) socket.destroy();
    // Somebody else may have it read again: for each request Node does.
    if (socket.isPaused()) return;
    this.#isStopped = true;
    socket.pause();
  }
}
