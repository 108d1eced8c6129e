import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const BUSY = pathToFileURL(join(__dirname, '../../../scripts/busy.mjs')).href;
let loops: number[] = [];

/** A program that starts busy loops and doesn't end. They share its standard error, so it is closed when all of them have ended. */
async function startBusyProgram(): Promise<ChildProcess> {
  const program = spawn(process.execPath, ['--input-type=module', '--eval', `import { startBusyLoops } from '${BUSY}'; console.log(JSON.stringify(startBusyLoops().map(({ pid }) => pid)));`]);
  const [text] = (await once(program.stdout, 'data')) as [Buffer];
  loops = JSON.parse(text.toString()) as number[];
  return program;
}

afterEach(() => {
  for (const pid of loops) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended, as it should.
    }
  }
});

describe('busy loops', () => {
  it.each(['SIGINT', 'SIGKILL'] as const)('run until the program that started them is ended by %s', async (signal) => {
    const program = await startBusyProgram();
    expect(loops).toHaveLength(2);
    for (const pid of loops) expect(() => process.kill(pid, 0)).not.toThrow();
    const allEnded = once(program, 'close');
    program.kill(signal);
    await allEnded;
  });
});
