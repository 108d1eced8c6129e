import { guardClock } from '../../../src/relay/clock';
import { FakeClock } from '../../support/fake-clock';

describe('the timers of a guarded clock', () => {
  it('go on after one that throws, which is reported', () => {
    const time = new FakeClock();
    const faults: unknown[] = [];
    const clock = guardClock(time, (error, where) => faults.push([error, where]));
    let beats = 0;
    clock.after(5, () => {
      throw new Error('once');
    });
    const stop = clock.every(10, () => {
      beats++;
      throw new Error(`beat ${beats}`);
    });
    time.pass(25);
    stop();
    time.pass(25);
    expect(faults).toEqual([[new Error('once'), 'a timer'], [new Error('beat 1'), 'a timer'], [new Error('beat 2'), 'a timer']]);
  });

  it('can be stopped, and tell the time of the clock that is guarded', () => {
    const time = new FakeClock();
    const clock = guardClock(time, () => undefined);
    let ran = false;
    clock.after(5, () => {
      ran = true;
    })();
    time.pass(10);
    expect([ran, clock.now(), clock.wall()]).toEqual([false, 10, time.wall()]);
  });
});
