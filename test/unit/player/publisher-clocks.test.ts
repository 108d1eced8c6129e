import { CaptureClock } from '../../../player/publisher/capture-clock';
import { FramePacer } from '../../../player/publisher/frame-pacer';
import { RelayClock } from '../../../player/publisher/relay-clock';

describe('FramePacer', () => {
  const kept = (times: readonly number[], frameRate: number): number => {
    const pacer = new FramePacer();
    return times.filter((time) => pacer.keep(time, frameRate)).length;
  };

  it('keeps all frames of a source that is as fast as is wanted, however unevenly they come', () => {
    expect(kept(Array.from({ length: 300 }, (_, index) => Math.floor(index / 2) * 66.7 + (index % 2) * 17), 30)).toBe(300);
  });

  it('keeps every other frame of one that is twice as fast', () => {
    const count = kept(Array.from({ length: 600 }, (_, index) => (index * 1000) / 60), 30);
    expect(count).toBeGreaterThanOrEqual(299);
    expect(count).toBeLessThanOrEqual(303);
  });
});

describe('CaptureClock', () => {
  it('takes the quickest arrival as how the clocks stand', () => {
    const clock = new CaptureClock();
    expect(clock.captured(0, 120)).toBe(120);
    expect(clock.captured(33_000, 140)).toBe(140);
    expect(clock.captured(66_000, 300)).toBe(173);
  });

  it('begins anew where timestamps jump', () => {
    const clock = new CaptureClock();
    clock.captured(50_000_000, 1_000);
    expect(clock.captured(12_000, 1_010)).toBe(1_010);
  });

  it('begins anew where timestamps go back, by however little', () => {
    const clock = new CaptureClock();
    clock.captured(600_000, 20);
    expect(clock.captured(16_000, 21)).toBe(21);
    expect(clock.captured(26_000, 40)).toBe(31);
  });
});

describe('RelayClock', () => {
  it('knows nothing before the first answer, then trusts the quickest', () => {
    const clock = new RelayClock();
    expect(clock.wall(5)).toBeUndefined();
    clock.answer(clock.ask(100), 10_050, 200);
    clock.answer(clock.ask(300), 10_205, 310);
    expect(clock.roundTrip).toBe(10);
    expect(clock.wall(305)).toBe(10_205);
  });

  it('heeds no answer to what it has not asked', () => {
    const clock = new RelayClock();
    clock.answer(7, 1, 2);
    expect(clock.roundTrip).toBeUndefined();
  });
});
