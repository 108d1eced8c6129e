/** What an error code stands for. */
interface ErrorEntry {
  /** Over HTTP. */
  readonly status: number;
  /** Of a WebSocket. */
  readonly close: number;
  /** Present where a client may try again by itself, though nothing was changed. `mayRetry` in retry.ts also heeds what one error says. */
  readonly retry?: true;
  /** What the user should do about it. Shown beside the message, and in docs/errors.md. */
  readonly remedy: string;
}

/** As the table has it: the close code is 4000 + the status unless it says otherwise. */
type Row = Omit<ErrorEntry, 'close'> & { readonly close?: number };

/** Every error that Sluice tells anybody outside, by its stable code. */
export const ERRORS = {
  'bad-name': { status: 400, remedy: 'Use 1 to 64 letters, digits, "_" or "-", beginning with a letter or digit' },
  'bad-request': { status: 400, remedy: 'Compare the address and its parameters with docs/protocol.md' },
  'bad-message': { status: 400, remedy: 'Send one of the JSON messages of docs/protocol.md' },
  'malformed-media': { status: 400, remedy: 'Send the output of a muxer unchanged and from its first byte' },
  'incomplete-media': { status: 400, remedy: 'Let the muxer finish: the last chunk or the init segment was cut off' },
  'no-media': { status: 400, remedy: 'Send fragmented MP4 or WebM in the body' },
  'not-authenticated': { status: 401, remedy: 'Bring a valid key or token: as ?token=, as Authorization: Bearer, or as the password in http://publisher:KEY@host' },
  'grant-expired': { status: 401, retry: true, remedy: 'Connect again with a new token, or send one in time in a "token" message' },
  'not-allowed': { status: 403, remedy: 'Bring a key or token that permits this, or choose a name that yours permits' },
  'no-session': { status: 403, retry: true, remedy: 'Open /hls/NAME/index.m3u8 with your key or token, and follow the addresses of the playlists that it names' },
  'publish-not-allowed': { status: 403, remedy: 'Publish from the machine that runs the relay, through http://127.0.0.1 and without a proxy' },
  'ended-by-operator': { status: 403, remedy: 'Ask who runs the relay; the same name may be published again in a while' },
  'disconnected': { status: 403, remedy: 'Ask who runs the relay' },
  'wrong-origin': { status: 403, remedy: 'Open the page from the relay itself, or allow its site with --allow-origin' },
  'wrong-host': { status: 403, remedy: 'Address the relay by the host it listens on, or name that host with --allowed-host' },
  'no-stream': { status: 404, retry: true, remedy: 'Publish the stream first, or check its name on the dashboard' },
  'no-viewer': { status: 404, remedy: 'Ask for the list of viewers again: this one has gone' },
  'no-source': { status: 404, remedy: 'Use a name of /api/sources: the operator configures them' },
  'no-snapshot': { status: 404, remedy: 'Snapshots need a stream with pictures, and ffmpeg on the machine of the relay' },
  'not-found': { status: 404, remedy: 'Check the address: the dashboard at / lists every page' },
  'wrong-container': { status: 406, remedy: 'Use the address that the message names' },
  'publisher-idle': { status: 408, remedy: 'Keep sending: a publisher over HTTP, and any publisher before its first chunk, may be silent for as long as --publisher-idle says' },
  'name-in-use': { status: 409, remedy: 'Choose another name, end the other publisher, or continue it with its ?session=' },
  'replaced': { status: 410, remedy: 'Nothing to do: the same publisher has connected again' },
  'length-required': { status: 411, remedy: 'Send the body in HTTP chunks (ffmpeg: -chunked_post 1, which is its default), or state its Content-Length' },
  'chunk-too-large': { status: 413, remedy: 'Lower the bitrate or the keyframe interval, or raise --max-chunk' },
  'init-too-large': { status: 413, remedy: 'Leave out attachments, cover pictures, and parameter sets that the stream never uses' },
  'message-too-large': { status: 413, remedy: 'Send media in smaller messages: they may be cut anywhere' },
  'not-a-container': { status: 415, remedy: 'Send fragmented MP4 (-movflags +frag_every_frame+empty_moov+default_base_moof -f mp4) or WebM (-f webm)' },
  'not-fragmented': { status: 415, remedy: 'Let the muxer fragment: -movflags +frag_every_frame+empty_moov+default_base_moof' },
  'unsupported-codec': { status: 415, remedy: 'Send H.264, H.265, AV1 or VP9 with AAC or Opus in MP4, VP8, VP9 or AV1 with Opus or Vorbis in WebM, or H.264 with AAC or Opus in Matroska' },
  'unsupported-layout': { status: 415, remedy: 'Change the muxer flag that the message names' },
  'segmented-output': { status: 415, remedy: 'Send one stream to /publish/NAME: with ffmpeg by -f mp4 -movflags +frag_every_frame+empty_moov+default_base_moof instead of -f hls or -f dash' },
  'upgrade-required': { status: 426, remedy: 'Let the proxy pass on the headers "Upgrade" and "Connection" over HTTP/1.1: docs/tls.md has the lines for nginx, Apache and HAProxy' },
  'too-many': { status: 429, retry: true, remedy: 'Use fewer connections at a time, and send fewer requests, messages and pings' },
  'too-fast': { status: 429, remedy: 'Lower the bitrate, make fewer and longer fragments and fewer init segments, or send a file at its own pace (ffmpeg -re)' },
  'too-slow': { status: 503, close: 4008, retry: true, remedy: 'Connect again: the stream goes on at its live edge' },
  'stalled': { status: 503, retry: true, remedy: 'Ask again: the publisher has sent nothing new' },
  'full': { status: 503, retry: true, remedy: 'Try again later; who runs the relay can raise the limit that the message names' },
  'access-unavailable': { status: 503, retry: true, remedy: 'Try again later; who runs the relay finds the cause in its log' },
  'restarting': { status: 503, retry: true, remedy: 'Connect again: the relay is about to be back' },
  'internal': { status: 500, close: 1011, retry: true, remedy: 'Connect again, and report it with the log of the relay' },
} as const satisfies Record<string, Row>;

/** A stable error code: a key of `ERRORS`. */
export type ErrorCode = keyof typeof ERRORS;

/** Close codes of the protocol that tell no error of their own. */
export const CloseCode = {
  /** The stream is over, or the client asked for it. */
  end: 1000,
  /** A new epoch for a client that can't be told otherwise: connect again. */
  newEpoch: 1012,
  /** The relay restarts: connect again. */
  restart: 1012,
} as const;

/** An error with a stable code, fit to be shown to whoever caused it: its message names the thing and holds no secret. */
export class SluiceError extends Error {
  readonly code: ErrorCode;
  /** Seconds after which another try makes sense. */
  readonly retryAfter: number | undefined;
  /** Takes the place of the remedy of the table. */
  readonly remedy: string | undefined;

  /** `remedy` takes the place of that of the table where more is known, such as how a limit is configured. */
  constructor(code: ErrorCode, message: string, options: { cause?: unknown; retryAfter?: number; remedy?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SluiceError';
    this.code = code;
    this.retryAfter = options.retryAfter;
    this.remedy = options.remedy;
  }
}

/** HTTP status, close code and remedy of an error. No method of it: scripts of pages throw errors, and do without the texts of the table. */
export function entryOf({ code, remedy }: SluiceError): ErrorEntry {
  const row: Row = ERRORS[code];
  return { ...row, close: row.close ?? 4000 + row.status, ...(remedy !== undefined && { remedy }) };
}
