import { join } from 'node:path';
import { FFMPEG, H264_AAC, makeFile, type Running, start, testPicture } from '../support/ffmpeg';
import { startRelay, type TestRelay } from '../support/relay';
import { decodeErrors } from '../support/sample-media';
import { goneStream } from '../support/streams';
import { TestSocket } from '../support/test-socket';

const PUSH = join(__dirname, '../../samples/push-file/push.sh');

let relay: TestRelay;
let file: string;

beforeAll(async () => {
  relay = await startRelay();
  file = await makeFile('a file with blanks.mp4', [...testPicture(2), ...H264_AAC]);
});

afterAll(() => relay.close());

function pushFile(...args: readonly string[]): Running {
  return start(PUSH, args, { ...process.env, FFMPEG_PATH: FFMPEG });
}

describe('samples/push-file', () => {
  it('publishes a file until it is over', async () => {
    const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/pushed`);
    const pushing = pushFile(file, 'pushed', relay.url);
    expect((await viewer.next('init')).mime).toMatch(/^video\/mp4; codecs="avc1/);
    await viewer.closed;
    expect(await decodeErrors(viewer.media)).toBe('');
    expect(await pushing.ended).toEqual({ status: 0, stdout: `Publishing ${file}: watch it at ${relay.url}/watch/pushed\n`, stderr: '' });
    await goneStream(relay.url, 'pushed');
  });

  it('tells why the relay refuses', async () => {
    const { status, stderr } = await pushFile(file, 'no.name', relay.url).ended;
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/400|4XX/);
  });

  it('says how it is used', async () => {
    const { status, stderr } = await pushFile(file).ended;
    expect(status).toBe(2);
    expect(stderr).toMatch(/^Usage: .*push\.sh FILE NAME/);
  });
});
