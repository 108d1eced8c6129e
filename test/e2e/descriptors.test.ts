import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../src/base/package';
import { FFMPEG } from '../support/ffmpeg';
import { PATIENCE } from '../support/patience';

const BUILT = JSON.stringify(join(packageRoot(), 'dist', 'server'));
const PROGRAM = JSON.stringify(FFMPEG);

/** What a process tells that runs `program` when no descriptor is left: `outcome` prints a line, and the last is its exit code. */
function withoutDescriptors(program: string): string[] {
  const script = `
    const { openSync } = require('node:fs');
    const outcome = (text) => process.stdout.write(text + '\\n');
    const begin = () => { try { for (;;) openSync('/dev/null'); } catch (error) { outcome(error.code); } };
    process.on('exit', outcome);
    ${program}`;
  const { stdout } = spawnSync('sh', ['-c', 'ulimit -n 64; exec "$0" -e "$1"', process.execPath, script], { encoding: 'utf8', timeout: PATIENCE });
  return stdout.trim().split('\n');
}

describe('a relay whose descriptors are all in use, as a crowd of connections can see to,', () => {
  it('makes no picture, and goes on', () => {
    const told = withoutDescriptors(`
      const { jpegEncoder } = require(${BUILT} + '/ffmpeg/jpeg-encoder.js');
      begin();
      jpegEncoder(${PROGRAM})({ container: 'mp4', init: Buffer.alloc(8), chunk: Buffer.alloc(8) }, new AbortController().signal)
        .then(() => outcome('made'), (error) => outcome(error.code));`);
    expect(told).toEqual(['EMFILE', 'EMFILE', '0']);
  });

  it('can’t run a source, which is told of like any failure', () => {
    const told = withoutDescriptors(`
      const { FluentRunner } = require(${BUILT} + '/ffmpeg/fluent-runner.js');
      const runner = new FluentRunner(${PROGRAM});
      begin();
      runner.run({ input: 'x.mp4', before: [], after: ['-f', 'mp4'] }, () => undefined)
        .ended.then(({ clean, lines }) => outcome(JSON.stringify({ clean, lines })));`);
    expect(told).toEqual(['EMFILE', JSON.stringify({ clean: false, lines: [`spawn ${FFMPEG} EMFILE`] }), '0']);
  });
});
