import { MAX_PARAMETER_SETS } from '../../src/media/codecs/h264-parameter-sets';
import { underAttack } from '../support/attacked-relay';
import { joinBytes } from '../support/container-parser-contract';
import { annexB, IDR, pps, sps } from '../support/h264';
import * as mp4 from '../support/mp4-boxes';
import { connectPublisher } from '../support/publishing';
import { goneStream } from '../support/streams';
import { TestSocket } from '../support/test-socket';
import * as webm from '../support/webm-elements';

/** What is held: media that asks for much more work than its bytes say is refused, or done little by little, and the streams of others go on. */
const relay = underAttack({ flags: ['--hold', '0'] });

const MIB = 1 << 20;
const SPS = sps({ reorder: 0 });
const H264 = [webm.ebml('matroska'), webm.SEGMENT, webm.INFO, webm.tracks(webm.trackEntry(1, 1, 'V_MPEG4/ISO/AVC')), webm.CLUSTER, webm.timestamp(0)];
const many = (count: number, part: Uint8Array): Uint8Array => joinBytes(Array<Uint8Array>(count).fill(part));
const keyframe = (...units: readonly Uint8Array[]): Uint8Array => webm.simpleBlock({ track: 1, flags: webm.KEY, data: annexB(...units, IDR) });
const padded = (id: number, size: number): Uint8Array => joinBytes([pps(id), new Uint8Array(size - 3).fill(0x55)]);
/** Keyframes of a few bytes that each change one PPS. */
const changes = (count: number): Uint8Array => joinBytes(Array.from({ length: count }, (_, i) => keyframe(pps(255, 0, i))));

/** Publishes `bytes` in one message. */
async function publish(name: string, bytes: Uint8Array): Promise<TestSocket> {
  const publisher = await connectPublisher(relay().wsUrl, name);
  publisher.send(bytes);
  return publisher;
}

describe('parameter sets of H.264', () => {
  it('of 960 KB in one frame are refused, whatever small frames would change of them', async () => {
    const sets = Array.from({ length: 200 }, (_, id) => padded(id, 4_800));
    const publisher = await publish('sets', joinBytes([...H264, keyframe(SPS, ...sets), changes(1_000)]));
    expect(await publisher.next('error')).toMatchObject({ code: 'init-too-large' });
    await publisher.closed;
    await goneStream(relay().url, 'sets');
  });

  it('as large as they may be, changed by each frame, begin few epochs, and each viewer is sent as few init segments', async () => {
    const sets = Array.from({ length: 12 }, (_, id) => padded(id, 5_000));
    const name = 'changes';
    const publisher = await publish(name, joinBytes([...H264, keyframe(SPS, ...sets)]));
    await publisher.next('live');
    const viewer = await TestSocket.speaking(`${relay().wsUrl}/watch/${name}?interval=0`);
    await viewer.next('init');
    const begun = performance.now();
    publisher.send(changes(5_000));
    for (let count = 0; count < 15; count++) await relay().expectAll();
    const seconds = (performance.now() - begun) / 1000;
    const sent = viewer.media.length;
    expect(sent).toBeLessThan((2 + 20 + 5 * (seconds + 1)) * (MAX_PARAMETER_SETS + 2_000));
    viewer.socket.terminate();
    publisher.socket.terminate();
    await goneStream(relay().url, name);
  });
});

describe('a message of media', () => {
  const FREE = mp4.box('free');
  const lace = webm.simpleBlock({ track: 2, flags: webm.KEY | 0x04, data: joinBytes([Uint8Array.of(255), new Uint8Array(256).fill(0xf8)]) });
  const moov = (): Uint8Array => {
    const trak = (id: number): Uint8Array => mp4.box('trak', mp4.trak({ id, handler: 'vide', entry: mp4.AVC_ENTRY }).subarray(8), many(7_000, FREE));
    const ids = Array.from({ length: 16 }, (_, i) => i + 1);
    return mp4.box('moov', mp4.mvhd(), ...ids.map(trak), mp4.box('mvex', ...ids.map((id) => mp4.trex(id))));
  };

  it.each<[string, () => Uint8Array]>([
    ['16 tracks of 7,000 boxes each', moov],
    ['tiny boxes', () => joinBytes([mp4.FTYP, mp4.VIDEO_MOOV, many((8 * MIB) / 8, FREE)])],
    ['tiny elements', () => joinBytes([...webm.HEAD, webm.CLUSTER, webm.timestamp(0), many((8 * MIB) / 2, webm.element('Void'))])],
    ['frames of one byte in laces', () => joinBytes([...webm.HEAD, webm.CLUSTER, webm.timestamp(0), many(Math.floor((2 * MIB) / lace.length), lace)])],
    ['init segments', () => many(20_000, joinBytes([mp4.FTYP, mp4.VIDEO_MOOV]))],
  ])('full of %s costs others nothing', async (_, make) => {
    const bytes = make();
    const publishers = await Promise.all(['heavy-1', 'heavy-2'].map((name) => publish(name, bytes)));
    for (let count = 0; count < 5; count++) await relay().expectAll();
    for (const { socket } of publishers) socket.terminate();
    for (const name of ['heavy-1', 'heavy-2']) await goneStream(relay().url, name);
  });
});
