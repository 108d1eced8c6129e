/** How a viewer gets its media: by messages, by a WebSocket that carries nothing but media, as one endless file, or by HLS. */
export type ViewerTransport = 'sluice.v1' | 'websocket' | 'progressive' | 'hls';

/** What a viewer says of its own experience. */
export interface ViewerReport {
  /** From capture to picture, seconds. */
  readonly latency?: number;
  /** From opening the connection to the first picture, seconds. */
  readonly firstFrame?: number;
  /** Media that it holds ahead, seconds. */
  readonly buffer?: number;
  /** How often it stood still since its start. */
  readonly stalls?: number;
  /** Frames that it decoded and did not show, since its start. */
  readonly dropped?: number;
}

/** What `GET /api/streams/NAME/viewers` tells of one viewer, with what it reported last. */
export interface ViewerInfo extends ViewerReport {
  /** Opaque, unique over restarts: what `DELETE /api/streams/NAME/viewers/ID` takes. */
  readonly id: string;
  readonly transport: ViewerTransport;
  readonly address: string;
  /** Unix time in ms at which it came. */
  readonly since: number;
  /**
   * - `open`: it is sent everything as it comes.
   * - `waiting`: for the publisher, or for a join point.
   * - `behind`: it is sent nothing until it has caught up.
   * - `paused`: it asked for nothing.
   */
  readonly state: 'open' | 'waiting' | 'behind' | 'paused';
  /** Age of the oldest media on its way to it, seconds; absent where nothing tells what has arrived. */
  readonly lag?: number;
  /** How often media was skipped because it was behind, and how much that was, bytes. */
  readonly skips: number;
  readonly skippedBytes: number;
  /** Media sent to it, bytes; absent for HLS, which fetches what it wants. */
  readonly sentBytes?: number;
}

/** The body of `GET /api/streams/NAME/viewers`: the first thousand, in the order in which they came. */
export interface ViewerList {
  /** How many there are. */
  readonly total: number;
  readonly viewers: readonly ViewerInfo[];
}
