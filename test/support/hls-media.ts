import type { Fragment } from '../../src/hls/fragment';
import { Packager, type PackagerLimits } from '../../src/hls/packager';
import type { MediaInit } from '../../src/hls/segment';

/** Unix time in ms at media time 0. */
const ZERO = Date.UTC(2026, 0, 1);

/** The init segment of that number: video of 320×240, and sound. */
export function mediaInit(number = 1, bytes = Uint8Array.of(number)): MediaInit {
  return { number, bytes, codecs: ['avc1.42E01E', 'mp4a.40.2'], hasVideo: true, size: { width: 320, height: 240 }, frameRate: 25 };
}

/** What frames a test wants. */
export interface FrameShape {
  /** Media time of the first, and of the end of the last, seconds. */
  readonly from?: number;
  readonly to: number;
  /** Frames a second, and from one keyframe to the next. */
  readonly rate?: number;
  readonly gop?: number;
}

/** Frames of video, one a fragment, of 100 bytes each; the first is a keyframe. */
export function frames({ from = 0, to, rate = 25, gop = 25 }: FrameShape): Fragment[] {
  return Array.from({ length: Math.round((to - from) * rate) }, (_, index) => {
    const start = from + index / rate;
    return { pieces: [new Uint8Array(100)], start, end: from + (index + 1) / rate, joinable: index % gop === 0, leads: true, complete: false, wall: ZERO + start * 1000 };
  });
}

/** Sound beside video, at a time: 10 bytes, unless told otherwise. */
export function sound(start: number, size = 10): Fragment {
  return { pieces: [new Uint8Array(size)], start, end: start + 0.02, joinable: false, leads: false, complete: false, wall: ZERO + start * 1000 };
}

/** A packager that has begun, and counts how often it has changed. */
export class TestPackager {
  readonly packager: Packager;
  changes = 0;
  /** Monotonic, ms: stands still unless a test sets it. */
  now = 0;

  constructor(limits: Partial<PackagerLimits> = {}) {
    this.packager = new Packager({ start: { id: 't', sequence: 0 }, limits: { listed: 12, held: 28, maxBytes: 1 << 20, ...limits }, now: () => this.now, moved: () => this.changes++ });
    this.packager.begin(mediaInit());
  }

  add(...fragments: readonly Fragment[]): this {
    for (const fragment of fragments) this.packager.add(fragment);
    return this;
  }

  /** Each whole segment: its number, how long it is, and its parts' numbers; those that begin with a keyframe with a `*`. */
  get lines(): string[] {
    return this.packager.state.segments.map(({ sequence, duration, discontinuity, parts }) => {
      const numbers = parts.map(({ number, independent }) => `${number}${independent ? '*' : ''}`);
      return `${discontinuity ? '! ' : ''}${sequence}: ${duration.toFixed(2)} s, ${numbers[0] ?? ''}..${numbers[numbers.length - 1] ?? ''}`;
    });
  }
}
