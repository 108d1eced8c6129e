import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { ROOT } from '../../../scripts/programs.mjs';
import { startServer } from '../../../scripts/start-server.mjs';
import { eventually } from '../../support/eventually';
import { start } from '../../support/ffmpeg';

const program = (code: string): [string, ...string[]] => [process.execPath, '--input-type=module', '-e', code];
const SERVER = "console.log('Listens at http://127.0.0.1:4711/'); process.on('SIGTERM', () => process.exit(0)); setInterval(() => undefined, 1000);";
const moduleAt = (path: string): string => JSON.stringify(pathToFileURL(join(ROOT, 'scripts', path)).href);

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a server that a measurement starts', () => {
  it('has listened once its address is known', async () => {
    const { child, port } = await startServer(program(SERVER));
    expect(port).toBe(4711);
    child.kill();
  });

  it('is named with the end of its log, if it ends before', async () => {
    await expect(startServer(program("console.error('No room'); process.exitCode = 3;"), { keepLog: true })).rejects.toThrow(/ended with 3\nNo room/);
  });

  it('ends with the measurement, whose folder is deleted, if that is told to end', async () => {
    const code = `
      import { workFolder } from ${moduleAt('at-end.mjs')};
      import { startServer } from ${moduleAt('start-server.mjs')};
      const folder = workFolder('test');
      const { child } = await startServer(${JSON.stringify(program(SERVER))}, { cwd: folder });
      console.log(JSON.stringify({ folder, pid: child.pid }) + ';');
      setInterval(() => undefined, 1000);`;
    const [node, ...args] = program(code);
    const measurement = start(node, args);
    let printed = '';
    measurement.process.stdout?.on('data', (text: string) => (printed += text));
    const { folder, pid } = await eventually('it has started', () => (printed.includes(';') ? (JSON.parse(printed.replace(';', '')) as { folder: string; pid: number }) : undefined), 30_000);
    expect([existsSync(folder), isRunning(pid)]).toEqual([true, true]);
    measurement.process.kill('SIGTERM');
    expect((await measurement.ended).status).toBe(143);
    expect(existsSync(folder)).toBe(false);
    await eventually('the server has ended', () => !isRunning(pid), 30_000);
  });
});
