import type { MediaInit, Segment } from './segment';

/** The one variant of a stream. */
export interface Variant {
  readonly init: MediaInit;
  /** Bits a second: of the segment with most, and of all together. */
  readonly bandwidth: number;
  readonly averageBandwidth: number;
  /** Address of its media playlist. */
  readonly address: string;
}

/** A multivariant playlist, RFC 8216bis §4.4.6. */
export function multivariantPlaylist(variant: Variant): string {
  return `${['#EXTM3U', '#EXT-X-VERSION:6', streamInf(variant), variant.address].join('\n')}\n`;
}

/** §4.4.6.2. */
function streamInf({ init: { codecs, size, frameRate }, bandwidth, averageBandwidth }: Variant): string {
  const attributes = [
    `BANDWIDTH=${bandwidth}`,
    `AVERAGE-BANDWIDTH=${averageBandwidth}`,
    `CODECS="${codecs.join(',')}"`,
    ...(size === undefined ? [] : [`RESOLUTION=${size.width}x${size.height}`]),
    ...(frameRate === undefined ? [] : [`FRAME-RATE=${frameRate.toFixed(3)}`]),
  ];
  return `#EXT-X-STREAM-INF:${attributes.join(',')}`;
}

/** What segments need, measured; of those without a duration nothing can be said. */
export function measureBandwidth(segments: readonly Segment[]): { readonly bandwidth: number; readonly averageBandwidth: number } {
  const lasting = segments.filter(({ duration }) => duration > 0);
  const duration = lasting.reduce((sum, segment) => sum + segment.duration, 0);
  const size = lasting.reduce((sum, segment) => sum + segment.size, 0);
  const rates = lasting.map((segment) => (segment.size * 8) / segment.duration);
  return { bandwidth: Math.ceil(Math.max(1, ...rates)), averageBandwidth: duration > 0 ? Math.ceil((size * 8) / duration) : 1 };
}
