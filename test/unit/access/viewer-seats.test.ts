import fc from 'fast-check';
import { SluiceError } from '../../../src/protocol/error-code';
import { ViewerSeats, type Visit } from '../../../src/access/viewer-seats';

const NO_LIMIT = { maxViewers: Infinity, maxViewersPerStream: Infinity, maxViewersPerAddress: Infinity };
const visit = (name: string, address = '192.0.2.1'): Visit => ({ name, address });

function refusal(run: () => unknown): SluiceError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(SluiceError);
    return error as SluiceError;
  }
}

describe('the seats of viewers', () => {
  it('are without end where there is no limit', () => {
    const seats = new ViewerSeats(NO_LIMIT);
    for (let count = 0; count < 1_000; count++) seats.take(visit('cam'));
    expect(seats.taken).toBe(1_000);
  });

  it.each([
    ['in all', { ...NO_LIMIT, maxViewers: 2 }, 'full', '--max-viewers)', visit('c', '192.0.2.3')],
    ['of a stream', { ...NO_LIMIT, maxViewersPerStream: 2 }, 'full', '--max-viewers-per-stream)', visit('cam', '192.0.2.3')],
    ['of an address', { ...NO_LIMIT, maxViewersPerAddress: 2 }, 'too-many', '--max-viewers-per-address)', visit('c')],
  ] as const)('%s are taken when there are as many as may be', (_which, limits, code, flag, third) => {
    const seats = new ViewerSeats(limits);
    seats.take(visit('cam'));
    const leave = seats.take(visit('cam'));
    const error = refusal(() => seats.check(third));
    expect(error).toMatchObject({ code, message: expect.stringContaining(flag), retryAfter: expect.any(Number) });
    expect(refusal(() => seats.take(third))?.code).toBe(code);
    leave();
    leave();
    seats.take(third);
    expect(refusal(() => seats.take(third))?.code).toBe(code);
  });

  it('of one IPv6 network are counted together', () => {
    const seats = new ViewerSeats({ ...NO_LIMIT, maxViewersPerAddress: 1 });
    seats.take(visit('cam', '2001:db8::1'));
    expect(refusal(() => seats.check(visit('cam', '2001:db8::2')))?.code).toBe('too-many');
    expect(refusal(() => seats.check(visit('cam', '2001:db8:0:1::2')))).toBeUndefined();
  });

  it('are counted as a plain list of who sits there would be, whoever comes, is refused, and goes', () => {
    const visits = fc.record({ name: fc.constantFrom('a', 'b', 'c'), address: fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8::1') });
    const steps = fc.array(fc.oneof({ weight: 3, arbitrary: visits }, { weight: 2, arbitrary: fc.nat(30) }), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (all) => {
        const limits = { maxViewers: 6, maxViewersPerStream: 4, maxViewersPerAddress: 3 };
        const seats = new ViewerSeats(limits);
        const seated = new Map<() => void, Visit>();
        const leavers: (() => void)[] = [];
        for (const step of all) {
          if (typeof step === 'number') {
            // Who has gone already may be told to go again.
            const leave = leavers[step % Math.max(leavers.length, 1)];
            leave?.();
            if (leave !== undefined) seated.delete(leave);
          } else {
            const sitting = [...seated.values()];
            const room =
              sitting.length < limits.maxViewers &&
              sitting.filter(({ name }) => name === step.name).length < limits.maxViewersPerStream &&
              sitting.filter(({ address }) => address === step.address).length < limits.maxViewersPerAddress;
            expect(refusal(() => seats.check(step)) === undefined).toBe(room);
            if (room) {
              const leave = seats.take(step);
              leavers.push(leave);
              seated.set(leave, step);
            }
          }
          expect(seats.taken).toBe(seated.size);
        }
      }),
    );
  });
});
