import { WorkerLink } from '../../../player/net/worker-link';

interface Told {
  readonly type: string;
}

/** A browser's `Worker`, which says what the test lets it say. */
class FakeWorker {
  static made: FakeWorker[] = [];
  readonly taken: unknown[] = [];
  onmessage: ((event: { data: Told }) => void) | undefined;
  onerror: ((event: { preventDefault: () => void }) => void) | undefined;
  terminated = false;

  constructor() {
    FakeWorker.made.push(this);
  }

  postMessage(command: unknown): void {
    this.taken.push(command);
  }

  terminate(): void {
    this.terminated = true;
  }
}

function scene(): { link: WorkerLink<string, Told>; worker: FakeWorker; here: string[]; heard: string[] } {
  const [here, heard]: [string[], string[]] = [[], []];
  const link = new WorkerLink<string, Told>({
    script: 'https://relay.example/script.js',
    name: 'test',
    here: () => ({ take: (command) => here.push(command), close: () => here.push('closed') }),
    hear: ({ type }) => heard.push(type),
  });
  return { link, worker: FakeWorker.made.at(-1)!, here, heard };
}

beforeEach(() => {
  jest.useFakeTimers();
  Object.assign(globalThis, { Worker: FakeWorker, location: { origin: 'https://relay.example' } });
});

afterEach(() => {
  jest.useRealTimers();
  for (const name of ['Worker', 'location']) Reflect.deleteProperty(globalThis, name);
});

describe('WorkerLink', () => {
  it('hands on in order what was sent before the worker listened', () => {
    const { link, worker, here, heard } = scene();
    link.send('first');
    expect(worker.taken).toEqual([]);
    worker.onmessage!({ data: { type: 'ready' } });
    link.send('second');
    worker.onmessage!({ data: { type: 'state' } });
    jest.advanceTimersByTime(10_000);
    expect(worker.taken).toEqual(['first', 'second']);
    expect(heard).toEqual(['state']);
    expect(here).toEqual([]);
    expect(link.inWorker).toBe(true);
  });

  it.each([
    ['fails to load', ({ onerror }: FakeWorker): void => onerror!({ preventDefault: () => undefined })],
    ['says nothing', (): void => jest.advanceTimersByTime(3_000)],
  ])('goes on here where the worker %s', (_, happens) => {
    const { link, worker, here } = scene();
    link.send('first');
    happens(worker);
    link.send('second');
    expect(here).toEqual(['first', 'second']);
    expect(worker.terminated).toBe(true);
    expect(link.inWorker).toBe(false);
    link.close();
    link.close();
    expect(here).toEqual(['first', 'second', 'closed']);
  });

  it('hears and sends nothing once it is closed', () => {
    const { link, worker, here, heard } = scene();
    link.send('first');
    link.close();
    worker.onmessage!({ data: { type: 'ready' } });
    worker.onmessage!({ data: { type: 'state' } });
    link.send('second');
    jest.advanceTimersByTime(10_000);
    expect([worker.taken, here, heard]).toEqual([[], [], []]);
    expect(worker.terminated).toBe(true);
  });
});
