/** What a playhead needs of a `<video>`: where it is, and which media it has. */
export class FakeVideo {
  currentTime = 0;
  seeking = false;
  paused = false;
  playbackRate = 1;
  preservesPitch = true;
  ranges: readonly (readonly [from: number, to: number])[] = [];

  get buffered(): TimeRanges {
    const { ranges } = this;
    return { length: ranges.length, start: (index) => ranges[index]![0], end: (index) => ranges[index]![1] };
  }

  /** The same, for who wants all of it. */
  get asVideo(): HTMLVideoElement {
    return this as unknown as HTMLVideoElement;
  }
}
