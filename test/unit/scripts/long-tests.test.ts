import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { filesOfLongTests, isLong, LONG, MARK, NOT_LONG } from '../../../scripts/long-tests.mjs';

const ROOT = join(__dirname, '../../..');

describe('every test', () => {
  it('is run by npm test or by npm run test:long, and not by both', () => {
    for (const name of ['a viewer plays', `a viewer plays every codec ${MARK}`, `a relay ${MARK} that is lost\nis found`, '(lengthy) media', 'long media', `an outage ${MARK.toUpperCase()}`]) {
      const [inLong, inTest] = [LONG, NOT_LONG].map((pattern) => new RegExp(pattern, 'i').test(name));
      expect({ name, inLong, inTest }).toEqual({ name, inLong: isLong(name), inTest: !isLong(name) });
    }
  });

  it('is in a folder that is a step of npm test', () => {
    const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' }).filter((path) => /\.test\.\w+$/.test(path));
    const folders = new Set(files.map((path) => path.split(/[/\\]/)[0]));
    const { stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/test.mjs'), 'no-such-step'], { encoding: 'utf8' });
    const steps = /one of (.*), with/.exec(stderr)![1]!.split(', ');
    expect(steps).toEqual(expect.arrayContaining([...folders]));
    expect(files.filter((path) => !path.endsWith('.ts'))).toEqual([]);
  });

  it('that is long is found by its file', () => {
    expect(filesOfLongTests()).toContain(join('test', 'browser', 'codecs.test.ts'));
    expect(filesOfLongTests()).not.toContain(join('test', 'unit', 'lint.test.ts'));
  });
});
