import { fuzzRelay } from '../../fuzz/fuzz-relay.mjs';

describe('what a relay answers later', () => {
  it.each([1, 2])('is answered, and the relay goes on, whatever publishers and viewers do meanwhile (seed %i of npm run fuzz)', async (seed) => {
    const { findings, answers } = await fuzzRelay(seed, (steps) => steps >= 600);
    expect(findings).toEqual([]);
    expect(answers['200']).toBeGreaterThan(0);
  });
});
