import { z } from 'zod';
import { TrustedProxies } from '../http/trusted-proxies';
import { DEFAULT_MEDIA_LIMITS } from '../media/container-parser';
import { DEFAULT_RELAY_LIMITS } from '../relay/relay-limits';

/** What people are told of an option, and how it is written. */
export interface OptionText {
  /** How text from a flag or the environment is read. A `list` is given by repeating the flag, or separated by spaces in the environment. */
  readonly kind: 'number' | 'switch' | 'text' | 'list';
  /** The placeholder of its value in help; none for a switch. */
  readonly value?: string;
  readonly description: string;
  /** Whether its value is never shown again. */
  readonly secret?: boolean;
  /** Completes "it must be …". */
  readonly allowed: string;
}

/** Holds the text of each option. */
export const OPTION_TEXTS = z.registry<OptionText>();

const HOST_NAME = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$/;
const SOURCE = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}=.+$/s;
const KIB = 1 << 10;
const GIB = 1 << 30;
const MILLION = 1_000_000;

/**
 * Every option of the relay: its values, its default, and what people are told of it.
 * A flag is the key in kebab case, its environment name is `SLUICE_` and the key in capitals, and the file has the key itself.
 */
export const OPTIONS = z.strictObject({
  port: z.int().min(0).max(65535).default(8080).register(OPTION_TEXTS, {
    kind: 'number',
    value: 'NUMBER',
    description: 'Port to listen on; 0 takes a free one',
    allowed: 'a whole number from 0 to 65535',
  }),
  host: z.string().regex(HOST_NAME).default('127.0.0.1').register(OPTION_TEXTS, {
    kind: 'text',
    value: 'HOST',
    description: 'Address or name to listen on; 0.0.0.0 lets other machines in: say by whom streams may be published (--keys, --jwt-…, --access-webhook), or add --insecure',
    allowed: 'an IP address or a host name, without a port',
  }),
  allowedHost: z.array(z.string().regex(HOST_NAME)).default([]).register(OPTION_TEXTS, {
    kind: 'list',
    value: 'HOST',
    description: 'Another name by which browsers reach the relay',
    allowed: 'an IP address or a host name, without a port',
  }),
  trustProxy: z.array(z.string()).refine(canTrust).default([]).register(OPTION_TEXTS, {
    kind: 'list',
    value: 'ADDRESS',
    description: 'Believe proxies at this address or network (10.0.0.0/8, loopback, linklocal, uniquelocal) who sent a request; or give one number: how many proxies every request comes through (docs/access.md)',
    allowed: 'an IP address, a network, loopback, linklocal, uniquelocal, or one number of proxies from 0 to 99',
  }),
  proxyHeader: z.enum(['x-forwarded-for', 'forwarded']).default('x-forwarded-for').register(OPTION_TEXTS, {
    kind: 'text',
    value: 'HEADER',
    description: 'Where those proxies say so: X-Forwarded-For, -Host and -Proto, or Forwarded (RFC 7239)',
    allowed: 'x-forwarded-for or forwarded',
  }),
  allowOrigin: z.array(z.string().refine(isOrigin)).default([]).register(OPTION_TEXTS, {
    kind: 'list',
    value: 'ORIGIN',
    description: 'Let pages of this other site use the relay: sockets, HLS, the player and the API (docs/access.md)',
    allowed: 'an origin such as https://site.example, without a path',
  }),
  embedOrigin: z.array(z.string().refine(isOrigin)).default([]).register(OPTION_TEXTS, {
    kind: 'list',
    value: 'ORIGIN',
    description: 'Let pages of this other site show the watch page in a frame',
    allowed: 'an origin such as https://site.example, without a path',
  }),
  demo: z.boolean().default(true).register(OPTION_TEXTS, {
    kind: 'switch',
    description: 'Publish samples/demo.mp4 in a loop as the stream "demo"',
    allowed: 'true or false',
  }),
  source: z.array(z.string().regex(SOURCE)).default([]).register(OPTION_TEXTS, {
    kind: 'list',
    value: 'NAME=INPUT',
    description: 'Publish a file or address that ffmpeg reads as the stream NAME',
    allowed: 'NAME=INPUT, with a NAME of letters, digits, "_" and "-"',
  }),
  loopSource: z.array(z.string().regex(SOURCE)).default([]).register(OPTION_TEXTS, {
    kind: 'list',
    value: 'NAME=FILE',
    description: 'The same for a file that begins again when it is over',
    allowed: 'NAME=FILE, with a NAME of letters, digits, "_" and "-"',
  }),
  maxChunk: z.int().min(KIB).max(GIB).default(DEFAULT_MEDIA_LIMITS.maxChunk).register(OPTION_TEXTS, {
    kind: 'number',
    value: 'BYTES',
    description: 'Largest chunk that a publisher may send, such as one MP4 fragment',
    allowed: `a whole number of bytes from ${KIB} to ${GIB}`,
  }),
  maxInit: z.int().min(KIB).max(GIB).default(DEFAULT_MEDIA_LIMITS.maxInit).register(OPTION_TEXTS, {
    kind: 'number',
    value: 'BYTES',
    description: 'Largest init segment that a publisher may send',
    allowed: `a whole number of bytes from ${KIB} to ${GIB}`,
  }),
  publisherIdle: z.number().min(0.05).max(3600).default(10).register(OPTION_TEXTS, {
    kind: 'number',
    value: 'SECONDS',
    description: 'How long a publisher over HTTP, or any before its first chunk, may send nothing',
    allowed: 'a number of seconds from 0.05 to 3600',
  }),
  hold: z.number().min(0).max(86_400).default(DEFAULT_RELAY_LIMITS.hold / 1000).register(OPTION_TEXTS, {
    kind: 'number',
    value: 'SECONDS',
    description: 'How long viewers wait for a publisher that broke off',
    allowed: 'a number of seconds from 0 to 86400',
  }),
  maxViewers: z.int().min(0).max(MILLION).default(10_000).register(OPTION_TEXTS, {
    kind: 'number',
    value: 'NUMBER',
    description: 'How many may watch at a time; 0 sets no limit',
    allowed: 'a whole number from 0 to 1000000',
  }),
  maxViewersPerStream: z.int().min(0).max(MILLION).default(0).register(OPTION_TEXTS, {
    kind: 'number',
    value: 'NUMBER',
    description: 'How many may watch one stream at a time; 0 sets no limit',
    allowed: 'a whole number from 0 to 1000000',
  }),
  maxViewersPerAddress: z.int().min(0).max(MILLION).default(1_000).register(OPTION_TEXTS, {
    kind: 'number',
    value: 'NUMBER',
    description: 'How many may watch from one address at a time, IPv6 counted by its /64 network; 0 sets no limit; behind a proxy add --trust-proxy, else all have its address',
    allowed: 'a whole number from 0 to 1000000',
  }),
  maxStreams: z.int().min(0).max(MILLION).default(DEFAULT_RELAY_LIMITS.streams).register(OPTION_TEXTS, {
    kind: 'number',
    value: 'NUMBER',
    description: 'How many streams may be published at a time, held ones among them; each keeps up to 32 MiB of media; 0 sets no limit',
    allowed: 'a whole number from 0 to 1000000',
  }),
  maxPublishersPerKey: z.int().min(0).max(MILLION).default(0).register(OPTION_TEXTS, {
    kind: 'number',
    value: 'NUMBER',
    description: 'How many streams one key, or the subject of a token, may publish at a time; without a rule of access, one address; 0 sets no limit',
    allowed: 'a whole number from 0 to 1000000',
  }),
  maxBitrate: z.number().min(0).max(10_000).refine((value) => value === 0 || value >= 0.1).default(0).register(OPTION_TEXTS, {
    kind: 'number',
    value: 'MBITS',
    description: 'How many megabits a second one publisher may send, with 4 s of it at once; who sends more is read more slowly, and ended after 30 s (docs/limits.md); 0 sets no limit',
    allowed: '0, or a number from 0.1 to 10000',
  }),
  maxChunkRate: z.int().min(0).max(MILLION).refine((value) => value === 0 || value >= 10).default(0).register(OPTION_TEXTS, {
    kind: 'number',
    value: 'NUMBER',
    description: 'The same for chunks a second, such as MP4 fragments, each of which is a write to every viewer',
    allowed: '0, or a whole number from 10 to 1000000',
  }),
  maxMessageRate: z.int().min(1).max(MILLION).default(100).register(OPTION_TEXTS, {
    kind: 'number',
    value: 'NUMBER',
    description: 'How many text messages, pings and pongs a second one WebSocket may send, with 5 s of it at once',
    allowed: 'a whole number from 1 to 1000000',
  }),
  maxConnections: z.int().min(0).max(MILLION).default(20_000).register(OPTION_TEXTS, {
    kind: 'number',
    value: 'NUMBER',
    description: 'How many connections there may be at a time; more are cut off unread; 0 sets no limit',
    allowed: 'a whole number from 0 to 1000000',
  }),
  maxConnectionsPerAddress: z.int().min(0).max(MILLION).default(0).register(OPTION_TEXTS, {
    kind: 'number',
    value: 'NUMBER',
    description: 'The same from one address, IPv6 counted by its /64 network; a proxy of --trust-proxy has as many as it needs',
    allowed: 'a whole number from 0 to 1000000',
  }),
  requestRate: z.int().min(0).max(MILLION).default(200).register(OPTION_TEXTS, {
    kind: 'number',
    value: 'NUMBER',
    description: 'How many HTTP requests a second one address may send, IPv6 counted by its /64 network, with 10 s of it at once; those of an HLS session count a twentieth; 0 sets no limit; behind a proxy add --trust-proxy, else all have its address',
    allowed: 'a whole number from 0 to 1000000',
  }),
  maxHeader: z.int().min(1024).max(1 << 20).default(16 << 10).register(OPTION_TEXTS, {
    kind: 'number',
    value: 'BYTES',
    description: 'Largest head of a request; HTTP 431 beyond',
    allowed: 'a whole number of bytes from 1024 to 1048576',
  }),
  headerTimeout: z.number().min(1).max(300).default(10).register(OPTION_TEXTS, {
    kind: 'number',
    value: 'SECONDS',
    description: 'How long the head of a request may take; HTTP 408 beyond',
    allowed: 'a number of seconds from 1 to 300',
  }),
  tlsCert: z.string().min(1).optional().register(OPTION_TEXTS, {
    kind: 'text',
    value: 'FILE',
    description: 'Speak HTTPS with this certificate chain (PEM); read again when it changes, and at SIGHUP',
    allowed: 'the path of a file',
  }),
  tlsKey: z.string().min(1).optional().register(OPTION_TEXTS, {
    kind: 'text',
    value: 'FILE',
    description: 'The private key of that certificate (PEM)',
    allowed: 'the path of a file',
  }),
  tlsSelfSigned: z.boolean().default(false).register(OPTION_TEXTS, {
    kind: 'switch',
    description: 'Speak HTTPS with a certificate made for this run, of which browsers warn: enough for the camera of a phone in the same network',
    allowed: 'true or false',
  }),
  keys: z.string().min(1).optional().register(OPTION_TEXTS, {
    kind: 'text',
    value: 'FILE',
    description: 'Let in by keys: a file that `sluice token key` writes',
    allowed: 'the path of a file',
  }),
  jwtSecret: z.string().min(32).optional().register(OPTION_TEXTS, {
    kind: 'text',
    value: 'SECRET',
    description: 'Let in by JSON Web Tokens that are signed with this secret (HS256); better given by the environment, where no other user sees it',
    allowed: 'at least 32 characters',
    secret: true,
  }),
  jwtJwks: z.url({ protocol: /^https?$/ }).optional().register(OPTION_TEXTS, {
    kind: 'text',
    value: 'URL',
    description: 'Let in by JSON Web Tokens that are signed with a key of this JSON Web Key Set (RS256, ES256 or EdDSA)',
    allowed: 'an http or https address',
  }),
  jwtAudience: z.string().min(1).default('sluice').register(OPTION_TEXTS, {
    kind: 'text',
    value: 'NAME',
    description: 'What the "aud" of a token must be',
    allowed: 'a text',
  }),
  accessWebhook: z.url({ protocol: /^https?$/ }).optional().register(OPTION_TEXTS, {
    kind: 'text',
    value: 'URL',
    description: 'Ask this address who may do what (docs/access.md)',
    allowed: 'an http or https address',
  }),
  accessWebhookSecret: z.string().min(32).optional().register(OPTION_TEXTS, {
    kind: 'text',
    value: 'SECRET',
    description: 'Signs what that address is asked; better given by the environment',
    allowed: 'at least 32 characters',
    secret: true,
  }),
  accessWebhookRate: z.int().min(0).max(MILLION).default(100).register(OPTION_TEXTS, {
    kind: 'number',
    value: 'NUMBER',
    description: 'How many questions a second one address may cause there, with 5 s of it at once, and all addresses ten times as many; 0 sets no limit',
    allowed: 'a whole number from 0 to 1000000',
  }),
  private: z.boolean().default(false).register(OPTION_TEXTS, {
    kind: 'switch',
    description: 'Let nobody watch without a key or token, either',
    allowed: 'true or false',
  }),
  insecure: z.boolean().default(false).register(OPTION_TEXTS, {
    kind: 'switch',
    description: 'Let other machines in though nothing says who may publish: everybody may watch, and this machine publish',
    allowed: 'true or false',
  }),
  hlsWindow: z.number().min(12).max(600).default(12).register(OPTION_TEXTS, {
    kind: 'number',
    value: 'SECONDS',
    description: 'How much media HLS playlists list; a stream that is watched over HLS holds twice that and 4 s more, within its 32 MiB',
    allowed: 'a number of seconds from 12 to 600',
  }),
  hlsStart: z.enum(['request', 'publish']).default('request').register(OPTION_TEXTS, {
    kind: 'text',
    value: 'WHEN',
    description: 'When a stream is packaged as HLS: while somebody asks for it, or from its first media on, so that the first viewer has all of the window',
    allowed: 'request or publish',
  }),
  hlsSessions: z.enum(['on', 'off']).default('on').register(OPTION_TEXTS, {
    kind: 'text',
    value: 'STATE',
    description: 'Whether HLS viewers have sessions, by which they are counted, and without which private streams give no media; off gives one cacheable address for all, as is right behind a CDN',
    allowed: 'on or off',
  }),
  apiRate: z.int().min(0).max(MILLION).default(600).register(OPTION_TEXTS, {
    kind: 'number',
    value: 'NUMBER',
    description: 'How many requests to /api/ one address may send a minute, IPv6 counted by its /64 network; 0 sets no limit',
    allowed: 'a whole number from 0 to 1000000',
  }),
  eventsWebhook: z.url({ protocol: /^https?$/ }).optional().register(OPTION_TEXTS, {
    kind: 'text',
    value: 'URL',
    description: 'Post to this address when a stream has begun or ended (docs/api.md)',
    allowed: 'an http or https address',
  }),
  eventsWebhookSecret: z.string().min(32).optional().register(OPTION_TEXTS, {
    kind: 'text',
    value: 'SECRET',
    description: 'Signs what is posted there; better given by the environment',
    allowed: 'at least 32 characters',
    secret: true,
  }),
  supervise: z.boolean().default(true).register(OPTION_TEXTS, {
    kind: 'switch',
    description: 'Start the relay again when it has ended unexpectedly; --no-supervise where something else does that: systemd, a container',
    allowed: 'true or false',
  }),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info').register(OPTION_TEXTS, {
    kind: 'text',
    value: 'LEVEL',
    description: 'What the log tells, on standard error',
    allowed: 'one of debug, info, warn, error, silent',
  }),
});

function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text.toLowerCase();
}

function canTrust(proxies: readonly string[]): boolean {
  try {
    new TrustedProxies(proxies);
    return true;
  } catch {
    return false;
  }
}

/** The name of an option: its key in the configuration file. */
export type OptionKey = keyof typeof OPTIONS.shape;

/** The name of an option as `z.output` has it. */
export type OptionValues = z.output<typeof OPTIONS>;
