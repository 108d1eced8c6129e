import { inTurns } from '../../../bench/report/turns.mjs';

describe('contestants', () => {
  it('have a turn each in every round, which another of them begins', async () => {
    const turns: string[] = [];
    await inTurns(['a', 'b', 'c'], 4, (name, round) => {
      turns.push(`${name}${round}`);
      return Promise.resolve();
    });
    expect(turns).toEqual(['a0', 'b0', 'c0', 'b1', 'c1', 'a1', 'c2', 'a2', 'b2', 'a3', 'b3', 'c3']);
  });
});
