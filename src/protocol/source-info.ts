/** What `GET /api/sources` tells of one input that the operator configured. */
export interface SourceInfo {
  /** Name of the stream that it becomes. */
  readonly name: string;
  /**
   * - `running`: ffmpeg reads the input, or opens it.
   * - `restarting`: it failed, and is started again in a while.
   * - `stopped`: the input is over, or somebody stopped it.
   * - `failed`: it can't go on by itself.
   */
  readonly state: 'running' | 'restarting' | 'stopped' | 'failed';
  /** The file, or of an address scheme and host, without what may be secret: user, password, path and query. */
  readonly input: string;
  /** Whether the input begins again when it is over. */
  readonly loop: boolean;
  /** How often it failed and was started again. */
  readonly restarts: number;
  /** Why it isn't running, or failed or was started again last; or which track of its input doesn't come. */
  readonly message?: string;
}

/** The body of `GET /api/sources`. */
export interface SourceList {
  readonly sources: readonly SourceInfo[];
}
