/**
 * Gives everybody a turn in each round, so that what else the machine does disturbs all of them.
 * Another begins each round: who comes after a heavy one has a hot processor.
 * @template Contestant
 * @param {readonly Contestant[]} contestants
 * @param {number} rounds
 * @param {(contestant: Contestant, round: number) => Promise<unknown>} turn
 */
export async function inTurns(contestants, rounds, turn) {
  for (let round = 0; round < rounds; round++) {
    const first = round % contestants.length;
    for (const contestant of [...contestants.slice(first), ...contestants.slice(0, first)]) await turn(contestant, round);
  }
}
