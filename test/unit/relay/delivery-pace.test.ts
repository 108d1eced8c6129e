import { DeliveryPace } from '../../../src/relay/delivery-pace';
import { FakeClock } from '../../support/fake-clock';

/** A pace whose load the test sets. */
class Paced {
  readonly clock = new FakeClock();
  samples = 0;
  load = 0;
  readonly pace = new DeliveryPace({
    clock: this.clock,
    load: () => {
      this.samples++;
      return this.load;
    },
  });

  /** The intervals after each of so many seconds at that load. */
  seconds(count: number, load: number): number[] {
    this.load = load;
    return Array.from({ length: count }, () => {
      this.clock.pass(1_000);
      this.pace.update();
      return this.pace.interval;
    });
  }
}

describe('the default delivery interval', () => {
  it('is 0 while the process has time to spare', () => {
    expect(new Paced().seconds(5, 0.7)).toEqual([0, 0, 0, 0, 0]);
  });

  it('goes up step by step, to no more than 40 ms, while the process stays busy', () => {
    expect(new Paced().seconds(7, 0.9)).toEqual([0, 20, 20, 40, 40, 40, 40]);
  });

  it('is left as it is by a moment of work', () => {
    const paced = new Paced();
    for (let count = 0; count < 10; count++) expect([...paced.seconds(1, 1), ...paced.seconds(1, 0.5)]).toEqual([0, 0]);
  });

  it('comes down only once there is so much time to spare that it will stay down', () => {
    const paced = new Paced();
    paced.seconds(4, 0.9);
    expect(new Set(paced.seconds(100, 0.3))).toEqual(new Set([40]));
    const down = paced.seconds(21, 0.1);
    expect([down[8], down[9], down[18], down[19]]).toEqual([40, 20, 20, 0]);
  });

  it('looks at the load no more than once a second, however many ask', () => {
    const paced = new Paced();
    for (let count = 0; count < 100; count++) paced.pace.update();
    expect(paced.samples).toBe(1);
  });
});
