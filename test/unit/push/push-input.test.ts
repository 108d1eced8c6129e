import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { EXIT, PushError } from '../../../src/push/push-error';
import { pushCommand } from '../../../src/push/push-command';
import { toWishes } from '../../../src/push/push-flags';
import { readPushInput } from '../../../src/push/push-input';
import { StdinTape } from '../../../src/push/stdin-tape';

const LINUX = { platform: 'linux', display: ':1' } as const;

/** How an input is opened by ffmpeg, as one line. */
function opened(text: string, surroundings: Parameters<typeof readPushInput>[1] = LINUX): string {
  const { device = [], address } = readPushInput(text, surroundings);
  return [...device, '-i', address].join(' ');
}

describe('an input', () => {
  it.each([
    ['v4l2:/dev/video0', LINUX, '-f v4l2 -i /dev/video0'],
    ['alsa:hw:1', LINUX, '-f alsa -i hw:1'],
    ['pulse:', LINUX, '-f pulse -i default'],
    ['screen:', LINUX, '-f x11grab -framerate 30 -i :1'],
    ['screen::0.1', LINUX, '-f x11grab -framerate 30 -i :0.1'],
    ['screen:', { platform: 'darwin' }, '-f avfoundation -framerate 30 -i Capture screen 0:none'],
    ['screen:', { platform: 'win32' }, '-f gdigrab -framerate 30 -i desktop'],
    ['avfoundation:0:1', { platform: 'darwin' }, '-f avfoundation -framerate 30 -i 0:1'],
    ['dshow:video=My Camera:audio=Mic', { platform: 'win32' }, '-f dshow -rtbufsize 64M -i video=My Camera:audio=Mic'],
  ] as const)('%s is opened as a device', (text, surroundings, line) => {
    expect(opened(text, surroundings)).toBe(line);
    expect(readPushInput(text, surroundings).kind).toBe('device');
  });

  it('asks a camera of Linux for size and rate', () => {
    const picture = { size: { width: 1280, height: 720 }, fps: 25 };
    expect(opened('v4l2:/dev/video0', { ...LINUX, picture })).toBe('-f v4l2 -framerate 25 -video_size 1280x720 -i /dev/video0');
  });

  it.each(['concat:a|b', 'pipe:0', 'fd:0', 'subfile:x', 'data:x', 'file:/etc/hosts', 'lavfi:testsrc', 'v4l2:-y', 'screen:/etc', 'screen:-i'])('is not %s', (text) => {
    expect(() => readPushInput(text, LINUX)).toThrow(PushError);
  });

  it('that is an address is told without its secrets', () => {
    expect(readPushInput('rtsp://admin:secret@cam/1?key=secret', LINUX)).toMatchObject({ kind: 'address', label: 'rtsp://…@cam/…?…' });
  });

  it('may have a name like a device, if there is such a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-input-'));
    writeFileSync(join(folder, 'film.mp4'), 'x');
    expect(readPushInput(join(folder, 'film.mp4'), LINUX)).toMatchObject({ kind: 'file', protocol: undefined });
    expect(() => readPushInput(folder, LINUX)).toThrow('it is a folder');
    rmSync(folder, { recursive: true });
  });
});

describe('standard input', () => {
  async function* pieces(...texts: readonly string[]): AsyncGenerator<Buffer> {
    for (const text of texts) yield await Promise.resolve(Buffer.from(text));
  }

  /** What comes by a stream, up to so many bytes. */
  async function take(stream: Readable, bytes = Infinity): Promise<string> {
    let text = '';
    for await (const piece of stream) {
      text += String(piece);
      if (text.length >= bytes) break;
    }
    return text;
  }

  it('is played twice: as far as the first looks, and from the beginning', async () => {
    const tape = new StdinTape(pieces('ab', 'cd', 'ef', 'gh'));
    expect(await take(tape.open(), 3)).toMatch(/^abcd/);
    expect(await take(tape.open())).toBe('abcdefgh');
  });

  it('loses no piece that was on its way when the first reader went', async () => {
    let give: (piece: Buffer) => void = () => undefined;
    const tape = new StdinTape((async function* () {
      yield Buffer.from('ab');
      yield await new Promise<Buffer>((resolve) => (give = resolve));
    })());
    const first = tape.open();
    await once(first, 'data');
    await new Promise((resolve) => setImmediate(resolve));
    first.destroy();
    const second = take(tape.open());
    give(Buffer.from('cd'));
    expect(await second).toBe('abcd');
  });

  it('shows the first no more than its bound', async () => {
    const tape = new StdinTape(pieces('ab', 'cd', 'ef'), 3);
    expect(await take(tape.open())).toBe('abcd');
    expect(await take(tape.open())).toBe('abcdef');
  });
});

describe('the flags of sluice push', () => {
  it.each([
    ['--bitrate', '2.5M', 2_500_000],
    ['--bitrate', '800k', 800_000],
    ['--size', '1280x720', { width: 1280, height: 720 }],
    ['--start', '1:02:03.5', 3_723.5],
    ['--start', '90', 90],
    ['--gop', '0.5', 0.5],
  ])('%s %s is %j', (flag, text, value) => {
    const option = pushCommand().options.find(({ long }) => long === flag);
    expect(option?.parseArg?.<unknown>(text, undefined)).toEqual(value);
  });

  it.each([
    ['--bitrate', '5'], ['--bitrate', '1G'], ['--size', '1280'], ['--size', '0x0'], ['--fps', '0'], ['--fps', '1e3'], ['--gop', '-1'],
    ['--start', '1:2:3:4'], ['--video', 'h265'], ['--audio', 'mp3'], ['--timeout', '0'], ['--retry', 'ever'],
  ])('%s %s is refused, and told what may stand there', (flag, text) => {
    const option = pushCommand().options.find(({ long }) => long === flag);
    expect(() => option?.parseArg?.(text, undefined)).toThrow(expect.objectContaining({ exitCode: EXIT.usage, message: expect.stringMatching(/^Cannot use --\w+ \S+: it must be .+/) as string }) as Error);
  });

  it('contradict each other where a copied picture should be changed', () => {
    const flags = { video: 'copy', audio: 'auto', fps: 25, timeout: 20 } as const;
    expect(() => toWishes(flags)).toThrow('Cannot use --fps with --video copy: only a picture that is encoded can be changed');
  });
});
