import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readResults } from '../../../scripts/test-results.mjs';

const folder = mkdtempSync(join(tmpdir(), 'sluice-results-'));
const path = join(folder, 'results.json');

afterAll(() => rmSync(folder, { recursive: true }));

type Test = readonly [status: string, title: string, invocations?: number];

/** Writes what jest reports of one file of tests. */
function write(status: string, ...tests: readonly Test[]): void {
  const assertionResults = tests.map(([result, title, invocations]) => ({ status: result, ancestorTitles: ['a viewer', 'needs ffprobe'], title, invocations }));
  writeFileSync(path, JSON.stringify({ testResults: [{ name: join(__dirname, 'x.test.ts'), status, assertionResults }] }));
}

function read(status: string, ...tests: readonly Test[]): ReturnType<typeof readResults> {
  write(status, ...tests);
  return readResults(path);
}

describe('the results of a run of tests', () => {
  it('are counted, and what was skipped is named', () => {
    expect(read('failed', ['passed', 'a'], ['passed', 'b'], ['failed', 'c'], ['pending', 'd'], ['todo', 'e'])).toEqual({
      passed: 2,
      failed: 1,
      skipped: ['test/unit/scripts/x.test.ts › a viewer › needs ffprobe › d', 'test/unit/scripts/x.test.ts › a viewer › needs ffprobe › e'],
      retried: [],
      left: 0,
    });
  });

  it('have tests that the run was not meant to run, which are not counted as skipped', () => {
    write('passed', ['passed', 'a'], ['pending', 'b for later'], ['pending', 'c']);
    expect(readResults(path, (name) => !name.endsWith('for later'))).toEqual({ passed: 1, failed: 0, skipped: ['test/unit/scripts/x.test.ts › a viewer › needs ffprobe › c'], retried: [], left: 1 });
  });

  it('name the tests that passed only at the second try', () => {
    expect(read('failed', ['passed', 'a', 1], ['passed', 'b', 2], ['failed', 'c', 2])?.retried).toEqual(['test/unit/scripts/x.test.ts › a viewer › needs ffprobe › b']);
  });

  it('have a failure for a file that does not load', () => {
    expect(read('failed')).toEqual({ passed: 0, failed: 1, skipped: [], retried: [], left: 0 });
  });

  it('are none if the run was broken off', () => {
    expect(readResults(join(folder, 'nothing.json'))).toBeUndefined();
  });
});
