import { makeFile, startFfmpeg, testPicture } from '../support/ffmpeg';
import { startRelay, type TestRelay } from '../support/relay';
import { decodeErrors, pictureHashes } from '../support/sample-media';
import { goneStream } from '../support/streams';
import { TestSocket } from '../support/test-socket';

let relay: TestRelay;

beforeEach(async () => {
  relay = await startRelay();
});

afterEach(() => relay.close());

const X264 = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-g', '15'];

describe('Matroska with H.264, pushed by ffmpeg,', () => {
  it.each([
    ['B-frames and AAC', [...X264, '-preset', 'veryfast', '-bf', '3', '-c:a', 'aac']],
    ['B-frames and Opus', [...X264, '-preset', 'veryfast', '-bf', '3', '-c:a', 'libopus']],
    ['no B-frames and no sound', [...X264, '-preset', 'ultrafast', '-tune', 'zerolatency', '-an']],
  ])('with %s, comes out as MP4 that decodes without a complaint', async (_, codecs) => {
    const file = await makeFile('film.mkv', [...testPicture(3), ...codecs]);
    const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/film`);
    const publisher = startFfmpeg(['-re', '-i', file, '-c', 'copy', '-f', 'matroska', `${relay.url}/publish/film`]);
    expect((await viewer.next('init')).mime).toMatch(/^video\/mp4; codecs="avc1\./);
    await viewer.closed;
    const { media } = viewer;
    expect((await publisher.ended).status).toBe(0);
    expect(await decodeErrors(media)).toBe('');
    expect((await pictureHashes(media)).length).toBeGreaterThanOrEqual(15);
    await goneStream(relay.url, 'film');
  });
});
