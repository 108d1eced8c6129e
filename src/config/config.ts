import type { AccessRule } from '../access/create-authorizer';
import type { SourceConfig } from '../ffmpeg/sources';
import type { SignedTarget } from '../http/signed-post';
import type { TlsChoice } from '../http/tls-credentials';
import { OPTIONS, type OptionValues } from './options';

/** What the relay runs with. Bytes and milliseconds. */
export interface Config extends Readonly<Pick<OptionValues, 'host' | 'port' | 'demo' | 'proxyHeader' | 'maxChunk' | 'maxInit' | 'maxMessageRate' | 'maxHeader' | 'supervise' | 'logLevel' | 'private' | 'insecure'>> {
  readonly allowedHosts: readonly string[];
  /** Proxies whose word on requests counts: see `TrustedProxies`. */
  readonly trustProxy: readonly string[];
  /** Other sites whose pages may use the relay, and those that may show its watch page in a frame. */
  readonly allowOrigins: readonly string[];
  readonly embedOrigins: readonly string[];
  readonly sources: readonly SourceConfig[];
  /** What it speaks HTTPS with; undefined: HTTP. */
  readonly tls: TlsChoice | undefined;
  /** By what access is decided; undefined: by where a request comes from. */
  readonly accessRule: AccessRule | undefined;
  /** How long a publisher over HTTP, or any before its first chunk, may send nothing. */
  readonly idleTimeout: number;
  /** How long viewers wait for a publisher that broke off. */
  readonly hold: number;
  /** How many may watch at a time, in all, one stream, and from one address; Infinity where there is no limit. */
  readonly maxViewers: number;
  readonly maxViewersPerStream: number;
  readonly maxViewersPerAddress: number;
  /** How many streams may be published at a time; Infinity without a limit. */
  readonly maxStreams: number;
  /** How many streams one key may publish at a time. */
  readonly maxPublishersPerKey: number;
  /** How fast one publisher may send, bits and chunks a second. */
  readonly maxBitrate: number;
  readonly maxChunkRate: number;
  /** How many connections there may be at a time, in all and from one address. */
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  /** How many HTTP requests a second one address may send; Infinity without a limit. */
  readonly requestRate: number;
  /** How long the head of a request may take. */
  readonly headerTimeout: number;
  /** How many requests to the API one address may send a minute; Infinity without a limit. */
  readonly apiRate: number;
  /** Where the beginning and end of streams is posted to, and what signs it. */
  readonly eventsWebhook: SignedTarget | undefined;
  /** How much media HLS playlists list, seconds. */
  readonly hlsWindow: number;
  /** Whether streams are packaged as HLS though nobody asks. */
  readonly hlsAlways: boolean;
  /** Whether HLS viewers have a session in the addresses of their playlists and media. */
  readonly hlsSessions: boolean;
}

/** The configuration of option values; without any, of the defaults. */
export function toConfig(values: OptionValues = OPTIONS.parse({})): Config {
  const { host, port, demo, proxyHeader, maxChunk, maxInit, maxMessageRate, maxHeader, supervise, logLevel, private: isPrivate, insecure } = values;
  return {
    ...{ host, port, demo, proxyHeader, maxChunk, maxInit, maxMessageRate, maxHeader, supervise, logLevel, private: isPrivate, insecure },
    tls: tlsChoice(values),
    accessRule: accessRules(values)[0],
    allowedHosts: values.allowedHost,
    trustProxy: values.trustProxy,
    allowOrigins: values.allowOrigin.map((origin) => origin.toLowerCase()),
    embedOrigins: values.embedOrigin.map((origin) => origin.toLowerCase()),
    sources: [
      ...values.source.map((text) => readSource(text, false)),
      ...values.loopSource.map((text) => readSource(text, true)),
    ],
    idleTimeout: values.publisherIdle * 1000,
    hold: values.hold * 1000,
    maxViewers: toLimit(values.maxViewers),
    maxViewersPerStream: toLimit(values.maxViewersPerStream),
    maxViewersPerAddress: toLimit(values.maxViewersPerAddress),
    maxStreams: toLimit(values.maxStreams),
    maxPublishersPerKey: toLimit(values.maxPublishersPerKey),
    maxBitrate: toLimit(values.maxBitrate) * 1_000_000,
    maxChunkRate: toLimit(values.maxChunkRate),
    maxConnections: toLimit(values.maxConnections),
    maxConnectionsPerAddress: toLimit(values.maxConnectionsPerAddress),
    requestRate: toLimit(values.requestRate),
    headerTimeout: values.headerTimeout * 1000,
    apiRate: toLimit(values.apiRate),
    eventsWebhook: eventsTarget(values),
    hlsWindow: values.hlsWindow,
    hlsAlways: values.hlsStart === 'publish',
    hlsSessions: values.hlsSessions === 'on',
  };
}

function tlsChoice({ tlsCert: cert, tlsKey: key, tlsSelfSigned }: OptionValues): TlsChoice | undefined {
  if (cert !== undefined && key !== undefined) return { kind: 'files', cert, key };
  return tlsSelfSigned ? { kind: 'self-signed' } : undefined;
}

/** All rules of access that these values make: more than one is a mistake. */
export function accessRules({ keys, jwtSecret, jwtJwks, jwtAudience: audience, accessWebhook, accessWebhookSecret, accessWebhookRate }: OptionValues): AccessRule[] {
  return [
    ...(keys === undefined ? [] : [{ kind: 'keys', file: keys } as const]),
    ...(jwtSecret === undefined ? [] : [{ kind: 'jwt-secret', secret: jwtSecret, audience } as const]),
    ...(jwtJwks === undefined ? [] : [{ kind: 'jwt-jwks', url: jwtJwks, audience } as const]),
    ...(accessWebhook === undefined || accessWebhookSecret === undefined ? [] : [{ kind: 'webhook', url: accessWebhook, secret: accessWebhookSecret, rate: toLimit(accessWebhookRate) } as const]),
  ];
}

function eventsTarget({ eventsWebhook: url, eventsWebhookSecret: secret }: OptionValues): SignedTarget | undefined {
  return url === undefined || secret === undefined ? undefined : { url: new URL(url), secret };
}

function toLimit(value: number): number {
  return value === 0 ? Infinity : value;
}

function readSource(text: string, loop: boolean): SourceConfig {
  const sign = text.indexOf('=');
  return { name: text.slice(0, sign), input: text.slice(sign + 1), loop };
}
