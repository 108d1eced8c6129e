import { OPTIONS, type OptionValues } from './options';

/** The name of the stream that the demo is. */
export const DEMO = 'demo';

/** One input that the relay publishes through ffmpeg. The operator named it: it is trusted. */
export interface SourceConfig {
  /** Name of the stream. */
  readonly name: string;
  /** A file or an address that ffmpeg reads. */
  readonly input: string;
  /** Whether the input begins again when it is over. */
  readonly loop: boolean;
}

/** What the relay runs with. Bytes and milliseconds. */
export interface Config extends Readonly<Pick<OptionValues, 'host' | 'port' | 'demo' | 'maxChunk' | 'maxInit' | 'logLevel'>> {
  readonly allowedHosts: readonly string[];
  readonly sources: readonly SourceConfig[];
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
}

/** The configuration of option values; without any, of the defaults. */
export function toConfig(values: OptionValues = OPTIONS.parse({})): Config {
  const { host, port, demo, maxChunk, maxInit, logLevel } = values;
  return {
    ...{ host, port, demo, maxChunk, maxInit, logLevel },
    allowedHosts: values.allowedHost,
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
  };
}

function toLimit(value: number): number {
  return value === 0 ? Infinity : value;
}

function readSource(text: string, loop: boolean): SourceConfig {
  const sign = text.indexOf('=');
  return { name: text.slice(0, sign), input: text.slice(sign + 1), loop };
}
