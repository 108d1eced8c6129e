import { RecentRefusals } from '../../../src/api/recent-refusals';
import { SluiceError } from '../../../src/protocol/error-code';
import { FakeClock } from '../../support/fake-clock';

const LAYOUT = new SluiceError('unsupported-layout', 'Cannot pass on this MP4', { remedy: 'Add the flag' });

describe('recent refusals', () => {
  let clock: FakeClock;
  let refusals: RecentRefusals;

  beforeEach(() => {
    clock = new FakeClock();
    refusals = new RecentRefusals(clock);
  });

  const note = (name: string, address = '203.0.113.7', error = LAYOUT): void => refusals.note({ name, address, error });

  it('are listed with their remedy, the last one first', () => {
    note('cam');
    clock.pass(1_000);
    note('film', '203.0.113.8');
    expect(refusals.list()).toEqual([
      { name: 'film', address: '203.0.113.8', code: 'unsupported-layout', message: 'Cannot pass on this MP4', remedy: 'Add the flag', count: 1, first: clock.wall(), last: clock.wall() },
      { name: 'cam', address: '203.0.113.7', code: 'unsupported-layout', message: 'Cannot pass on this MP4', remedy: 'Add the flag', count: 1, first: clock.wall() - 1_000, last: clock.wall() - 1_000 },
    ]);
  });

  it('are counted where the same publisher is refused for the same reason again', () => {
    const first = clock.wall();
    note('cam');
    note('film');
    clock.pass(5_000);
    note('cam');
    expect(refusals.list().map(({ name, count, first: since, last }) => ({ name, count, since, last }))).toEqual([
      { name: 'cam', count: 2, since: first, last: first + 5_000 },
      { name: 'film', count: 1, since: first, last: first },
    ]);
  });

  it('are a hundred at most', () => {
    for (let index = 0; index < 150; index++) note('cam', `203.0.113.${index}`);
    expect(refusals.list()).toHaveLength(100);
    expect(refusals.list()[0]?.address).toBe('203.0.113.149');
  });

  it('of one address are twenty at most, so that it pushes out no others', () => {
    note('cam', '198.51.100.1');
    for (let index = 0; index < 500; index++) note(`cam${index}`);
    for (let index = 0; index < 500; index++) note(`cam${index}`, `2001:db8::${index.toString(16)}`);
    expect(refusals.list()).toHaveLength(41);
    expect(refusals.list().at(-1)?.address).toBe('198.51.100.1');
  });

  it('retain little of what comes from outside', () => {
    note('x'.repeat(5_000), '203.0.113.7', new SluiceError('bad-name', 'y'.repeat(5_000), { remedy: 'z'.repeat(5_000) }));
    const [refusal] = refusals.list();
    expect([refusal?.name.length, refusal?.message.length, refusal?.remedy.length]).toEqual([80, 500, 500]);
  });

  it('are none where a publisher goes on by another connection', () => {
    note('cam', '203.0.113.7', new SluiceError('replaced', 'A newer connection publishes'));
    expect(refusals.list()).toEqual([]);
  });

  it('show nothing of a key that was taken for a part of the name', () => {
    note('cam?token=secret');
    expect(refusals.list().map(({ name }) => name)).toEqual(['cam']);
  });
});
