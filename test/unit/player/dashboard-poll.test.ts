import { type Ask, Poll, type PollResult } from '../../../player/dashboard/poll';
import { Backoff } from '../../../src/protocol/backoff';
import type { StreamInfo } from '../../../src/protocol/stream-info';

const cam: StreamInfo = { name: 'cam', state: 'live', mime: 'video/mp4', tracks: [], bitrate: 0, viewers: 0, since: 0 };

/** A poll of a relay that gives `answers` in order, and the last one over and over. */
function polling(...answers: (readonly StreamInfo[] | Error | 'never')[]) {
  const told: PollResult<readonly StreamInfo[]>[] = [];
  const signals: AbortSignal[] = [];
  const ask: Ask<readonly StreamInfo[]> = (signal) => {
    signals.push(signal);
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
    if (answer === 'never') return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const poll = new Poll({ ask, tell: (result) => told.push(result), backoff: new Backoff(() => 1) });
  return { poll, told, signals };
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

describe('Poll', () => {
  it('asks at once, and once a second', async () => {
    const { poll, told, signals } = polling([], [cam]);
    poll.start();
    poll.start();
    await pass(0);
    expect(told).toEqual([{ found: [], problem: undefined }]);
    await pass(1_000);
    expect(told).toHaveLength(2);
    expect(told[1]).toEqual({ found: [cam], problem: undefined });
    await pass(3_000);
    expect(signals).toHaveLength(5);
    poll.stop();
  });

  it('tells a failure with the list it has, and tries again, later each time', async () => {
    const { poll, told, signals } = polling([cam], new Error('The relay does not answer'));
    poll.start();
    await pass(1_000);
    expect(told.at(-1)).toEqual({ found: [cam], problem: 'The relay does not answer' });
    await pass(250);
    await pass(500);
    expect(signals).toHaveLength(4);
    await pass(999);
    expect(signals).toHaveLength(4);
    poll.stop();
  });

  it('has no list to tell before the first answer', async () => {
    const { poll, told } = polling(new Error('The relay does not answer'), [cam]);
    poll.start();
    await pass(0);
    expect(told).toEqual([{ found: undefined, problem: 'The relay does not answer' }]);
    await pass(250);
    expect(told.at(-1)).toEqual({ found: [cam], problem: undefined });
    poll.stop();
  });

  it('gives up on an answer that takes over 5 s', async () => {
    const { poll, told } = polling('never');
    poll.start();
    await pass(5_000);
    expect(told).toEqual([{ found: undefined, problem: 'The relay takes too long to answer' }]);
    poll.stop();
  });

  it('asks no more once stopped, whatever was under way', async () => {
    const { poll, told, signals } = polling('never', [cam]);
    poll.start();
    poll.stop();
    poll.stop();
    expect(signals[0]!.aborted).toBe(true);
    await pass(60_000);
    expect(told).toEqual([]);
    poll.start();
    await pass(0);
    expect(told).toEqual([{ found: [cam], problem: undefined }]);
    poll.stop();
  });
});
