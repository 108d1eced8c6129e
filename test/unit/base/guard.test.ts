import { EventEmitter } from 'node:events';
import { type Fault, reportFault, takeFaults } from '../../../src/base/faults';
import { guard, on, once, soon } from '../../../src/base/guard';

const faults: Fault[] = [];
let stopTaking: () => void;

beforeEach(() => {
  faults.length = 0;
  stopTaking = takeFaults((fault) => faults.push(fault));
});

afterEach(() => stopTaking());

function thrower(message: string): () => never {
  return () => {
    throw new Error(message);
  };
}

describe('guarded code', () => {
  it('that throws is reported with what it was, and whoever is concerned is answered', () => {
    const answered: unknown[] = [];
    guard('a listener', thrower('broken'), (error) => answered.push(error));
    expect(faults).toEqual([{ error: new Error('broken'), where: 'a listener' }]);
    expect(answered).toEqual([new Error('broken')]);
  });

  it('whose promise is rejected is reported', async () => {
    const answered = new Promise((resolve) => guard('a question', () => Promise.reject(new Error('late')), resolve));
    expect(await answered).toEqual(new Error('late'));
    expect(faults).toEqual([{ error: new Error('late'), where: 'a question' }]);
  });

  it('whose answer throws as well is reported twice', () => {
    guard('a listener', thrower('broken'), thrower('no answer either'));
    expect(faults.map(({ error }) => (error as Error).message)).toEqual(['broken', 'no answer either']);
  });

  it('runs in a microtask', async () => {
    soon('a look', thrower('later'));
    expect(faults).toEqual([]);
    await Promise.resolve();
    expect(faults).toMatchObject([{ where: 'a look' }]);
  });
});

describe('a guarded handler of an event', () => {
  it('that throws keeps no other handler from the event, and hears the next', () => {
    const emitter = new EventEmitter();
    const heard: string[] = [];
    on(emitter, 'data', (text: string) => {
      heard.push(`first ${text}`);
      throw new Error(text);
    });
    emitter.on('data', (text: string) => heard.push(`second ${text}`));
    emitter.emit('data', 'a');
    emitter.emit('data', 'b');
    expect(heard).toEqual(['first a', 'second a', 'first b', 'second b']);
    expect(faults.map(({ error, where }) => [(error as Error).message, where])).toEqual([['a', '"data" of EventEmitter'], ['b', '"data" of EventEmitter']]);
  });

  it('answers whoever is concerned when its promise is rejected', async () => {
    const emitter = new EventEmitter();
    const answered = new Promise((resolve) => on(emitter, 'ask', () => Promise.reject(new Error('no')), { failed: resolve }));
    emitter.emit('ask');
    expect(await answered).toEqual(new Error('no'));
  });

  it('runs once, if so asked, or not at all once it is removed', () => {
    const emitter = new EventEmitter();
    const heard: string[] = [];
    once(emitter, 'close', () => heard.push('once') && undefined);
    const forget = [once(emitter, 'close', thrower('removed')), on(emitter, 'close', thrower('removed'))];
    for (const remove of forget) remove();
    emitter.emit('close');
    emitter.emit('close');
    expect({ heard, faults, left: emitter.listenerCount('close') }).toEqual({ heard: ['once'], faults: [], left: 0 });
  });

  it('may come before those that are there', () => {
    const emitter = new EventEmitter();
    const heard: string[] = [];
    on(emitter, 'open', () => void heard.push('second'));
    on(emitter, 'open', () => void heard.push('first'), { first: true });
    emitter.emit('open');
    expect(heard).toEqual(['first', 'second']);
  });
});

describe('faults', () => {
  it('of the same error are reported once, wherever it passes', () => {
    const error = new Error('passed on');
    reportFault(error, 'a listener');
    reportFault(error, 'a request');
    expect(faults).toEqual([{ error, where: 'a listener' }]);
  });

  it('survive a log that throws', () => {
    const stop = takeFaults(thrower('the disk is full'));
    expect(() => reportFault(new Error('broken'), 'a timer')).not.toThrow();
    stop();
    expect(faults).toHaveLength(1);
  });

  it('are thrown where nobody takes them: a client ends by them', () => {
    stopTaking();
    expect(() => guard('a handler', thrower('broken'))).toThrow('broken');
    expect(reportFault(new Error('broken'), 'a handler')).toBe(false);
  });
});
