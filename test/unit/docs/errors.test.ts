import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entryOf, type ErrorCode, ERRORS, SluiceError } from '../../../src/protocol/error-code';

const page = readFileSync(join(__dirname, '../../../docs/errors.md'), 'utf8');
const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (\d+) \| (\d+) \| (yes|no) \| (.+?) \| (.+?) \|$/gm)];

describe('docs/errors.md', () => {
  it('lists every code with its status, close code, whether it may be tried again, and remedy, and no other', () => {
    const listed = Object.fromEntries(
      rows.map(([, code, status, close, retry, , remedy]) => [code, { status: Number(status), close: Number(close), ...(retry === 'yes' && { retry: true }), remedy }]),
    );
    const codes = Object.keys(ERRORS) as ErrorCode[];
    expect(listed).toEqual(Object.fromEntries(codes.map((code) => [code, entryOf(new SluiceError(code, ''))])));
  });
});
