import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readResults } from '../../../scripts/test-results.mjs';

const folder = mkdtempSync(join(tmpdir(), 'sluice-results-'));
const path = join(folder, 'results.json');

afterAll(() => rmSync(folder, { recursive: true }));

/** Reads what jest tells of one file of tests. */
function read(status: string, ...tests: readonly [status: string, title: string][]): ReturnType<typeof readResults> {
  const assertionResults = tests.map(([result, title]) => ({ status: result, ancestorTitles: ['a viewer', 'needs ffprobe'], title }));
  writeFileSync(path, JSON.stringify({ testResults: [{ name: join(__dirname, 'x.test.ts'), status, assertionResults }] }));
  return readResults(path);
}

describe('the results of a run of tests', () => {
  it('are counted, and what was skipped is named', () => {
    expect(read('failed', ['passed', 'a'], ['passed', 'b'], ['failed', 'c'], ['pending', 'd'], ['todo', 'e'])).toEqual({
      passed: 2,
      failed: 1,
      skipped: ['test/unit/scripts/x.test.ts › a viewer › needs ffprobe › d', 'test/unit/scripts/x.test.ts › a viewer › needs ffprobe › e'],
    });
  });

  it('have a failure for a file that does not load', () => {
    expect(read('failed')).toEqual({ passed: 0, failed: 1, skipped: [] });
  });

  it('are none if the run was broken off', () => {
    expect(readResults(join(folder, 'nothing.json'))).toBeUndefined();
  });
});
