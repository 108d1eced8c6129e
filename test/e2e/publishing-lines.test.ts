import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../src/base/package';
import { H264_AAC, makeFile, startFfmpeg, testPicture } from '../support/ffmpeg';
import { startRelay, type TestRelay } from '../support/relay';
import { SluiceCommand } from '../support/sluice-command';
import { goneStream } from '../support/streams';
import { TestSocket } from '../support/test-socket';

const DOCUMENTED = '127.0.0.1:8080';
const NAME = 'lines';
const page = readFileSync(join(packageRoot(), 'docs/publishing.md'), 'utf8');
const lines = [...page.matchAll(/^ {4}((?:ffmpeg|sluice) .*)$/gm)].map(([, line]) => line!);

/** Inputs that aren't here, and why: the rest of their lines is tried with a test picture in their place. */
const ABSENT: readonly { readonly input: RegExp; readonly why: string }[] = [
  { input: /-f v4l2 .*-i default(?= )/, why: 'no camera of Linux' },
  { input: /-f avfoundation .*?-i \S+/, why: 'no Mac' },
  { input: /-f dshow .*?-i \S+/, why: 'no Windows' },
  { input: /-f gdigrab .*?-i \S+/, why: 'no Windows' },
  { input: /-f x11grab .*?-i \S+/, why: 'no screen' },
  { input: /-rtsp_transport tcp -i \S+/, why: 'no camera in the network' },
  { input: /v4l2:\S+/, why: 'no camera of Linux' },
  { input: /avfoundation:\S+/, why: 'no Mac' },
  { input: /dshow:\S+/, why: 'no Windows' },
  { input: /screen:\S*/, why: 'no screen' },
  { input: /rtsp:\/\/CAMERA\S*/, why: 'no camera in the network' },
];
const absentOf = (line: string): (typeof ABSENT)[number] | undefined => ABSENT.find(({ input }) => input.test(line));

let relay: TestRelay;
let file: string;

beforeAll(async () => {
  file = await makeFile('file.mp4', [...testPicture(3), ...H264_AAC]);
});

// A relay each, so that a line that fails leaves the next its name.
beforeEach(async () => {
  relay = await startRelay();
});

afterEach(async () => {
  await SluiceCommand.killAll();
  await relay.close();
});

afterAll(() => rmSync(dirname(file), { recursive: true }));

/** The words of a line, with its file, its name and this relay. */
function wordsOf(line: string): string[] {
  const words = line.replace(DOCUMENTED, new URL(relay.url).host).replace('NAME', NAME).split(' ').slice(1);
  return words.map((word) => (word === 'FILE' ? file : word));
}

/** Runs a line of ffmpeg as it stands, but that a test picture ends. */
async function publishesByFfmpeg(line: string): Promise<void> {
  const absent = absentOf(line);
  const sound = / -c:a /.test(line) ? ' -f lavfi -i sine=frequency=440:sample_rate=48000' : '';
  const words = wordsOf(absent ? line.replace(absent.input, `-re -f lavfi -i testsrc2=size=640x360:rate=30${sound}`).replace('-c:v copy', '-c:v libx264 -pix_fmt yuv420p -g 30') : line);
  const output = words.lastIndexOf('-f');
  const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/${NAME}`);
  const publisher = startFfmpeg([...words.slice(0, output), '-t', '2', ...words.slice(output)]);
  await viewer.next('init');
  expect(await publisher.ended).toMatchObject({ status: 0, stderr: '' });
  await goneStream(relay.url, NAME);
}

/** Runs a line of `sluice` as it stands, and ends by Ctrl-C what doesn't end by itself. */
async function publishesBySluice(line: string): Promise<void> {
  const absent = absentOf(line);
  // A film of 3 s has no minute and a half.
  const words = wordsOf(absent ? line.replace(absent.input, 'test:') : line.replace('--start 1:30', '--start 0:01'));
  const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/${NAME}`);
  const command = SluiceCommand.start(words, { env: { SLUICE_PORT: String(relay.port) } });
  if (words[0] !== 'push') {
    expect(await command.ended).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('h264') });
    return;
  }
  await Promise.race([viewer.next('init'), command.ended.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
  const endless = absent !== undefined || / test:| --loop /.test(line);
  if (endless) command.process.kill('SIGINT');
  expect((await command.ended).status).toBe(endless ? 130 : 0);
  await goneStream(relay.url, NAME);
}

const run = (line: string): Promise<void> => (line.startsWith('ffmpeg') ? publishesByFfmpeg(line) : publishesBySluice(line));

describe('a line of docs/publishing.md', () => {
  it('is there for each way to publish', () => {
    expect(lines.length).toBeGreaterThan(20);
    for (const { input } of ABSENT) expect(lines.some((line) => input.test(line))).toBe(true);
  });

  it.each(lines.filter((line) => !absentOf(line)))('publishes: %s', run);

  it.each(lines.flatMap((line) => {
    const absent = absentOf(line);
    return absent ? [[absent.why, line] as const] : [];
  }))('has no device here (%s), and publishes a test picture in its place: %s (long)', (_why, line) => run(line));
});
