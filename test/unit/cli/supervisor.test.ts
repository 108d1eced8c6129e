import { EventEmitter } from 'node:events';
import { CRASHED, type Ending, LISTENING, type RelayProcess, Supervisor } from '../../../src/cli/supervisor';
import { Backoff } from '../../../src/protocol/backoff';
import { FakeClock } from '../../support/fake-clock';
import { listLog, type LogLine } from '../../support/relay';

class FakeProcess extends EventEmitter implements RelayProcess {
  readonly pid = 1;
  readonly signals: (NodeJS.Signals | number | undefined)[] = [];

  kill(signal?: NodeJS.Signals | number): boolean {
    this.signals.push(signal);
    return true;
  }

  listen(): void {
    this.emit('message', LISTENING);
  }

  end(code: number | null, signal: NodeJS.Signals | null = null): void {
    this.emit('exit', code, signal);
  }
}

/** A supervisor of fake relays, in time that stands still and without jitter. */
class Supervised {
  readonly clock = new FakeClock();
  readonly relays: FakeProcess[] = [];
  readonly swept: RelayProcess[] = [];
  readonly logged: LogLine[] = [];
  ending: Ending | undefined;
  readonly supervisor = new Supervisor({
    start: () => {
      const relay = new FakeProcess();
      this.relays.push(relay);
      return relay;
    },
    sweep: (relay) => this.swept.push(relay),
    clock: this.clock,
    log: listLog(this.logged),
    backoff: new Backoff(() => 1, { first: 500, longest: () => 30_000 }),
  });

  constructor() {
    this.supervisor.begin();
    void this.supervisor.ended.then((ending) => (this.ending = ending));
  }

  get relay(): FakeProcess {
    return this.relays.at(-1)!;
  }

  /** The newest relay ends, and the time until the next is started, ms; undefined if none is. */
  waitAfter(end: () => void): number | undefined {
    const { length } = this.relays;
    end();
    for (let waited = 0; waited <= 60_000; waited += 100) {
      if (this.relays.length > length) return waited;
      this.clock.pass(100);
    }
    return undefined;
  }
}

describe('a supervised relay', () => {
  it.each([[CRASHED, null], [1, null], [null, 'SIGKILL'], [null, 'SIGABRT']] as const)('that ends with %s, %s is started again, after what it left behind is killed', (code, signal) => {
    const supervised = new Supervised();
    supervised.relay.listen();
    const first = supervised.relay;
    expect(supervised.waitAfter(() => first.end(code, signal))).toBe(500);
    expect(supervised.swept).toEqual([first]);
    supervised.relay.listen();
    expect(supervised.logged).toEqual([
      { level: 'error', fields: { code, signal, retrySeconds: 0.5 }, message: 'The relay has ended unexpectedly, and is started again' },
      { level: 'warn', fields: { pid: 1 }, message: 'The relay was started again' },
    ]);
  });

  it('that crashes in a loop is started ever later, up to half a minute', () => {
    const supervised = new Supervised();
    supervised.relay.listen();
    const waits = Array.from({ length: 8 }, () => supervised.waitAfter(() => supervised.relay.end(CRASHED)));
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('that ran well for a minute is started again as soon as at first', () => {
    const supervised = new Supervised();
    for (let round = 0; round < 4; round++) supervised.waitAfter(() => supervised.relay.end(CRASHED));
    supervised.relay.listen();
    supervised.clock.pass(59_999);
    expect(supervised.waitAfter(() => supervised.relay.end(CRASHED))).toBe(8_000);
    supervised.relay.listen();
    supervised.clock.pass(60_000);
    expect(supervised.waitAfter(() => supervised.relay.end(CRASHED))).toBe(500);
  });

  it('that gives up before it ever listened is not started again: its configuration is wrong', async () => {
    const supervised = new Supervised();
    expect(supervised.waitAfter(() => supervised.relay.end(1))).toBeUndefined();
    await supervised.supervisor.ended;
    expect({ ending: supervised.ending, logged: supervised.logged }).toEqual({ ending: { code: 1, signal: null }, logged: [] });
  });

  it('that can’t start once it has listened before is tried again: what is in its way may go', () => {
    const supervised = new Supervised();
    supervised.relay.listen();
    expect(supervised.waitAfter(() => supervised.relay.end(null, 'SIGKILL'))).toBe(500);
    expect(supervised.waitAfter(() => supervised.relay.end(1))).toBe(1_000);
  });

  it('that somebody told to stop stays stopped', async () => {
    const supervised = new Supervised();
    supervised.relay.listen();
    expect(supervised.waitAfter(() => supervised.relay.end(0))).toBeUndefined();
    expect(await supervised.supervisor.ended).toEqual({ code: 0, signal: null });
  });

  it('is sent every signal, and its end is that of the supervisor', async () => {
    const supervised = new Supervised();
    supervised.relay.listen();
    supervised.supervisor.pass('SIGHUP');
    supervised.supervisor.stop('SIGINT');
    supervised.supervisor.stop('SIGINT');
    expect(supervised.relay.signals).toEqual(['SIGHUP', 'SIGINT', 'SIGINT']);
    expect(supervised.waitAfter(() => supervised.relay.end(1))).toBeUndefined();
    expect(await supervised.supervisor.ended).toEqual({ code: 1, signal: null });
  });

  it('that hangs when it is told to stop is killed', async () => {
    const supervised = new Supervised();
    supervised.relay.listen();
    supervised.supervisor.stop('SIGTERM');
    supervised.clock.pass(9_999);
    expect(supervised.relay.signals).toEqual(['SIGTERM']);
    supervised.clock.pass(1);
    expect(supervised.relay.signals).toEqual(['SIGTERM', 'SIGKILL']);
    supervised.relay.end(null, 'SIGKILL');
    expect(await supervised.supervisor.ended).toEqual({ code: null, signal: 'SIGKILL' });
    expect(supervised.clock.pending).toBe(0);
  });

  it('is not started again when a signal comes while it is waited for', async () => {
    const supervised = new Supervised();
    supervised.relay.listen();
    supervised.relay.end(CRASHED);
    supervised.supervisor.stop('SIGTERM');
    expect(await supervised.supervisor.ended).toEqual({ code: 0, signal: null });
    expect([supervised.clock.pending, supervised.relays.length]).toEqual([0, 1]);
  });
});
