import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeLine, pushLine } from '../../player/dashboard/publish-lines';
import { H264_AAC, makeFile, startFfmpeg, testPicture } from '../support/ffmpeg';
import { startRelay, type TestRelay } from '../support/relay';
import { goneStream } from '../support/streams';
import { TestSocket } from '../support/test-socket';

const DOCUMENTED = '127.0.0.1:8080';
const PAGES = ['README.md', 'docs/audio.md', 'docs/containers.md'];

function linesIn(page: string): string[] {
  const text = readFileSync(join(__dirname, '../..', page), 'utf8');
  return [...text.matchAll(/^ {4}(ffmpeg .*\/publish\/NAME)$/gm)].map(([, line]) => line!);
}

let relay: TestRelay;
let file: string;

beforeAll(async () => {
  relay = await startRelay();
  file = await makeFile('file.mp4', [...testPicture(2), ...H264_AAC]);
});

afterAll(() => relay.close());

/** Runs a line as it stands, but for its file, its name and this relay. */
async function publishes(line: string): Promise<void> {
  const words = line.replace(DOCUMENTED, new URL(relay.url).host).replace('NAME', 'lines').split(' ').slice(1);
  const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/lines`);
  const publisher = startFfmpeg(words.map((word) => (word === 'FILE' ? file : word)));
  await viewer.next('init');
  expect(await publisher.ended).toMatchObject({ status: 0, stderr: '' });
  await goneStream(relay.url, 'lines');
}

describe('a line to copy publishes a file', () => {
  describe.each(PAGES)('in %s', (page) => {
    const lines = linesIn(page);

    it('there are some', () => {
      expect(lines.length).toBeGreaterThan(1);
    });

    it.each(lines)('%s', publishes);
  });

  it.each([pushLine(`${DOCUMENTED}/`, 'NAME'), encodeLine(`${DOCUMENTED}/`, 'NAME')])('dashboard: %s', publishes);
});
