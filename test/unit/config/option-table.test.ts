import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPTION_LIST } from '../../../src/config/option-list';
import { optionTable, withOptionTable } from '../../../src/config/option-table';
import { packageRoot } from '../../../src/base/package';

describe('the table of options', () => {
  it('tells of every option its flag, environment name and default', () => {
    const table = optionTable();
    for (const { flag, env } of OPTION_LIST) {
      expect(table).toContain(`\`${flag}`);
      expect(table).toContain(`\`${env}\``);
    }
    expect(table).toContain('`--port NUMBER` | `SLUICE_PORT` | `8080` |');
  });

  it('is the one in docs/options.md (npm run build && node scripts/options.mjs writes it)', () => {
    const page = readFileSync(join(packageRoot(), 'docs/options.md'), 'utf8');
    expect(page).toContain('<!-- options -->');
    expect(page).toBe(withOptionTable(page));
  });
});
