import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Access } from '../access/access';
import { credentialOf } from '../access/credential';
import type { Grant } from '../access/grant';
import { grantExpired, LiveGrant } from '../access/live-grant';
import { Granted, Permission } from '../access/permission';
import { StreamName } from '../access/stream-name';
import { Tally } from '../base/tally';
import { CLOCK, CONFIG } from '../base/tokens';
import { addressGroup, addressOf } from '../http/address';
import { Exchange } from '../http/exchange';
import { queryOf } from '../http/request-target';
import { sendFile } from '../http/send-file';
import { SluiceError } from '../protocol/error-code';
import type { Clock } from '../relay/clock';
import { readClientData } from './client-data';
import { readDirectives, readSegments } from './delivery-directives';
import { HlsSessions, type HlsVisit } from './hls-sessions';
import { goneFile, type HlsStream } from './hls-stream';
import { HlsStreams } from './hls-streams';
import { type MediaAddress, readMediaAddress } from './media-address';
import { PlaylistFile } from './playlist-file';
import { SessionTokens, type SignedSession } from './session-tokens';

/** The address of a file of media is never that of another. */
const MEDIA_CACHE = 'public, max-age=3600, immutable';
const OWN_MEDIA_CACHE = 'private, max-age=3600, immutable';
/** A playlist of a session is for nobody else. */
const OWN_CACHE = 'private, no-cache';
/** What was waited for is right for whoever waits for the same; what wasn't is soon stale. */
const WAITED_CACHE = 'public, max-age=24';
const NEWEST_CACHE = 'public, max-age=1';

/** How long a session of a private stream gives media after its viewer last got a playlist, ms: so that a key that is revoked stops media, too. */
const MEDIA_AFTER_PLAYLIST = 60_000;

/** How many requests a viewer may have under way: the next playlist and the next part, and twice as many while it starts. */
const REQUESTS_OF_VIEWER = 4;

/** What stands in an address of HLS. */
interface HlsPath {
  readonly name?: string;
  readonly session?: string;
  readonly timeline?: string;
  readonly file?: string;
}

/**
 * Streams as Low-Latency HLS: RFC 8216bis. The address of a media playlist holds a session, `NAME/SESSION/media.m3u8`, and so
 * do those of the media that it lists, since they are relative to it: one text serves all sessions.
 */
@Controller('hls')
export class HlsController {
  readonly #streams: HlsStreams;
  readonly #sessions: HlsSessions;
  readonly #tokens: SessionTokens;
  readonly #access: Access;
  readonly #clock: Clock;
  readonly #withSessions: boolean;
  /** Whether media is given to sessions only. */
  readonly #guarded: boolean;
  /** Requests that aren't over, by the address group that sent them, and how many one may have. */
  readonly #underWay = new Tally();
  readonly #mostUnderWay: number;

  constructor(streams: HlsStreams, sessions: HlsSessions, tokens: SessionTokens, access: Access, @Inject(CLOCK) clock: Clock, @Inject(CONFIG) { hlsSessions, maxViewersPerAddress }: { hlsSessions: boolean; maxViewersPerAddress: number }) {
    this.#streams = streams;
    this.#sessions = sessions;
    this.#tokens = tokens;
    this.#access = access;
    this.#clock = clock;
    this.#withSessions = hlsSessions;
    this.#guarded = hlsSessions && access.private;
    this.#mostUnderWay = hlsSessions ? REQUESTS_OF_VIEWER * maxViewersPerAddress : Infinity;
  }

  @Get(':name/index.m3u8')
  @Permission('watch')
  index(@StreamName() name: string, @Req() request: IncomingMessage, @Res() response: ServerResponse, @Granted() grant: Grant): void {
    const asked = queryOf(request);
    const segments = readSegments(asked);
    const stream = this.#streams.open(name);
    const exchange = this.#begin(request, response, grant.expiresAt);
    const token = asked.get('token');
    // What the media playlist is to be asked with, too.
    const query = new URLSearchParams([...asked].filter(([key]) => key === 'token' || key === 'segments'));
    const address = `${this.#withSessions ? `${this.#issue(name, grant, asked.get('session'))}/` : ''}media.m3u8`;
    const cache = this.#withSessions || token !== null || this.#access.private ? 'no-store' : NEWEST_CACHE;
    const stop = stream.multivariant({ address, query, segments }, {
      ready: (text) => this.#sendPlaylist(exchange, new PlaylistFile(text, tagOf(text)), cache),
      failed: (error) => exchange.refuse(error),
    });
    exchange.whenOver(stop);
  }

  @Get([':name/media.m3u8', ':name/:session/media.m3u8'])
  @Permission('watch')
  media(@StreamName() name: string, @Param() { session }: HlsPath, @Req() request: IncomingMessage, @Res() response: ServerResponse, @Granted() grant: Grant): void {
    const query = queryOf(request);
    const directives = readDirectives(query);
    const stream = this.#streams.open(name);
    const exchange = this.#begin(request, response, grant.expiresAt);
    const media = this.#withSessions ? this.#visitPlaylist(stream, { exchange, session, grant }) : undefined;
    const ofAll = directives.sequence === undefined ? NEWEST_CACHE : WAITED_CACHE;
    const cache = this.#withSessions || this.#access.private ? OWN_CACHE : ofAll;
    const stop = stream.playlist(directives, {
      ready: (playlist) => this.#sendPlaylist(exchange, media === undefined ? playlist : playlist.moved(stream.timeline, media), cache),
      failed: (error) => exchange.refuse(error),
    });
    exchange.whenOver(stop);
  }

  /** Of private streams only a session gives media. Others are found by the random name of the timeline, which stands in playlists. */
  @Get([':name/:timeline/:file', ':name/:session/:timeline/:file'])
  file(@Param() { name = '', session, timeline, file = '' }: HlsPath, @Req() request: IncomingMessage, @Res() response: ServerResponse): void {
    const stream = this.#streams.get(name);
    const signed = session === undefined ? undefined : this.#tokens.read(session, { name });
    if (this.#guarded && signed === undefined) throw new SluiceError('no-session', `Cannot give media of ${JSON.stringify(name)} without a session of this relay`);
    const viewer = signed?.id ?? addressOf(request);
    const expiresAt = signed && this.#endOf(signed, stream);
    if (this.#hasEnded(expiresAt)) throw grantExpired();
    const address = readMediaAddress(file);
    if (stream === undefined || stream.timeline !== timeline || address === undefined) throw goneFile();
    const exchange = this.#begin(request, response, expiresAt);
    const visit = (): void => {
      if (this.#withSessions && request.method !== 'HEAD') this.#sessions.visitMedia(this.#visitOf(stream, { exchange, viewer }), expiresAt);
    };
    const found = find(stream, address);
    if (found !== undefined) {
      visit();
      sendFile(exchange, { pieces: found.pieces, size: found.size, ...this.#headersOf(stream, address) }, this.#clock);
    } else if (address.kind === 'part' && stream.isNext(address.number)) {
      visit();
      this.#sendPartWhenWhole(stream, address, exchange);
    } else throw goneFile();
  }

  /** @param expiresAt when the grant ends: what isn't sent by then isn't sent. @throws SluiceError `too-many`. */
  #begin(request: IncomingMessage, response: ServerResponse, expiresAt: number | undefined): Exchange {
    const group = addressGroup(addressOf(request));
    if (this.#underWay.of(group) >= this.#mostUnderWay) {
      throw new SluiceError('too-many', `Cannot take another request from this address: ${this.#mostUnderWay} aren't answered yet (--max-viewers-per-address)`, { retryAfter: 1 });
    }
    const exchange = new Exchange(request, response);
    exchange.whenOver(this.#underWay.add(group));
    const live = new LiveGrant({ grant: { who: addressOf(request), expiresAt }, clock: this.#clock, ended: (error) => exchange.refuse(error) });
    exchange.whenOver(() => live.release());
    return exchange;
  }

  /** A session for whoever opens a stream: the one that it had, if this relay has made it, else another. */
  #issue(name: string, grant: Grant, known: string | null): string {
    const id = known === null ? undefined : this.#tokens.read(known, { name })?.id;
    return this.#tokens.issue({ name, expiresAt: this.#mediaUntil(grant), ...(id !== undefined && { id }) });
  }

  /** Until when a session that is made now gives media, Unix ms; undefined for as long as it is asked for. */
  #mediaUntil({ expiresAt = Infinity }: Grant): number | undefined {
    return this.#guarded ? Math.min(expiresAt, this.#clock.wall() + MEDIA_AFTER_PLAYLIST) : undefined;
  }

  /** When a session ends, Unix ms: each playlist prolongs that of a viewer who is there. */
  #endOf({ id, expiresAt }: SignedSession, stream: HlsStream | undefined): number | undefined {
    return (stream && this.#sessions.endOf({ stream: stream.stream, viewer: id })) ?? expiresAt;
  }

  #hasEnded(expiresAt: number | undefined): boolean {
    return expiresAt !== undefined && expiresAt <= this.#clock.wall();
  }

  /**
   * Notes a request for a media playlist. All requests of one address without a valid session are one viewer; of a private
   * stream all with the same key or token, for whom a session is made. Returns the path of that session, which the addresses
   * of media in the playlist must begin with; undefined if they are right as they are.
   */
  #visitPlaylist(stream: HlsStream, { exchange, session, grant }: { exchange: Exchange; session: string | undefined; grant: Grant }): string | undefined {
    const { request } = exchange;
    const { name } = stream.stream;
    const address = addressOf(request);
    const signed = session === undefined ? undefined : this.#tokens.read(session, { name });
    const isValid = !this.#guarded || (signed !== undefined && !this.#hasEnded(this.#endOf(signed, stream)));
    const viewer = signed?.id ?? (this.#guarded ? this.#tokens.idOf(name, address, credentialOf(request) ?? '') : address);
    const expiresAt = this.#mediaUntil(grant);
    this.#sessions.visitPlaylist(this.#visitOf(stream, { exchange, viewer }), expiresAt);
    return isValid ? undefined : `${session === undefined ? '' : '../'}${this.#tokens.issue({ name, expiresAt, id: viewer })}`;
  }

  #visitOf({ stream }: HlsStream, { exchange, viewer }: { exchange: Exchange; viewer: string }): HlsVisit {
    const { request } = exchange;
    return { stream, viewer, address: addressOf(request), request: exchange, data: readClientData(queryOf(request), request.headers) };
  }

  #sendPlaylist(exchange: Exchange, playlist: PlaylistFile, cacheControl: string): void {
    sendFile(exchange, playlist.answer(acceptedBy(exchange.request), cacheControl), this.#clock);
  }

  /** What only some may watch is kept by no cache that many share. */
  #headersOf({ timeline }: HlsStream, { kind, number }: MediaAddress): { type: string; etag: string; cacheControl: string } {
    return { type: 'video/mp4', etag: `"${timeline}-${kind}-${number}"`, cacheControl: this.#access.private ? OWN_MEDIA_CACHE : MEDIA_CACHE };
  }

  /** The part that playlists hint at: its answer is held until it is whole, RFC 8216bis §6.2.6. */
  #sendPartWhenWhole(stream: HlsStream, address: MediaAddress, exchange: Exchange): void {
    const stop = stream.waitForPart(address.number, {
      ready: ({ pieces, size }) => sendFile(exchange, { pieces, size, ...this.#headersOf(stream, address) }, this.#clock),
      failed: (error) => exchange.refuse(error),
    });
    if (stop === undefined) throw goneFile();
    exchange.whenOver(stop);
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
