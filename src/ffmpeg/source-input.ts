import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { redact } from '../base/redact';
import { StartError } from '../base/start-error';
import { readQuery } from '../protocol/query';

/** A scheme as ffmpeg reads it; a single letter is a drive. */
const SCHEME = /^([a-z][a-z0-9+.-]+):/i;
const QUERY = /\?.*$/s;
/** Protocols that bring media from elsewhere. The others of ffmpeg read what is no input of a relay: pipes, pieces of files, keys. */
const PROTOCOLS: ReadonlySet<string> = new Set(['http', 'https', 'rtmp', 'rtmps', 'rtp', 'rtsp', 'rtsps', 'rist', 'srt', 'tcp', 'tls', 'udp']);
/** The same for people. */
export const PROTOCOL_LIST = [...PROTOCOLS].join(', ');
/** What an address may lead to by a playlist or a description, beside media itself: no file. */
export const NETWORK_PROTOCOLS = [...PROTOCOLS, 'rtmpt', 'rtmpe', 'rtmpte', 'rtmpts', 'ffrtmphttp', 'ffrtmpcrypt', 'httpproxy', 'srtp', 'crypto', 'data'].join(',');

/** A file or an address that its operator named. */
export interface SourceInput {
  /** What ffmpeg is given: an absolute path, which it can't take for an option or a protocol, or an address. */
  readonly address: string;
  /** What the log calls it: without what is secret. */
  readonly label: string;
  /** The protocol, or undefined for a file. */
  readonly protocol: string | undefined;
  /** Whether it waits for an encoder to connect, instead of connecting to something. */
  readonly listens?: boolean;
  /** Of a capture device: what ffmpeg is told to open it. */
  readonly device?: readonly string[];
  /** Of standard input: gives its bytes, each time from the beginning. */
  readonly open?: () => Readable;
}

/** Reads an input. @throws StartError if it has a protocol that isn't read. */
export function readInput(name: string, text: string): SourceInput {
  const input = fileOrAddress(text);
  if (input !== undefined) return input;
  throw new StartError(`Cannot use --source ${name}=${redact(text)}: it must be a file, or an address of ${PROTOCOL_LIST}`);
}

/** Reads an input that is a file, or an address of a protocol that is read; else gives nothing. */
export function fileOrAddress(text: string): SourceInput | undefined {
  const protocol = existsSync(text) ? undefined : SCHEME.exec(text)?.[1]?.toLowerCase();
  if (protocol === undefined) return { address: resolve(text), label: text, protocol };
  if (!PROTOCOLS.has(protocol)) return undefined;
  const listens = isListener(text, protocol);
  // ffmpeg takes no options from an RTMP address: `-listen` says it.
  const address = listens && protocol === 'rtmp' ? text.replace(QUERY, '') : text;
  return { address, label: labelOf(text, protocol), protocol, ...(listens && { listens }) };
}

function isListener(address: string, protocol: string): boolean {
  const query = readQuery(address);
  if (protocol === 'srt') return query.get('mode') === 'listener';
  const listen = query.get('listen');
  return (protocol === 'tcp' || protocol === 'rtmp') && listen !== null && listen !== '0';
}

/** Some of ffmpeg's addresses have no `//`, and any may hold spaces. */
function labelOf(address: string, protocol: string): string {
  return address.startsWith('//', protocol.length + 1) ? redact(address.replace(/\s/g, '_')) : `${protocol}:…`;
}

/** Whether the input is a file that has an end, unlike a device or a pipe. */
export function isRegularFile({ address, protocol }: SourceInput): boolean {
  return protocol === undefined && (statSync(address, { throwIfNoEntry: false })?.isFile() ?? false);
}
