import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** What pages of other people load: kept small enough that nobody has to think about it. Bytes. */
const LIMIT = 25 * 1024;

describe('the built player', () => {
  it.each(['sluice-video.js', 'sluice-video.iife.js', 'sluice-publisher.js'])('is one small file that needs no other: %s', (name) => {
    const file = readFileSync(join(__dirname, '../../dist/player', name));
    expect(gzipSync(file, { level: 9 }).length).toBeLessThan(LIMIT);
    // What it loads only when it needs it, hls.js, is loaded by `import()`.
    expect(/\bfrom\s*["']|\bimport\s*["']/.test(file.toString())).toBe(false);
  });
});
