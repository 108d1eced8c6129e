import { type EventStream, OperatorFeed } from '../../../player/dashboard/operator-feed';
import type { RelayEvent } from '../../../src/protocol/api-event';
import { Backoff } from '../../../src/protocol/backoff';

const held: RelayEvent = { id: 1, at: 0, type: 'stream-held', name: 'cam' };

/** An `EventSource` in the hands of the test. */
class FakeEvents extends EventTarget implements EventStream {
  readyState = 0;
  say(data: string): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }
  fail(readyState: number): void {
    this.readyState = readyState;
    this.dispatchEvent(new Event('error'));
  }
  close(): void {
    this.readyState = 2;
  }
}

/** A feed of a relay that answers the question of access by `answers` in order, the last one over and over. */
function feeding(...answers: (boolean | Error | 'never')[]) {
  const opened: FakeEvents[] = [];
  const told: RelayEvent[] = [];
  const problems: (string | undefined)[] = [];
  let asked = 0;
  let refusals = 0;
  const feed = new OperatorFeed({
    admit: (signal) => {
      asked++;
      const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
      if (answer === 'never') return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    open: () => {
      const events = new FakeEvents();
      opened.push(events);
      return events;
    },
    tell: (event) => told.push(event),
    refused: () => refusals++,
    problem: (words) => problems.push(words),
    backoff: new Backoff(() => 1),
  });
  return { feed, opened, told, problems, asked: () => asked, refusals: () => refusals };
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

describe('OperatorFeed', () => {
  it('listens once it is let in, and passes on what can be read', async () => {
    const { feed, opened, told, problems, asked } = feeding(true);
    feed.start();
    feed.start();
    await pass(0);
    expect([asked(), opened.length]).toEqual([1, 1]);
    for (const data of ['no JSON', '7', '{}', JSON.stringify(held)]) opened[0]!.say(data);
    expect(told).toEqual([held]);
    expect(problems).toEqual([undefined]);
    feed.stop();
    expect(opened[0]!.readyState).toBe(2);
  });

  it('tells a refusal, and asks again only when it is started again', async () => {
    const { feed, opened, refusals, asked } = feeding(false);
    feed.start();
    await pass(60_000);
    expect([refusals(), asked(), opened.length]).toEqual([1, 1, 0]);
    feed.start();
    await pass(0);
    expect(refusals()).toBe(2);
    feed.stop();
  });

  it('leaves it to the browser to connect again as long as that tries', async () => {
    const { feed, opened, problems } = feeding(true);
    feed.start();
    await pass(0);
    opened[0]!.fail(0);
    expect(problems).toEqual(['The relay does not answer']);
    opened[0]!.say(JSON.stringify(held));
    expect(problems).toEqual(['The relay does not answer', undefined]);
    expect(opened).toHaveLength(1);
    feed.stop();
  });

  it('connects again where the browser gives up, later each time, and asks for access anew', async () => {
    const { feed, opened, problems, asked } = feeding(true, new Error('The relay does not answer'), true);
    feed.start();
    await pass(0);
    opened[0]!.fail(2);
    await pass(250);
    expect([asked(), opened.length]).toEqual([2, 1]);
    await pass(499);
    expect(asked()).toBe(2);
    await pass(1);
    expect([asked(), opened.length]).toEqual([3, 2]);
    expect(problems).toEqual(['The relay does not answer', 'The relay does not answer']);
    feed.stop();
  });

  it('takes ten seconds of silence for a relay that is gone', async () => {
    const { feed, opened } = feeding(true);
    feed.start();
    await pass(9_000);
    opened[0]!.say(JSON.stringify(held));
    await pass(9_999);
    expect(opened).toHaveLength(1);
    await pass(1 + 250);
    expect([opened.length, opened[0]!.readyState]).toEqual([2, 2]);
    opened[0]!.say(JSON.stringify(held));
    feed.stop();
  });

  it('gives up on an answer that takes over ten seconds', async () => {
    const { feed, problems } = feeding('never');
    feed.start();
    await pass(10_000);
    expect(problems).toEqual(['The relay takes too long to answer']);
    feed.stop();
  });

  it('does nothing more once stopped, whatever was under way', async () => {
    const { feed, opened, told, asked, problems } = feeding('never', true);
    feed.start();
    feed.stop();
    feed.stop();
    await pass(60_000);
    expect([asked(), opened.length, problems.length]).toEqual([1, 0, 0]);
    feed.start();
    await pass(0);
    feed.stop();
    opened[0]!.say(JSON.stringify(held));
    opened[0]!.fail(2);
    await pass(60_000);
    expect([told.length, asked()]).toEqual([0, 2]);
  });
});
