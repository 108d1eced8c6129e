import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogOutput } from '../../../src/base/log-output';
import { eventually } from '../../support/eventually';
import { FakeClock } from '../../support/fake-clock';
import { Fifo } from '../../support/fifo';

const FULL = '/dev/full';
/** A line of 100 bytes that has its number. */
const line = (number: number): string => `${String(number).padStart(99, '.')}\n`;

let fifo: Fifo;
let clock: FakeClock;

beforeEach(() => {
  fifo = new Fifo();
  clock = new FakeClock();
});

afterEach(() => fifo.remove());

function outputTo(fd: number, limit = 1_000): LogOutput {
  const output: LogOutput = new LogOutput({ fd, limit, after: (ms, run) => clock.after(ms, run), notice: (count) => output.write(`${count} missing\n`) });
  return output;
}

describe('LogOutput', () => {
  it('writes each line to a pipe at once', () => {
    const output = outputTo(fifo.openWriter({ nonBlocking: true }));
    output.write('one\n');
    output.write('two\n');
    expect(fifo.read()).toBe('one\ntwo\n');
  });

  it('writes the lines to a file in their order', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-log-output-'));
    const path = join(folder, 'log');
    const fd = openSync(path, 'a');
    const output = outputTo(fd, 1_000_000);
    const lines = Array.from({ length: 1_000 }, (_, number) => line(number));
    for (const each of lines) output.write(each);
    await eventually('all is written', () => readFileSync(path, 'utf8').length === 100_000);
    expect(readFileSync(path, 'utf8')).toBe(lines.join(''));
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });

  it('keeps lines up to its limit while nobody reads the pipe, and writes them once somebody does', () => {
    const output = outputTo(fifo.openWriter({ nonBlocking: true }));
    fifo.fill();
    for (let number = 0; number < 10; number++) output.write(line(number));
    fifo.read();
    clock.pass(100);
    expect(fifo.read()).toBe(Array.from({ length: 10 }, (_, number) => line(number)).join(''));
    expect(output.dropped).toBe(0);
  });

  it('drops and counts the lines beyond its limit, and says how many in their place once the pipe is read again', () => {
    const output = outputTo(fifo.openWriter({ nonBlocking: true }));
    fifo.fill();
    for (let number = 0; number < 25; number++) output.write(line(number));
    expect(output.dropped).toBe(15);
    fifo.read();
    clock.pass(100);
    output.write('after\n');
    const lines = fifo.read().split('\n');
    expect(lines.slice(9)).toEqual([line(9).trim(), '15 missing', 'after', '']);
    expect(output.dropped).toBe(15);
  });

  it('never cuts a line that others may write beside, unless it is longer than 4 KiB', () => {
    const output = outputTo(fifo.openWriter({ nonBlocking: true }), 100_000);
    fifo.fill();
    const lines = Array.from({ length: 80 }, (_, number) => line(number)).concat(`${'y'.repeat(10_000)}\n`, 'last\n');
    for (const each of lines) output.write(each);
    fifo.read();
    clock.pass(100);
    expect(fifo.read()).toBe(lines.join(''));
  });

  it.each([
    ['whose disk is full', () => openSync(FULL, 'w')],
    ['whose reader has gone', () => {
      const writer = fifo.openWriter({ nonBlocking: true });
      fifo.closeReader();
      return writer;
    }],
  ])('throws nothing where it writes to something %s, keeps what its limit lets it, and tries again each second', (_what, open) => {
    const fd = open();
    const output = outputTo(fd);
    for (let number = 0; number < 100; number++) output.write(line(number));
    expect(output.dropped).toBe(90);
    clock.pass(10_000);
    expect(clock.pending).toBe(1);
  });

  it('writes at the end what still waits, and gives up after half a second where nobody reads', () => {
    const output = outputTo(fifo.openWriter({ nonBlocking: true }));
    fifo.fill();
    for (let number = 0; number < 25; number++) output.write(line(number));
    const since = performance.now();
    output.flush();
    expect(performance.now() - since).toBeGreaterThan(400);
    fifo.read();
    output.flush();
    expect(fifo.read().split('\n').at(-2)).toBe('15 missing');
  });

  it('gives up at once at the end where nothing can be written at all', () => {
    const output = outputTo(openSync(FULL, 'w'));
    output.write('one\n');
    output.flush();
    expect(output.dropped).toBe(0);
  });
});
