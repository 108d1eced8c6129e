#!/usr/bin/env node
// Tries the parsers of src/media with hostile bytes: npm run fuzz -- --seconds 60 --seed 1
// What breaks a promise is made small and saved in test/corpus, which the unit tests replay.
// With --target relay it attacks what a relay answers later instead: see later-answers.mjs.
import { Option } from 'commander';
import { built } from '../scripts/built.mjs';
import { commandLine, numberFrom, wholeFrom } from '../scripts/command-line.mjs';
import { build } from '../scripts/parts.mjs';
import { BrokenPromise, check, SMALL_LIMITS, thrownBy } from './check.mjs';
import { save, seeds } from './corpus.mjs';
import { checkCosts, checkHeld } from './costs.mjs';
import { fuzzRelay } from './fuzz-relay.mjs';
import { minimise } from './minimise.mjs';
import { makeInput } from './mutate.mjs';
import { Random } from './random.mjs';

/** @typedef {import('./check.mjs').Outcome} Outcome */

/** Between two lines of progress, ms. */
const PROGRESS = 30_000;
/** What a parser holds is looked at once in so many executions: the garbage collector takes its time. */
const HELD_EVERY = 500;
/** Inputs that did something new become seeds, up to so many and so large. */
const MAX_GROWN = 2000;
const MAX_GROWN_SIZE = 8192;

/** @type {{ seconds: number, seed: number, target: string }} */
const { seconds, seed, target } = commandLine('fuzz', 'Attacks the parsers of src/media with hostile bytes, or a relay with what it answers later.')
  .option('--seconds <n>', 'how long', numberFrom(0), 60)
  .option('--seed <n>', 'of what is tried', wholeFrom(0), 1)
  .addOption(new Option('--target <name>', 'what is attacked').choices(['media', 'relay']).default('media'))
  .parse()
  .opts();
await build(console.log);
const media = {
  ...built('media/media-parser'),
  ...built('media/media-error'),
  ...built('media/chunk'),
  ...built('media/container-parser'),
};
const kept = target === 'media' ? fuzz() : await relayHolds();
process.exitCode = kept ? 0 : 1;

/** Says whether a relay has answered whatever it was asked, and goes on. */
async function relayHolds() {
  const end = performance.now() + seconds * 1000;
  const { findings } = await fuzzRelay(seed, () => performance.now() > end, console.log);
  for (const finding of findings) console.log(`Finding: ${finding}`);
  return findings.length === 0;
}

/** Says whether every promise was kept. */
function fuzz() {
  const begun = performance.now();
  const pool = seeds();
  const given = pool.length;
  /** What inputs did: each is followed up once. */
  const known = new Set();
  /** Promises that were broken, so that each is saved once. */
  const findings = new Set();
  const counts = { executions: 0, bytes: 0, chunks: 0, errors: 0, understood: 0 };
  let told = begun;
  const tell = () => {
    const time = (performance.now() - begun) / 1000;
    const rate = (counts.executions / time).toFixed(0);
    const parts = [`${counts.executions} executions (${rate} a second)`, `${(counts.bytes / 2 ** 20).toFixed(0)} MiB`, `${counts.chunks} chunks`];
    parts.push(`${counts.understood} inputs understood to the end`, `${counts.errors} refused`, `${known.size} kinds of outcome`, `${findings.size} findings`);
    console.log(`${time.toFixed(0)} s, seed ${seed}: ${parts.join(', ')}`);
  };

  for (let run = 0; performance.now() - begun < seconds * 1000; run++) {
    // Each run has a seed of its own, so that a finding can be made again from its number alone as long as the pool is the same.
    const random = new Random(Math.imul(seed, 0x9e3779b1) ^ run);
    const input = makeInput(random, pool);
    const limits = random.oneIn(3) ? SMALL_LIMITS : media.DEFAULT_MEDIA_LIMITS;
    const cuts = random.bits();
    /** @param {Uint8Array} bytes */
    const attempt = (bytes) => {
      const outcome = check(media, bytes, { limits, random: new Random(cuts) });
      checkCosts(media, bytes, SMALL_LIMITS);
      return outcome;
    };
    counts.executions += 1;
    counts.bytes += input.length;
    try {
      const outcome = attempt(input);
      if (run % HELD_EVERY === 0) checkHeld(media, input, limits);
      counts.chunks += outcome.events.filter((event) => 'chunk' in event).length;
      if (outcome.error) counts.errors += 1;
      else counts.understood += 1;
      const kind = kindOf(outcome);
      if (!known.has(kind)) {
        known.add(kind);
        if (input.length <= MAX_GROWN_SIZE && pool.length < given + MAX_GROWN) pool.push(input);
      }
    } catch (error) {
      const message = describe(error);
      if (!findings.has(message)) {
        findings.add(message);
        const breaks = (/** @type {Uint8Array} */ bytes) => describe(thrownBy(() => attempt(bytes))) === message;
        console.log(`Finding: ${String(error)}\n  saved as ${save(breaks(input) ? minimise(input, breaks) : input)} (run ${run})`);
      }
    }
    if (performance.now() - told > PROGRESS) {
      told = performance.now();
      tell();
    }
  }
  tell();
  return findings.size === 0;
}

/**
 * What an input did, roughly: how it ended, and how much came of it.
 * @param {Outcome} outcome
 */
function kindOf({ events, error }) {
  const inits = events.filter((event) => 'init' in event);
  const mimes = new Set(inits.map((event) => ('init' in event ? event.init.mime : '')));
  return [Math.min(inits.length, 3), Math.ceil(Math.log2(events.length + 1)), ...mimes, describe(error)].join('|');
}

/**
 * An error without its numbers and quoted values, which are different each time.
 * @param {unknown} error
 */
function describe(error) {
  if (error === undefined) return '';
  const message = error instanceof Error ? error.message : String(error);
  return `${error instanceof BrokenPromise ? 'broken' : ''} ${message.split('\n', 2).join(' ').replace(/"[^"]*"/g, '""').replace(/-?\d+(\.\d+)?(e[+-]\d+)?/g, '#')}`;
}
