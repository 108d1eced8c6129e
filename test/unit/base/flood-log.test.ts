import { FloodLog } from '../../../src/base/flood-log';
import { FakeClock } from '../../support/fake-clock';
import { listLog, type LogLine } from '../../support/relay';

function makeLog(): { log: FloodLog; clock: FakeClock; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const clock = new FakeClock();
  return { log: new FloodLog(listLog(lines), clock), clock, lines };
}

describe('FloodLog', () => {
  it('passes on each line as it comes', () => {
    const { log, lines } = makeLog();
    log.debug({ a: 1 }, 'one');
    log.info({ a: 2 }, 'two');
    log.warn({ a: 3 }, 'three');
    log.error({ a: 4 }, 'four');
    expect(lines).toEqual([
      { level: 'debug', fields: { a: 1 }, message: 'one' },
      { level: 'info', fields: { a: 2 }, message: 'two' },
      { level: 'warn', fields: { a: 3 }, message: 'three' },
      { level: 'error', fields: { a: 4 }, message: 'four' },
    ]);
  });

  it('makes a flood of one message one line a second, with the newest fields and a count', () => {
    const { log, clock, lines } = makeLog();
    for (let n = 1; n <= 500; n++) log.warn({ n }, 'refused');
    expect(lines).toHaveLength(20);
    clock.pass(1_000);
    expect(lines).toHaveLength(21);
    expect(lines[20]).toEqual({ level: 'warn', fields: { n: 500, alike: 480 }, message: 'refused' });
  });

  it('holds back no other message meanwhile', () => {
    const { log, lines } = makeLog();
    for (let n = 1; n <= 500; n++) log.warn({ n }, 'refused');
    log.info({}, 'live');
    expect(lines.at(-1)?.message).toBe('live');
  });

  it('begins anew after a second', () => {
    const { log, clock, lines } = makeLog();
    log.warn({ n: 1 }, 'refused');
    clock.pass(1_000);
    for (let n = 2; n <= 21; n++) log.warn({ n }, 'refused');
    expect(lines).toHaveLength(21);
    expect(clock.pending).toBe(1);
    clock.pass(1_000);
    expect(lines).toHaveLength(21);
    expect(clock.pending).toBe(0);
  });

  it('tells what it held back when it is closed, and leaves no timer', () => {
    const { log, clock, lines } = makeLog();
    for (let n = 1; n <= 22; n++) log.warn({ n }, 'refused');
    log.close();
    expect(lines.at(-1)).toEqual({ level: 'warn', fields: { n: 22, alike: 2 }, message: 'refused' });
    expect(clock.pending).toBe(0);
  });
});
