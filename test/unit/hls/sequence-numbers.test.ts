import { SequenceNumbers } from '../../../src/hls/sequence-numbers';
import { FakeClock } from '../../support/fake-clock';

describe('sequence numbers of names', () => {
  it('never go back, however many names there are', () => {
    const numbers = new SequenceNumbers(new FakeClock());
    numbers.note('first', 500);
    for (let name = 0; name < 5_000; name++) numbers.note(`name${name}`, 10);
    expect(numbers.first('first')).toBeGreaterThan(500);
  });

  it('do not depend on one another', () => {
    const numbers = new SequenceNumbers(new FakeClock());
    numbers.note('busy', 1_000_000);
    expect(numbers.first('other')).toBe(0);
    expect(numbers.first('busy')).toBe(1_000_001);
    numbers.note('busy', 3);
    expect(numbers.first('busy')).toBe(1_000_001);
  });
});
