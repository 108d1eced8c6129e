import type { Track } from './chunk';

/** What decides which of several tracks of a kind is passed on. */
export interface TrackCandidate {
  readonly id: number;
  readonly kind: Track['kind'];
  /** Whether the container marks it as one to play: `track_enabled`, or FlagDefault. */
  readonly isDefault: boolean;
  /** Width times height of the picture, pixels; 0 for audio. */
  readonly area: number;
}

/**
 * The ids of the tracks to pass on: one of video and one of audio, since a SourceBuffer of Chromium takes no more. The one that the
 * container marks wins, then the largest picture, then the first.
 */
export function chooseTracks(candidates: readonly TrackCandidate[]): ReadonlySet<number> {
  const chosen = (['video', 'audio'] as const).flatMap((kind) => {
    const [best] = candidates.filter((candidate) => candidate.kind === kind).sort(preferred);
    return best === undefined ? [] : [best.id];
  });
  return new Set(chosen);
}

/** Sorting is stable: of two that are alike the first stays first. */
function preferred(one: TrackCandidate, other: TrackCandidate): number {
  return Number(other.isDefault) - Number(one.isDefault) || other.area - one.area;
}
