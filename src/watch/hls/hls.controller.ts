import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Access } from '../../access/access';
import { once } from '../../core/guard';
import { CONFIG } from '../../core/tokens';
import { addressOf } from '../../http/address-of';
import { refuse } from '../../http/refuse';
import { sendFile } from '../../http/send-file';
import { SluiceError } from '../../protocol/error-code';
import { checkName } from '../../relay/stream-registry';
import { readClientData } from './client-data';
import { readDirectives } from './delivery-directives';
import { HlsSessions } from './hls-sessions';
import type { HlsStream } from './hls-stream';
import { HlsStreams } from './hls-streams';
import { type MediaAddress, readMediaAddress } from './media-address';
import { PlaylistFile } from './playlist-file';
import type { Part } from './segment';

/** The address of a file of media is never that of another. */
const MEDIA_CACHE = 'public, max-age=3600, immutable';
const OWN_MEDIA_CACHE = 'private, max-age=3600, immutable';
/** A playlist of a session is for nobody else. */
const OWN_CACHE = 'private, no-cache';
/** What was waited for is right for whoever waits for the same; what wasn't is soon stale. */
const WAITED_CACHE = 'public, max-age=24';
const NEWEST_CACHE = 'public, max-age=1';

/** Streams as Low-Latency HLS: RFC 8216bis. */
@Controller('hls')
export class HlsController {
  readonly #streams: HlsStreams;
  readonly #sessions: HlsSessions;
  readonly #access: Access;
  readonly #withSessions: boolean;

  constructor(streams: HlsStreams, sessions: HlsSessions, access: Access, @Inject(CONFIG) { hlsSessions }: { hlsSessions: boolean }) {
    this.#streams = streams;
    this.#sessions = sessions;
    this.#access = access;
    this.#withSessions = hlsSessions;
  }

  @Get(':name/index.m3u8')
  async index(@Param('name') name: string, @Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    await this.#admit(name, request);
    const stream = this.#streams.open(name);
    const asked = queryOf(request);
    const session = this.#withSessions ? HlsSessions.nameOf(asked.get('session')) : undefined;
    const query = new URLSearchParams(session === undefined ? {} : { session });
    const token = asked.get('token');
    if (token !== null) query.set('token', token);
    const cache = query.size === 0 && !this.#access.private ? NEWEST_CACHE : 'no-store';
    const stop = stream.multivariant(query.size === 0 ? 'media.m3u8' : `media.m3u8?${query.toString()}`, {
      ready: (text) => sendFile(request, response, new PlaylistFile(text, tagOf(text)).answer(acceptedBy(request), cache)),
      failed: (error) => refuse(response, error),
    });
    once(response, 'close', stop);
  }

  @Get(':name/media.m3u8')
  async media(@Param('name') name: string, @Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    await this.#admit(name, request);
    const query = queryOf(request);
    const directives = readDirectives(query);
    const stream = this.#streams.open(name);
    if (this.#withSessions) {
      const session = query.get('session') ?? undefined;
      once(response, 'close', this.#sessions.visit({ stream: stream.stream, session, address: addressOf(request), data: readClientData(query, request.headers) }));
    }
    const ofAll = directives.sequence === undefined ? NEWEST_CACHE : WAITED_CACHE;
    const stop = stream.playlist(directives, {
      ready: (playlist) => sendFile(request, response, playlist.answer(acceptedBy(request), this.#withSessions || this.#access.private ? OWN_CACHE : ofAll)),
      failed: (error) => refuse(response, error),
    });
    once(response, 'close', stop);
  }

  /** Its address holds the random name of the timeline, which only those know who were given a playlist. */
  @Get(':name/:timeline/:file')
  file(@Req() request: IncomingMessage, @Res() response: ServerResponse, @Param() { name = '', timeline, file = '' }: Record<string, string>): void {
    const stream = this.#streams.get(name);
    const address = readMediaAddress(file);
    if (stream === undefined || stream.timeline !== timeline || address === undefined) throw goneFile();
    if (this.#withSessions) this.#hear(stream, request);
    const found = find(stream, address);
    if (found !== undefined) sendFile(request, response, { pieces: found.pieces, size: found.size, ...this.#headersOf(stream, address) });
    else if (address.kind === 'part') this.#sendPartAsItComes(stream, address, { request, response });
    else throw goneFile();
  }

  /** @throws SluiceError if whoever asks may not watch, or no stream is named so. */
  async #admit(name: string, request: IncomingMessage): Promise<void> {
    checkName(name);
    await this.#access.authorize(request, 'watch', name);
  }

  #hear({ stream }: HlsStream, request: IncomingMessage): void {
    const data = readClientData(queryOf(request), request.headers);
    if (data !== undefined) this.#sessions.hear(stream, data);
  }

  /** What only some may watch is kept by no cache that many share. */
  #headersOf({ timeline }: HlsStream, { kind, number }: MediaAddress): { type: string; etag: string; cacheControl: string } {
    return { type: 'video/mp4', etag: `"${timeline}-${kind}-${number}"`, cacheControl: this.#access.private ? OWN_MEDIA_CACHE : MEDIA_CACHE };
  }

  /** The part that playlists hint at: its answer is held until it comes, RFC 8216bis §6.2.6. */
  #sendPartAsItComes(stream: HlsStream, address: MediaAddress, { request, response }: { request: IncomingMessage; response: ServerResponse }): void {
    const { type, etag, cacheControl } = this.#headersOf(stream, address);
    // Of what isn't whole there is no length yet, and no range.
    const wantsWhole = request.method === 'HEAD' || request.headers.range !== undefined;
    const end = (part?: Part): void => {
      if (part === undefined && response.headersSent) response.destroy();
      else if (part === undefined) refuse(response, goneFile());
      else if (wantsWhole) sendFile(request, response, { ...part, type, etag, cacheControl });
      else response.end();
    };
    const piece = (bytes: Uint8Array): void => {
      if (wantsWhole) return;
      if (!response.headersSent) response.writeHead(200, { 'Content-Type': type, ETag: etag, 'Cache-Control': cacheControl });
      response.write(bytes);
    };
    const stop = stream.readPart(address.number, { piece, end });
    if (stop === undefined) throw goneFile();
    once(response, 'close', stop);
  }
}

function acceptedBy(request: IncomingMessage): string | undefined {
  const accepted = request.headers['accept-encoding'];
  return Array.isArray(accepted) ? accepted.join(', ') : accepted;
}

/** The bytes at an address, if they are held. */
function find(stream: HlsStream, { kind, number }: MediaAddress): { readonly pieces: readonly Uint8Array[]; readonly size: number } | undefined {
  switch (kind) {
    case 'init': {
      const init = stream.init(number);
      return init && { pieces: [init.bytes], size: init.bytes.length };
    }
    case 'segment':
      return stream.segment(number);
    case 'part':
      return stream.part(number);
    default:
      return kind satisfies never;
  }
}

/** Another one for each text. */
function tagOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function queryOf({ url = '' }: IncomingMessage): URLSearchParams {
  return new URLSearchParams(url.split('?')[1]);
}

function goneFile(): SluiceError {
  return new SluiceError('not-found', 'Cannot find this piece of the stream: it is no longer held, or has not come');
}
