import { Rounds } from '../../../player/dashboard/rounds';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

/** Rounds over `names`, which a test may change. */
function walking(names: string[], ask: (name: string) => Promise<void> = () => Promise.resolve()) {
  const asked: string[] = [];
  const rounds = new Rounds({
    names: () => names,
    ask: (name) => {
      asked.push(name);
      return ask(name);
    },
    now: () => Date.now(),
  });
  return { rounds, asked };
}

describe('Rounds', () => {
  it('asks about each in turn, two a second at most, and about each every five seconds', async () => {
    const { rounds, asked } = walking(['a', 'b']);
    rounds.start();
    rounds.start();
    await pass(4_900);
    expect(asked).toEqual(['a', 'b']);
    await pass(5_000);
    expect(asked).toEqual(['a', 'b', 'a', 'b']);
    rounds.stop();
  });

  it('asks no more often however many there are, and leaves nobody out', async () => {
    const names = Array.from({ length: 40 }, (_none, index) => `cam${index}`);
    const { rounds, asked } = walking(names);
    rounds.start();
    await pass(19_900);
    expect(asked).toEqual(names);
    rounds.stop();
  });

  it('goes on after a question that failed, waits for one that takes long, and stops', async () => {
    let answer: () => void = () => undefined;
    const { rounds, asked } = walking(['a', 'b', 'c'], (name) => (name === 'a' ? Promise.reject(new Error('gone')) : new Promise((resolve) => (answer = resolve))));
    rounds.start();
    await pass(30_000);
    expect(asked).toEqual(['a', 'b']);
    answer();
    await pass(500);
    expect(asked).toEqual(['a', 'b', 'c']);
    rounds.stop();
    rounds.stop();
    answer();
    await pass(60_000);
    expect(asked).toHaveLength(3);
  });
});
