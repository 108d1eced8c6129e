import { broadcastWarning } from '../../../player/studio/broadcast-warning';
import { QuietWatch } from '../../../player/studio/quiet-watch';
import { type Warning, WarningBoard } from '../../../player/studio/warning-board';

const warning = (code: string): Warning => ({ code, title: code, remedy: 'Do something' });

describe('a board of warnings', () => {
  it('tells of a warning once, however often it is raised', () => {
    const raised: string[] = [];
    const board = new WarningBoard(({ code }) => raised.push(code));
    board.raise(warning('slow'), 10);
    board.raise(warning('slow'), 20);
    expect(raised).toEqual(['slow']);
    expect(board.list(15).map(({ code }) => code)).toEqual(['slow']);
    expect(board.list(20)).toEqual([]);
    board.raise(warning('slow'), 40);
    expect(raised).toEqual(['slow', 'slow']);
  });

  it('keeps what has no end until it is lowered', () => {
    const board = new WarningBoard(() => undefined);
    board.raise(warning('black'));
    expect(board.list(1e9)).toHaveLength(1);
    board.lower('black');
    expect(board.list(0)).toEqual([]);
  });
});

describe('a watch for quiet', () => {
  it('tells it once it has lasted', () => {
    const watch = new QuietWatch({ level: 0.1, patience: 1_000 });
    expect([0, 500, 1_000].map((now) => watch.take(0.01, now))).toEqual([false, false, true]);
  });

  it('begins anew with each sound, and where nothing can be measured', () => {
    const watch = new QuietWatch({ level: 0.1, patience: 1_000 });
    watch.take(0, 0);
    expect(watch.take(0.2, 900)).toBe(false);
    expect(watch.take(0, 1_000)).toBe(false);
    expect(watch.take(undefined, 2_500)).toBe(false);
    expect(watch.take(0, 2_600)).toBe(false);
    expect(watch.take(0, 3_600)).toBe(true);
  });
});

describe('a warning of the publisher', () => {
  it('is told in words, with what to do', () => {
    expect(broadcastWarning({ code: 'upload-slow', message: '' })?.warning).toMatchObject({ title: expect.stringContaining('upload is too slow'), remedy: expect.stringContaining('lower quality') });
  });

  it('repeats what the relay says when it is busy', () => {
    expect(broadcastWarning({ code: 'relay-busy', message: 'Cannot take more' })?.warning.title).toBe('Cannot take more');
  });

  it('is left out where the studio tells more itself', () => {
    expect(broadcastWarning({ code: 'track-ended', message: '' })).toBeUndefined();
  });
});
