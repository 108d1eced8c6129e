import { LatencyController } from '../../../player/video/latency-controller';
import { Playback, randomNumbers, type Seen, trace } from '../../support/playback';

const FRAME = 1 / 30;
const HOUR = 3_600;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

function rateBounds({ rates }: Seen): { least: number; most: number } {
  return { least: Math.min(...rates), most: Math.max(...rates) };
}

describe('LatencyController', () => {
  it.each([
    ['with sound', 'element', 0.13],
    ['with sound through Web Audio', 'web-audio', 0.05],
    ['beside silence', 'silence', 0.022],
    ['without sound', 'none', 0.06],
  ] as const)('holds its first buffer where frames come steadily, %s, and leaves the rate alone', (_, sound, target) => {
    const playback = new Playback({ sound });
    const seen = playback.play(trace({ seconds: 60, interval: FRAME }), 15);
    expect(seen).toMatchObject({ stalls: 0, seeks: 0, rates: new Set([1]) });
    expect(playback.controller.target).toBeCloseTo(target, 3);
    expect(Math.abs(median(seen.latencies) - target)).toBeLessThan(0.03);
  });

  it.each([1, 4])('holds no more than it needs where GOPs of %d s come at once', (interval) => {
    const playback = new Playback({ sound: 'element' });
    const seen = playback.play(trace({ seconds: 120, interval }), 30);
    expect(seen).toMatchObject({ stalls: 0, seeks: 0 });
    // The first picture of a GOP is a GOP old when it comes, and then shown.
    expect(median(seen.latencies)).toBeLessThan(interval + 0.15);
  });

  it('holds more where media comes at random moments, and then does not stall', () => {
    const random = randomNumbers();
    const playback = new Playback({ sound: 'element' });
    const seen = playback.play(trace({ seconds: 120, interval: FRAME, late: () => random() * 0.2 }), 15);
    expect(seen).toMatchObject({ stalls: 0, seeks: 0 });
    expect(median(seen.latencies)).toBeLessThan(0.4);
  });

  it('holds less again when media comes steadily again, without a stall', () => {
    const random = randomNumbers();
    const playback = new Playback({ sound: 'element' });
    const late = (edge: number): number => (edge < 30 ? random() * 0.2 : 0);
    const seen = playback.play(trace({ seconds: 180, interval: FRAME, late }), 31);
    expect(seen).toMatchObject({ stalls: 0, seeks: 0 });
    expect(playback.controller.target).toBeLessThan(0.15);
    expect(playback.ahead).toBeLessThan(0.19);
  });

  it('holds what a publisher needs that sends frames in bursts', () => {
    const burst = 0.5;
    const playback = new Playback({ sound: 'element' });
    const late = (edge: number): number => Math.ceil(edge / burst - 1e-9) * burst - edge;
    const seen = playback.play(trace({ seconds: 60, interval: FRAME, late }), 15);
    expect(seen).toMatchObject({ stalls: 0, seeks: 0 });
    expect(median(seen.latencies)).toBeLessThan(burst + 0.2);
  });

  it('makes good an outage of 300 ms by the rate alone, within ten seconds', () => {
    const playback = new Playback({ sound: 'element' });
    playback.play(trace({ seconds: 20, interval: FRAME }));
    const outage = (edge: number): number => (edge > 20 && edge < 20.3 ? 20.3 - edge : 0);
    const arrivals = [...trace({ seconds: 60, interval: FRAME, late: outage })].filter(({ edge }) => edge > 20);
    const seen = playback.play(arrivals);
    expect(seen).toMatchObject({ stalls: 1, seeks: 0 });
    expect(rateBounds(seen).most).toBeLessThanOrEqual(1.08);
    const late = seen.latencies.slice(-300);
    expect(median(late)).toBeLessThan(0.2);
  });

  it('goes to the live edge by one seek after an outage of some seconds', () => {
    const playback = new Playback({ sound: 'element' });
    playback.play(trace({ seconds: 20, interval: FRAME }));
    const outage = (edge: number): number => (edge > 20 && edge < 23 ? 23 - edge : 0);
    const seen = playback.play([...trace({ seconds: 60, interval: FRAME, late: outage })].filter(({ edge }) => edge > 20));
    expect(seen).toMatchObject({ stalls: 1, seeks: 1 });
    expect(playback.ahead).toBeLessThan(0.25);
  });

  it.each([200, -200])("follows a publisher's clock that is off by %d parts of a million through a day", (drift) => {
    const interval = 0.25;
    const playback = new Playback({ sound: 'element', look: interval });
    const seen = playback.play(trace({ seconds: 24 * HOUR, interval, drift }), 60);
    expect(seen).toMatchObject({ stalls: 0, seeks: 0 });
    expect(playback.ahead).toBeGreaterThan(0.05);
    expect(playback.ahead).toBeLessThan(0.4);
    const { least, most } = rateBounds(seen);
    expect(least).toBeGreaterThanOrEqual(0.97);
    expect(most).toBeLessThanOrEqual(1.03);
  });

  it('keeps to a number that it is given', () => {
    const playback = new Playback({ sound: 'element', target: 1.5 });
    const random = randomNumbers();
    const seen = playback.play(trace({ seconds: 90, interval: FRAME, late: () => random() * 0.05 }), 30);
    expect(playback.controller.target).toBe(1.5);
    expect(Math.abs(median(seen.latencies) - 1.5)).toBeLessThan(0.08);
  });

  it('never hurries so that a page that is blocked for two seconds meanwhile runs dry', () => {
    const playback = new Playback({ sound: 'element' });
    playback.play(trace({ seconds: 20, interval: FRAME }));
    for (const behind of [0.05, 0.1, 0.15, 0.3]) {
      playback.position! -= behind;
      playback.play([...trace({ seconds: playback.now + 1.5, interval: FRAME })].filter(({ edge }) => edge > playback.edge));
      const left = playback.ahead - 2 * (playback.rate - 1);
      expect(left).toBeGreaterThan(0.04);
      playback.play([...trace({ seconds: playback.now + 20, interval: FRAME })].filter(({ edge }) => edge > playback.edge));
    }
  });

  it('goes to the media behind a gap', () => {
    const controller = new LatencyController({ sound: 'element' });
    expect(controller.advise({ position: 5, edge: 12, from: 11.98, arrivals: undefined, now: 0 }).seek).toBe(11.98);
  });

  it('comes back from a place that times have left', () => {
    const controller = new LatencyController({ sound: 'element' });
    expect(controller.advise({ position: 500, edge: 12, from: 10, arrivals: undefined, now: 0 }).seek).toBeCloseTo(11.92, 3);
  });

  it('does nothing where no media is ahead', () => {
    const controller = new LatencyController({ sound: 'element' });
    expect(controller.advise({ position: 5, edge: 5, from: undefined, arrivals: undefined, now: 10 })).toEqual({ rate: 1 });
  });

  it('does not seek again and again where a seek costs more than it gains', () => {
    const arrivals = { lateness: 0, jitter: 0, interval: FRAME };
    const controller = new LatencyController({ sound: 'element' });
    let [position, seeks] = [90, 0];
    for (let now = 100; now < 110; now += 0.1) {
      const { seek } = controller.advise({ position, edge: now, from: 0, arrivals, now });
      if (seek !== undefined) seeks++;
      // Decoding up to there takes a second and a half.
      position = seek === undefined ? position + 0.1 : seek - 1.5;
    }
    expect(seeks).toBe(1);
  });

  it('holds more each time that it runs dry, up to a bound, and less again when it is calm', () => {
    const arrivals = { lateness: 0, jitter: 0, interval: FRAME };
    const controller = new LatencyController({ sound: 'element' });
    const view = (now: number): Parameters<LatencyController['advise']>[0] => ({ position: now - 0.1, edge: now, from: 0, arrivals, now });
    controller.ranDry(0);
    controller.advise(view(0));
    expect(controller.target).toBeCloseTo(0.18, 3);
    for (let now = 3; now < 60; now += 3) controller.ranDry(now);
    controller.advise(view(60));
    expect(controller.target).toBeCloseTo(0.43, 3);
    for (let now = 61; now < 1_000; now++) controller.advise(view(now));
    expect(controller.target).toBeCloseTo(0.13, 3);
  });

  it('learns once where it runs dry again before it could hold more', () => {
    const controller = new LatencyController({ sound: 'none' });
    for (const now of [10, 10.1, 10.2, 10.3]) controller.ranDry(now);
    expect(controller.start({ edge: 20, from: 0, arrivals: undefined, now: 10.4 })).toBeCloseTo(20 - 0.08 + 0.05, 3);
  });

  it('learns nothing from a decoder that runs dry as it begins', () => {
    const controller = new LatencyController({ sound: 'none' });
    controller.start({ edge: 20, from: 0, arrivals: undefined, now: 10 });
    for (const now of [10.1, 10.3, 10.5]) controller.ranDry(now);
    controller.advise({ position: 19.94, edge: 20, from: 0, arrivals: undefined, now: 11 });
    expect(controller.target).toBeCloseTo(0.06, 3);
  });
});
