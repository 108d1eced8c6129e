import type { SluiceError } from '../../../src/protocol/error-code';
import { EPOCHS_PER_SECOND, type MediaRates, PublisherPace, WORK_PER_SECOND } from '../../../src/publish/publisher-pace';
import { FakeClock } from '../../support/fake-clock';

function setUp(rates: Partial<MediaRates>, holds = true): { clock: FakeClock; pace: PublisherPace; heard: string[] } {
  const clock = new FakeClock();
  const heard: string[] = [];
  const pace = new PublisherPace({
    ...{ maxBitrate: Infinity, maxChunkRate: Infinity, ...rates },
    clock,
    holds,
    hold: (held) => heard.push(held ? 'held' : 'goes on'),
    failed: ({ code, message }: SluiceError) => heard.push(`${code}: ${message}`),
  });
  return { clock, pace, heard };
}

describe('the pace of a publisher', () => {
  it('is its own without limits', () => {
    const { pace, heard } = setUp({});
    for (let count = 0; count < 1_000; count++) pace.count({ bytes: 1 << 20, chunks: 10 });
    expect(heard).toEqual([]);
  });

  it('lets keyframes pass, as long as it keeps to its rate over some seconds', () => {
    const { clock, pace, heard } = setUp({ maxBitrate: 1_000_000 });
    for (let second = 0; second < 600; second++) {
      pace.count({ bytes: second % 2 === 0 ? 200_000 : 50_000 });
      clock.pass(1_000);
    }
    expect(heard).toEqual([]);
  });

  it('is held until what came too fast has come in again', () => {
    const { clock, pace, heard } = setUp({ maxBitrate: 1_000_000 });
    pace.count({ bytes: 500_000 });
    expect(pace.held).toBe(false);
    pace.count({ bytes: 125_000 });
    expect([pace.held, heard]).toEqual([true, ['held']]);
    clock.pass(999);
    expect(pace.held).toBe(true);
    clock.pass(1);
    expect([pace.held, heard]).toEqual([false, ['held', 'goes on']]);
  });

  it('is held once, and longer, for what was read already', () => {
    const { clock, pace, heard } = setUp({ maxChunkRate: 100 });
    pace.count({ chunks: 450 });
    pace.count({ chunks: 50 });
    clock.pass(900);
    expect(heard).toEqual(['held']);
    clock.pass(100);
    expect(heard).toEqual(['held', 'goes on']);
  });

  it('ends whoever is still too fast after half a minute', () => {
    const { clock, pace, heard } = setUp({ maxBitrate: 2_000_000, maxChunkRate: 100 });
    let seconds = 0;
    for (; heard.at(-1)?.startsWith('too-fast') !== true && seconds < 100; seconds += 0.1) {
      if (!pace.held) pace.count({ bytes: 60_000, chunks: 1 });
      clock.pass(100);
    }
    expect(heard.at(-1)).toBe('too-fast: Cannot take more than 2 Mbit a second (--max-bitrate): this came faster for 30 s');
    expect(seconds).toBeGreaterThan(30);
    expect(seconds).toBeLessThan(75);
  });

  it('names every rate that is too fast', () => {
    const { clock, pace, heard } = setUp({ maxBitrate: 1_000_000, maxChunkRate: 10 });
    pace.count({ bytes: 100_000_000, chunks: 10_000 });
    clock.pass(30_000);
    expect(heard.at(-1)).toBe('too-fast: Cannot take more than 1 Mbit a second (--max-bitrate) and 10 chunks a second (--max-chunk-rate): this came faster for 30 s');
  });

  it('lets an encoder change its size a few times a second, and a recorder that has been cut off send what it began meanwhile', () => {
    const { clock, pace, heard } = setUp({});
    for (let i = 0; i < 5 * EPOCHS_PER_SECOND; i++) {
      pace.count({ epochs: 1 });
      clock.pass(1_000 / EPOCHS_PER_SECOND);
    }
    clock.pass(10_000);
    for (let i = 0; i < 4 * EPOCHS_PER_SECOND; i++) pace.count({ epochs: 1 });
    expect(heard).toEqual([]);
  });

  it.each([
    ['init segments', { epochs: 4 * EPOCHS_PER_SECOND + 1 }, '5 init segments a second'],
    ['work', { work: 4 * WORK_PER_SECOND + WORK_PER_SECOND }, 'a tenth of a processor for its boxes, elements and samples'],
  ])('holds, and then ends, whoever makes too much of %s, whatever the rates are', (_, count, name) => {
    const { clock, pace, heard } = setUp({});
    pace.count(count);
    expect(heard).toEqual(['held']);
    for (let i = 0; i < 40; i++) {
      clock.pass(1_000);
      if (!pace.held) pace.count(count);
    }
    expect(heard.at(-1)).toBe(`too-fast: Cannot take more than ${name}: this came faster for 30 s`);
  });

  it('ends a source that can’t be held as soon as it begins too many epochs, and doesn’t count its work', () => {
    const { clock, pace, heard } = setUp({}, false);
    pace.count({ work: 100 * WORK_PER_SECOND, epochs: 4 * EPOCHS_PER_SECOND });
    clock.pass(0);
    expect(pace.held).toBe(false);
    pace.count({ epochs: 1 });
    clock.pass(0);
    expect(heard.at(-1)).toBe('too-fast: Cannot take more than 5 init segments a second');
  });

  it('holds whoever sends it in very many small pieces until 5,000 a second are kept, and never ends it for that', () => {
    const { clock, pace, heard } = setUp({});
    let pieces = 0;
    for (let time = 0; time < 300_000; time += 100) {
      if (!pace.held) {
        pace.count({ bytes: 9_000, pieces: 9_000 });
        pieces += 9_000;
      }
      clock.pass(100);
    }
    expect(new Set(heard)).toEqual(new Set(['held', 'goes on']));
    expect(pieces).toBeLessThan(20_000 + 300 * 5_000 + 18_000);
    expect(pieces).toBeGreaterThan(300 * 4_000);
  });

  it('never holds a recorder that sends a message in 10 ms for each of two tracks', () => {
    const { clock, pace, heard } = setUp({});
    for (let time = 0; time < 600_000; time += 10) {
      pace.count({ bytes: 1_000, chunks: 1, pieces: 2 });
      clock.pass(10);
    }
    expect(heard).toEqual([]);
  });

  it('counts it as too fast only for what is too fast, also where it comes in small pieces', () => {
    const { clock, pace, heard } = setUp({ maxBitrate: 1_000_000 });
    for (let time = 0; time < 120_000 && heard.at(-1)?.startsWith('too-fast') !== true; time += 100) {
      if (!pace.held) pace.count({ bytes: 9_000, pieces: 9_000 });
      clock.pass(100);
    }
    expect(new Set(heard)).toEqual(new Set(['held', 'goes on']));
    for (let time = 0; time < 120_000 && heard.at(-1)?.startsWith('too-fast') !== true; time += 100) {
      if (!pace.held) pace.count({ bytes: 90_000, pieces: 1 });
      clock.pass(100);
    }
    expect(heard.at(-1)).toMatch(/^too-fast/);
  });

  it('forgives whoever is too fast now and then', () => {
    const { clock, pace, heard } = setUp({ maxBitrate: 1_000_000 });
    for (let minute = 0; minute < 60; minute++) {
      pace.count({ bytes: 1_500_000 });
      clock.pass(60_000);
    }
    expect(new Set(heard)).toEqual(new Set(['held', 'goes on']));
  });

  it('is no more once the publisher is gone', () => {
    const { clock, pace, heard } = setUp({ maxBitrate: 1_000_000 });
    pace.count({ bytes: 1_000_000 });
    pace.close();
    pace.count({ bytes: 100_000_000 });
    clock.pass(100_000);
    expect([heard, clock.pending]).toEqual([['held'], 0]);
  });
});
