import { RelayTime } from '../../../player/dashboard/relay-time';

describe('RelayTime', () => {
  const noon = Date.parse('2024-05-01T12:00:00Z');
  const header = (seconds: number): string => new Date(noon + seconds * 1000).toUTCString();

  it('is the time of the answers, whatever the visitor set', () => {
    let now = 70_000;
    const time = new RelayTime(() => now);
    time.learn(header(0));
    now += 5_000;
    expect(Math.abs(time.now() - (noon + 5_000))).toBeLessThanOrEqual(500);
  });

  it('runs evenly between answers that count whole seconds', () => {
    let now = 0;
    const time = new RelayTime(() => now);
    const read: number[] = [];
    for (let second = 0; second < 20; second++, now += 1_040) {
      time.learn(header(Math.floor(now / 1000)));
      read.push(time.now());
    }
    expect(read.slice(1).map((value, index) => value - read[index]!)).toEqual(Array(19).fill(1_040));
  });

  it('follows when a clock was set, or the machine has slept', () => {
    const time = new RelayTime(() => 0);
    time.learn(header(0));
    time.learn(header(3600));
    expect(Math.abs(time.now() - (noon + 3_600_000))).toBeLessThanOrEqual(500);
  });

  it('is the visitor\'s own as long as no answer tells it', () => {
    const time = new RelayTime(() => 0);
    time.learn(null);
    time.learn('yesterday');
    expect(Math.abs(time.now() - Date.now())).toBeLessThan(1000);
  });
});
