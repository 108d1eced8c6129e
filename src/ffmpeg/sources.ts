import type { SourceInfo } from '../protocol/source-info';

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

/** A source as whoever operates it sees it. */
export interface Source {
  /** How it is. */
  readonly info: SourceInfo;
  /** Starts it, if it doesn't run. */
  start(): void;
  /** Stops it; resolves when its ffmpeg has ended. */
  stop(): Promise<void>;
}

/** Receives the state of a source whenever it changes. */
export type SourceListener = (info: SourceInfo) => void;

/** The sources of a relay: also the token by which they are injected. */
export abstract class Sources {
  /** All of them, in the order of the configuration. */
  abstract list(): SourceInfo[];
  /** The source of that name, if there is one. */
  abstract get(name: string): Source | undefined;
  /** Reports changes to `listener` until the returned function is called. */
  abstract listen(listener: SourceListener): () => void;
}
