import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { ROOT } from './programs.mjs';

/**
 * What a run of jest gave.
 * @typedef {object} TestResults
 * @property {number} passed
 * @property {number} failed A file that doesn't even load counts as one.
 * @property {string[]} skipped By file and full name.
 * @property {string[]} retried Those that passed at the second try, by file and full name.
 * @property {number} left Tests that this run wasn't meant to run.
 */

/**
 * Reads what `jest --json --outputFile` has written; `undefined` if it didn't come that far.
 * @param {string} path
 * @param {(name: string) => boolean} isMeant Whether the run was meant to run the test of that full name.
 * @returns {TestResults | undefined}
 */
export function readResults(path, isMeant = () => true) {
  if (!existsSync(path)) return undefined;
  /** @type {{ testResults: { name: string, status: string, assertionResults: { status: string, ancestorTitles: string[], title: string, invocations?: number }[] }[] }} */
  const { testResults } = JSON.parse(readFileSync(path, 'utf8'));
  const results = { passed: 0, failed: 0, skipped: /** @type {string[]} */ ([]), retried: /** @type {string[]} */ ([]), left: 0 };
  for (const { name, status, assertionResults } of testResults) {
    const failures = assertionResults.filter((test) => test.status === 'failed').length;
    results.failed += status === 'failed' ? Math.max(failures, 1) : failures;
    for (const test of assertionResults) {
      const fullName = [relative(ROOT, name), ...test.ancestorTitles, test.title].join(' › ');
      if (test.status === 'passed') {
        results.passed += 1;
        if ((test.invocations ?? 1) > 1) results.retried.push(fullName);
      } else if (!isMeant([...test.ancestorTitles, test.title].join(' '))) results.left += 1;
      else if (test.status !== 'failed') results.skipped.push(fullName);
    }
  }
  return results;
}
