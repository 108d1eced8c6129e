import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS } from '../../../src/protocol/error-code';

const page = readFileSync(join(__dirname, '../../../docs/errors.md'), 'utf8');
const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (\d+) \| (\d+) \| (.+?) \| (.+?) \|$/gm)];

describe('docs/errors.md', () => {
  it('lists every code with its status, close code and remedy, and no other', () => {
    const listed = Object.fromEntries(
      rows.map(([, code, status, close, , remedy]) => [code, { status: Number(status), close: Number(close), remedy }]),
    );
    expect(listed).toEqual(ERRORS);
  });
});
