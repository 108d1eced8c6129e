import { FuzzedRelay } from './fuzzed-relay.mjs';
import { LaterAnswers } from './later-answers.mjs';
import { Random } from './random.mjs';

/**
 * Attacks what a relay of its own answers later, until `isOver`.
 * @param {number} seed
 * @param {(steps: number) => boolean} isOver
 * @param {(line: string) => void} [tell] Is told now and then how far it is.
 */
export async function fuzzRelay(seed, isOver, tell = () => undefined) {
  const relay = await FuzzedRelay.start();
  const attack = new LaterAnswers(relay, new Random(seed));
  const begun = performance.now();
  try {
    while (!isOver(attack.counts.steps)) {
      await attack.step();
      if (attack.counts.steps % 5_000 === 0) tell(describe(attack, begun, seed));
    }
  } catch (error) {
    attack.findings.add(error instanceof Error ? error.message : String(error));
  } finally {
    await attack.finish();
    await relay.close();
  }
  tell(describe(attack, begun, seed));
  return { findings: [...attack.findings], ...attack.counts };
}

/**
 * @param {LaterAnswers} attack
 * @param {number} begun
 * @param {number} seed
 */
function describe({ counts: { steps, answers }, findings }, begun, seed) {
  const told = Object.entries(answers).map(([status, count]) => `${count} × ${status}`);
  return `${((performance.now() - begun) / 1000).toFixed(0)} s, seed ${seed}: ${steps} steps, answers ${told.join(', ')}, ${findings.size} findings`;
}
