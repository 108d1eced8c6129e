import { entryOf, SluiceError } from '../../../src/protocol/error-code';
import { MediaRefusals, reminderOf } from '../../../src/publish/media-refusals';
import { FakeClock } from '../../support/fake-clock';
import { isCollected } from '../../support/garbage';

const ME = { name: 'cam', who: 'studio', address: '203.0.113.7' };
const REFUSAL = new SluiceError('unsupported-layout', 'Cannot pass on this MP4: a flag is missing', { remedy: 'Add the flag' });

describe('refusals of media', () => {
  let clock: FakeClock;
  let refusals: MediaRefusals;

  beforeEach(() => {
    clock = new FakeClock();
    refusals = new MediaRefusals(clock);
  });

  it('are given once, with their code, message and remedy', () => {
    refusals.note(ME, REFUSAL);
    const given = refusals.take(ME);
    expect(given).toMatchObject({ code: 'unsupported-layout', message: 'Cannot pass on this MP4: a flag is missing' });
    expect(entryOf(given!)).toMatchObject({ status: 415, remedy: 'Add the flag' });
    expect(refusals.take(ME)).toBeUndefined();
  });

  it('are answered with the same code and remedy, and with what comes next', () => {
    const answer = reminderOf(REFUSAL);
    expect(answer.code).toBe('unsupported-layout');
    expect(entryOf(answer)).toMatchObject({ status: 415, remedy: 'Add the flag' });
    expect(answer.message).toBe('The last push was refused: Cannot pass on this MP4: a flag is missing. The next one is let in');
  });

  it.each([
    ['stream', { ...ME, name: 'film' }],
    ['key', { ...ME, who: 'guest' }],
    ['address', { ...ME, address: '203.0.113.8' }],
  ])('are not given for another %s', (_what, other) => {
    refusals.note(ME, REFUSAL);
    expect(refusals.take(other)).toBeUndefined();
    expect(refusals.take(ME)).toBeDefined();
  });

  it('are forgotten after a minute', () => {
    refusals.note(ME, REFUSAL);
    clock.pass(59_999);
    expect(refusals.take(ME)).toBeDefined();
    refusals.note(ME, REFUSAL);
    clock.pass(60_000);
    expect(refusals.take(ME)).toBeUndefined();
  });

  it('are forgotten when media of the same publisher was taken', () => {
    refusals.note(ME, REFUSAL);
    refusals.forget(ME);
    expect(refusals.take(ME)).toBeUndefined();
  });

  it('are not what has nothing to do with the media', () => {
    for (const code of ['publisher-idle', 'replaced', 'ended-by-operator', 'restarting', 'grant-expired', 'internal'] as const) refusals.note(ME, new SluiceError(code, 'Cannot go on'));
    expect(refusals.take(ME)).toBeUndefined();
  });

  it('are a thousand at most', () => {
    for (let index = 0; index <= 1_000; index++) refusals.note({ ...ME, name: `cam${index}` }, REFUSAL);
    expect(refusals.take({ ...ME, name: 'cam0' })).toBeUndefined();
    expect(refusals.take({ ...ME, name: 'cam1' })).toBeDefined();
  });

  it('retain nothing of the publisher that was refused', async () => {
    /** Until its stack is read, V8 has an error refer to what has thrown it. */
    class Parser {
      readonly retained = new Uint8Array(1 << 20);

      fail(): never {
        throw new SluiceError('malformed-media', 'Cannot read this', { cause: new Error(`at byte ${this.retained.length}`) });
      }
    }
    const refuse = (): WeakRef<Parser> => {
      const parser = new Parser();
      try {
        parser.fail();
      } catch (error) {
        refusals.note(ME, error as SluiceError);
      }
      return new WeakRef(parser);
    };
    expect(await isCollected(refuse())).toBe(true);
    expect(refusals.take(ME)?.code).toBe('malformed-media');
  });
});
