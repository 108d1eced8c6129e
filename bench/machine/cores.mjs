import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { findOnPath } from '../../scripts/programs.mjs';

/**
 * Where server and client run, so that neither takes time from the other.
 * @typedef {object} Cores
 * @property {number | undefined} server The core of servers; undefined if they aren't pinned.
 * @property {string} text What is so, in words.
 */

/**
 * Pins this process to one core, and says to which other servers may be pinned.
 * @returns {Cores}
 */
export function takeCores() {
  if (findOnPath(['taskset']) === undefined) return { server: undefined, text: 'not pinned: there is no taskset' };
  if (availableParallelism() < 2) return { server: undefined, text: 'not pinned: there is one core' };
  execFileSync('taskset', ['-acp', '1', String(process.pid)], { stdio: 'ignore' });
  return { server: 0, text: 'server on core 0, client on core 1' };
}

/**
 * The command line that runs a program on that core.
 * @param {number | undefined} core
 * @param {readonly [string, ...string[]]} command
 * @returns {readonly [string, ...string[]]}
 */
export function onCore(core, command) {
  return core === undefined ? command : ['taskset', '-c', String(core), ...command];
}
