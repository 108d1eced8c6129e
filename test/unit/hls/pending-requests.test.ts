import { takeFaults } from '../../../src/base/faults';
import { PendingRequests } from '../../../src/hls/pending-requests';
import { SluiceError } from '../../../src/protocol/error-code';
import { FakeClock } from '../../support/fake-clock';

/** Requests for numbers, each of which is there once it is no larger than `newest`. */
class Numbers {
  readonly clock = new FakeClock();
  newest = 0;
  left = 0;
  readonly answers: string[] = [];
  readonly requests = new PendingRequests<number, number>({
    clock: this.clock,
    what: 'a number',
    find: (number) => {
      if (number < 0) throw new SluiceError('not-found', 'Cannot find a negative number');
      if (number === 13) throw new TypeError('Cannot count');
      return number <= this.newest ? number : undefined;
    },
    left: () => this.left++,
  });

  wait(number: number, ready = (found: number): void => void this.answers.push(String(found)), failed = ({ code }: SluiceError): void => void this.answers.push(code)): () => void {
    return this.requests.add(number, { ready, failed }, 1_000);
  }

  come(newest: number): void {
    this.newest = newest;
    this.requests.answer();
  }
}

function breaks(): never {
  throw new TypeError('This connection is broken');
}

function nextTurn(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}

describe('requests that wait for what is yet to come', () => {
  let faults: unknown[];
  let forget: () => void;

  beforeEach(() => {
    faults = [];
    forget = takeFaults(({ error, where }) => faults.push([where, String(error)]));
  });

  afterEach(() => forget());

  it('are answered with what they ask for when it has come, in the order in which they came', () => {
    const numbers = new Numbers();
    for (const number of [2, 1, 3]) numbers.wait(number);
    numbers.come(2);
    expect(numbers.answers).toEqual(['2', '1']);
    expect(numbers.requests.size).toBe(1);
  });

  it('fail alone: one that finds nothing, one whose answer throws, and one whose refusal throws, too', () => {
    const numbers = new Numbers();
    numbers.wait(-1);
    numbers.wait(13);
    numbers.wait(1, breaks);
    numbers.wait(1, breaks, breaks);
    numbers.wait(1);
    expect(() => numbers.come(1)).not.toThrow();
    expect(numbers.answers).toEqual(['not-found', 'internal', 'internal', '1']);
    expect([numbers.requests.size, numbers.left]).toEqual([0, 5]);
  });

  it('report as a fault what our own code throws, and not what they are refused with', () => {
    const numbers = new Numbers();
    numbers.wait(-1);
    numbers.wait(1, breaks, breaks);
    numbers.come(1);
    expect(faults).toEqual(new Array(2).fill(['requests for a number', 'TypeError: This connection is broken']));
  });

  it('are forgotten when they leave, also while others are answered', () => {
    const numbers = new Numbers();
    const leaves: (() => void)[] = [];
    numbers.wait(1, () => leaves.forEach((leave) => leave()));
    leaves.push(numbers.wait(1), numbers.wait(1));
    numbers.come(1);
    expect([numbers.answers, numbers.requests.size, numbers.left]).toEqual([[], 0, 3]);
    for (const leave of leaves) leave();
    expect(numbers.left).toBe(3);
  });

  it('are answered 256 in a turn, however often something comes in that turn', async () => {
    const numbers = new Numbers();
    for (let count = 0; count < 600; count++) numbers.wait(1 + (count % 2));
    numbers.come(1);
    numbers.come(2);
    numbers.requests.answerSoon();
    await Promise.resolve();
    const counts = [numbers.answers.length];
    for (let turn = 0; turn < 3 && numbers.requests.size > 0; turn++) {
      await nextTurn();
      counts.push(numbers.answers.length);
    }
    expect(counts).toEqual([256, 512, 600]);
  });

  it('are refused when they have waited for too long, and leave no timer behind', () => {
    const numbers = new Numbers();
    numbers.wait(1);
    numbers.clock.pass(900);
    expect([numbers.answers, numbers.clock.pending]).toEqual([[], 1]);
    numbers.clock.pass(500);
    expect([numbers.answers, numbers.clock.pending]).toEqual([['stalled'], 0]);
  });
});
