import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../src/base/package';
import { withFlagTable } from '../../../src/push/flag-table';
import { EXIT } from '../../../src/push/push-error';

const page = readFileSync(join(packageRoot(), 'docs/publishing.md'), 'utf8');

describe('docs/publishing.md', () => {
  it('has every option of sluice push (npm run build && node scripts/options.mjs writes them)', () => {
    expect(page).toContain('| `--video CODEC` |');
    expect(page).toBe(withFlagTable(page));
  });

  it('explains every exit code', () => {
    const explained = [...page.matchAll(/^\| ((?:\d+, )*\d+) \| /gm)].flatMap(([, codes]) => codes!.split(', ').map(Number));
    expect(explained).toEqual(Object.values(EXIT));
  });
});
