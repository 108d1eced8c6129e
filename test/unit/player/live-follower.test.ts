import { type FollowerAdvice, LiveFollower } from '../../../player/video/live-follower';

/** A player that follows media which comes in chunks of `interval` seconds, and time that the test moves in steps of 20 ms. */
class Playback {
  readonly follower: LiveFollower;
  readonly seeks: number[] = [];
  edge: number;
  position = 0;
  rate = 1;
  now = 0;
  /** Seconds that media is late. */
  delay = 0;
  readonly #interval: number;
  #media: number;

  constructor({ interval, edge = 10, sound = true }: { interval: number; edge?: number; sound?: boolean }) {
    this.follower = new LiveFollower({ sound });
    this.#interval = interval;
    this.edge = edge;
    this.#media = edge;
  }

  /** Begins where the follower wants to. */
  join(): void {
    this.position = this.follower.start({ edge: this.edge, from: 0, interval: this.#interval, now: this.now });
  }

  run(seconds: number): void {
    for (const end = this.now + seconds * 1000; this.now < end; ) {
      this.now += 20;
      this.#media += 0.02;
      this.position = Math.min(this.edge, this.position + 0.02 * this.rate);
      this.#heed(this.#advise());
      while (this.#media - this.delay >= this.edge + this.#interval) this.edge += this.#interval;
    }
  }

  get ahead(): number {
    return this.edge - this.position;
  }

  #advise(): FollowerAdvice {
    return this.follower.advise({ position: this.position, edge: this.edge, from: 0, interval: this.#interval, now: this.now });
  }

  #heed({ seek, rate }: FollowerAdvice): void {
    this.rate = rate;
    if (seek === undefined) return;
    this.seeks.push(seek);
    this.position = seek;
  }
}

describe('LiveFollower', () => {
  it.each([
    ['frames, with sound', 1 / 30, true],
    ['frames, without sound', 1 / 30, false],
    ['GOPs of a second', 1, true],
    ['GOPs of four seconds', 4, true],
  ])('stays without a seek where it begins: %s', (_, interval, sound) => {
    const playback = new Playback({ interval, sound });
    playback.join();
    playback.run(60);
    expect(playback.seeks).toEqual([]);
    expect(playback.ahead).toBeGreaterThan(0);
    expect(playback.ahead).toBeLessThanOrEqual(playback.follower.target + interval + 0.2);
  });

  it('begins no earlier than the media that is there', () => {
    const follower = new LiveFollower({ sound: true });
    expect(follower.start({ edge: 10, from: 9.95, interval: 0.03, now: 0 })).toBe(9.95);
  });

  it('holds less without sound', () => {
    expect(new LiveFollower({ sound: false }).target).toBeLessThan(new LiveFollower({ sound: true }).target);
  });

  it('hurries a little where it is somewhat behind, and stops hurrying when it is there', () => {
    const playback = new Playback({ interval: 1 / 30 });
    playback.join();
    playback.run(3);
    playback.position -= 0.5;
    playback.run(2);
    expect(playback.rate).toBeGreaterThan(1);
    expect(playback.rate).toBeLessThanOrEqual(1.08);
    playback.run(20);
    expect(playback.rate).toBe(1);
    expect(playback.seeks).toEqual([]);
  });

  it('jumps once where it is far behind', () => {
    const playback = new Playback({ interval: 1 / 30 });
    playback.join();
    playback.run(3);
    playback.position -= 6;
    playback.run(10);
    expect(playback.seeks).toHaveLength(1);
    expect(playback.ahead).toBeLessThan(0.4);
  });

  it('jumps sooner right after the start, when a jump is hardly seen', () => {
    const playback = new Playback({ interval: 1 / 30 });
    playback.join();
    playback.position -= 0.6;
    playback.run(5);
    expect(playback.seeks).toHaveLength(1);
  });

  it('goes to the media behind a gap', () => {
    const follower = new LiveFollower({ sound: true });
    const advice = follower.advise({ position: 5, edge: 12, from: 11.98, interval: 0.03, now: 0 });
    expect(advice.seek).toBe(11.98);
  });

  it('does nothing where no media is ahead', () => {
    const follower = new LiveFollower({ sound: true });
    expect(follower.advise({ position: 5, edge: 5, from: undefined, interval: 0.03, now: 10_000 })).toEqual({ rate: 1 });
  });

  it('holds more each time it runs dry, up to a bound, and less again when it is calm', () => {
    const follower = new LiveFollower({ sound: true });
    const first = follower.target;
    follower.ranDry(0);
    expect(follower.target).toBeGreaterThan(first);
    for (let i = 0; i < 30; i++) follower.ranDry(0);
    expect(follower.target).toBe(1.5);
    for (let now = 0; now < 600_000; now += 1_000) follower.advise({ position: 5, edge: 6, from: 0, interval: 0.03, now });
    expect(follower.target).toBe(first);
  });
});
