/** How good the picture is meant to be. */
export interface RecorderQuality {
  readonly id: string;
  readonly label: string;
  /** Lines of the picture at most. */
  readonly height: number;
  /** Bits a second of the picture. */
  readonly videoBitrate: number;
}

/** Best in the middle of what people have: the first is what is taken unless told otherwise. */
export const QUALITIES: readonly [RecorderQuality, ...RecorderQuality[]] = [
  { id: 'standard', label: 'Standard · 720p, 2.5 Mbit/s', height: 720, videoBitrate: 2_500_000 },
  { id: 'high', label: 'High · 1080p, 5 Mbit/s', height: 1080, videoBitrate: 5_000_000 },
  { id: 'low', label: 'Low · 360p, 0.8 Mbit/s', height: 360, videoBitrate: 800_000 },
];

/** Bits a second of the sound. */
export const AUDIO_BITRATE = 96_000;
/** What the picture isn't lowered below, bits a second. */
const LOWEST = 200_000;

/** The bitrate of a picture whose upload was too slow `times` times. */
export function loweredBitrate({ videoBitrate }: RecorderQuality, times: number): number {
  return Math.max(Math.min(LOWEST, videoBitrate), videoBitrate / 2 ** times);
}
