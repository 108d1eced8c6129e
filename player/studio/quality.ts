/** How good the picture is meant to be. */
export interface Quality {
  /** Lines of the picture at most. */
  readonly height: number;
  /** Frames a second at most. */
  readonly frameRate: number;
  /** Bits a second of the picture, at most. */
  readonly bitrate: number;
}

interface Preset extends Quality {
  readonly id: string;
  readonly label: string;
}

/** The first is what is taken unless told otherwise: best in the middle of what people have. */
export const PRESETS: readonly [Preset, ...Preset[]] = [
  { id: 'standard', label: 'Standard · 720p, 30 fps, 2.5 Mbit/s', height: 720, frameRate: 30, bitrate: 2_500_000 },
  { id: 'high', label: 'High · 1080p, 30 fps, 5 Mbit/s', height: 1080, frameRate: 30, bitrate: 5_000_000 },
  { id: 'smooth', label: 'Smooth · 720p, 60 fps, 4 Mbit/s', height: 720, frameRate: 60, bitrate: 4_000_000 },
  { id: 'low', label: 'Low · 360p, 30 fps, 0.8 Mbit/s', height: 360, frameRate: 30, bitrate: 800_000 },
  { id: 'lowest', label: 'Lowest · 240p, 15 fps, 0.3 Mbit/s', height: 240, frameRate: 15, bitrate: 300_000 },
];

/** In place of a preset: what the user has set by hand. */
export const CUSTOM = 'custom';

/** What may be set by hand. */
export const HEIGHTS: readonly number[] = [240, 360, 480, 720, 1080, 1440, 2160];
export const FRAME_RATES: readonly number[] = [10, 15, 24, 25, 30, 50, 60];
/** Bits a second. */
export const BITRATE_RANGE = { least: 100_000, most: 20_000_000 } as const;

/** The quality called `id`, a preset's or `CUSTOM`; of an unknown one, the first preset. */
export function qualityOf(id: string, custom: Quality): Quality {
  if (id === CUSTOM) return custom;
  return PRESETS.find((preset) => preset.id === id) ?? PRESETS[0];
}

/** The same within what may be set; `base` gives what isn't a number. */
export function within({ height, frameRate, bitrate }: Partial<Quality>, base: Quality): Quality {
  const number = (value: unknown, otherwise: number, [least, most]: readonly [number, number]): number =>
    Math.min(most, Math.max(least, typeof value === 'number' && Number.isFinite(value) ? Math.round(value) : otherwise));
  return {
    height: number(height, base.height, [120, 2160]),
    frameRate: number(frameRate, base.frameRate, [1, 60]),
    bitrate: number(bitrate, base.bitrate, [BITRATE_RANGE.least, BITRATE_RANGE.most]),
  };
}

/** The longer side of a picture of that many lines; a phone held upright has its lines the other way. */
export function longerSide({ height }: Pick<Quality, 'height'>): number {
  return Math.round((height * 16) / 9 / 2) * 2;
}
