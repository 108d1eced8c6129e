import { ArrivalMeter } from '../../../player/video/arrival-meter';

/** What a meter says after pieces of `length` have come from media time `from` to `to`, each taking `pace` of its own time; and when the last was there. */
function receive(meter: ArrivalMeter, { at, from, to, length, pace }: { at: number; from: number; to: number; length: number; pace: number }): number {
  const pieces = Math.round((to - from) / length);
  for (let i = 1; i <= pieces; i++) meter.arrived(at + i * length * pace, from + i * length);
  return at + (to - from) * pace;
}

describe('ArrivalMeter', () => {
  it.each([
    ['at once, in frames of video', 1 / 30, 0],
    ['at once, in packets of sound', 0.01, 0],
    ['ten times as fast as it plays, in packets of sound', 0.01, 0.1],
    ['three times as fast as it plays, in packets of sound', 0.02, 0.33],
  ])('tells nothing of a backlog that a newcomer is sent %s', (_, length, pace) => {
    const meter = new ArrivalMeter();
    meter.arrived(10, 1);
    const at = receive(meter, { at: 10, from: 1, to: 3, length, pace });
    receive(meter, { at, from: 3, to: 4, length, pace: 1 });
    expect(meter.arrivals!.lateness).toBeCloseTo(at - 3 + length, 2);
    expect(meter.arrivals!.jitter).toBeLessThan(0.03);
    expect(meter.arrivals!.interval).toBeCloseTo(length, 3);
  });

  it('keeps what it knew where an outage ends', () => {
    const meter = new ArrivalMeter();
    meter.arrived(0, 0);
    receive(meter, { at: 0, from: 0, to: 5, length: 0.02, pace: 1 });
    receive(meter, { at: 5.4, from: 5, to: 5.4, length: 0.02, pace: 0 });
    receive(meter, { at: 5.4, from: 5.4, to: 6, length: 0.02, pace: 1 });
    expect(meter.arrivals!.lateness).toBeCloseTo(0.02, 3);
    expect(meter.arrivals!.interval).toBeCloseTo(0.02, 3);
  });

  it('begins anew where media comes sooner than ever before', () => {
    const meter = new ArrivalMeter();
    meter.arrived(1, 0);
    receive(meter, { at: 1, from: 0, to: 5, length: 0.02, pace: 1 });
    receive(meter, { at: 5.5, from: 5, to: 6, length: 0.02, pace: 1 });
    expect(meter.arrivals!.lateness).toBeCloseTo(0.52, 2);
  });
});
