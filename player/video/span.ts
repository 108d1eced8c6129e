/** A part of one track, as a chunk brings it. Media time in seconds. */
export interface Span {
  readonly track: number;
  readonly start: number;
  readonly end: number;
  /** Whether it is sound, of which each piece can be decoded by itself. */
  readonly sound: boolean;
  /** Whether a decoder can start with its first sample. */
  readonly sync: boolean;
}
