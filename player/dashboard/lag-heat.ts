import type { ViewerInfo } from '../../src/protocol/viewer-info';
import { plural } from '../words/format';

/** A part of a stream's viewers. */
export interface HeatPart {
  /** `calm` to `hot`: from no lag to a relay that has stopped sending; `unknown` where nothing tells. */
  readonly heat: 'calm' | 'mild' | 'warm' | 'hot' | 'idle' | 'unknown';
  readonly count: number;
  /** What they have in common: `keeping up`. */
  readonly words: string;
}

const WORDS: Readonly<Record<HeatPart['heat'], string>> = {
  calm: 'keeping up',
  mild: 'up to 1.6 s late',
  warm: 'over 1.6 s late',
  hot: 'behind, sent nothing until they catch up',
  idle: 'paused or waiting',
  unknown: 'of unknown lag',
};

/**
 * Lag up to which a viewer keeps up, and is a little late, seconds: receipts come once a second, so that up to a second and the
 * way there and back say nothing; at 2 s the relay stops sending.
 */
const KEEPING_UP = 1.2;
const A_LITTLE_LATE = 1.6;

/** The order in which they are shown. */
const HEATS: readonly HeatPart['heat'][] = ['calm', 'mild', 'warm', 'hot', 'idle', 'unknown'];

/** Viewers by lag; parts without any are left out. */
export function heatOf(viewers: readonly ViewerInfo[]): HeatPart[] {
  return HEATS.map((heat) => ({ heat, count: viewers.filter((viewer) => viewerHeat(viewer) === heat).length, words: WORDS[heat] })).filter(({ count }) => count > 0);
}

/** All that a stream's summary tells: who is behind, and who isn't. */
export function heatOfSummary(viewers: number, behind: number): HeatPart[] {
  const parts: HeatPart[] = [
    { heat: 'calm', count: Math.max(0, viewers - behind), words: 'keeping up' },
    { heat: 'hot', count: behind, words: 'behind' },
  ];
  return parts.filter(({ count }) => count > 0);
}

/** How a viewer does. */
export function viewerHeat({ state, lag }: Pick<ViewerInfo, 'state' | 'lag'>): HeatPart['heat'] {
  if (state === 'behind') return 'hot';
  if (state !== 'open') return 'idle';
  if (lag === undefined) return 'unknown';
  if (lag < KEEPING_UP) return 'calm';
  return lag < A_LITTLE_LATE ? 'mild' : 'warm';
}

/** The same in words: `12 viewers: 9 keeping up, 3 behind`. */
export function heatWords(parts: readonly HeatPart[]): string {
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return 'Nobody watches';
  return `${plural(total, 'viewer')}: ${parts.map(({ count, words }) => `${count} ${words}`).join(', ')}`;
}
