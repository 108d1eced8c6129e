import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { StartError } from '../../config/start-error';
import { redact } from './redact';

/** A scheme as ffmpeg reads it; a single letter is a drive. */
const SCHEME = /^([a-z][a-z0-9+.-]+):/i;
/** Protocols that bring media from elsewhere. The others of ffmpeg read what is no input of a relay: pipes, pieces of files, keys. */
const PROTOCOLS: ReadonlySet<string> = new Set(['http', 'https', 'rtmp', 'rtmps', 'rtp', 'rtsp', 'rtsps', 'rist', 'srt', 'tcp', 'tls', 'udp']);

/** A file or an address that its operator named. */
export interface SourceInput {
  /** What ffmpeg is given: an absolute path, which it can't take for an option or a protocol, or an address. */
  readonly address: string;
  /** What the log calls it: without what is secret. */
  readonly label: string;
  /** The protocol, or undefined for a file. */
  readonly protocol: string | undefined;
}

/** Reads an input. @throws StartError if it has a protocol that isn't read. */
export function readInput(name: string, text: string): SourceInput {
  const protocol = existsSync(text) ? undefined : SCHEME.exec(text)?.[1]?.toLowerCase();
  if (protocol === undefined) return { address: resolve(text), label: text, protocol };
  const label = redact(text);
  if (PROTOCOLS.has(protocol)) return { address: text, label, protocol };
  throw new StartError(`Cannot use --source ${name}=${label}: it must be a file, or an address of ${[...PROTOCOLS].join(', ')}`);
}

/** Whether the input is a file that has an end, unlike a device or a pipe. */
export function isRegularFile({ address, protocol }: SourceInput): boolean {
  return protocol === undefined && (statSync(address, { throwIfNoEntry: false })?.isFile() ?? false);
}
