import { underAttack } from '../support/attacked-relay';
import { joinBytes } from '../support/container-parser-contract';
import * as mp4 from '../support/mp4-boxes';
import { eventually } from '../support/eventually';
import { answered, connectPublisher, send } from '../support/publishing';
import { goneStream } from '../support/streams';
import { TestSocket } from '../support/test-socket';

/** Every stream is packaged from its first media on: nobody need ask for it. */
const relay = underAttack({ flags: ['--hls-start', 'publish'] });

const MIB = 1 << 20;
/** What a stream may take up (docs/limits.md): its window and, as HLS, once more with an init segment; and what Node and sockets do besides. */
const DOCUMENTED = (32 + 33) * MIB;
const BESIDES = 12 * MIB;

let publisher: TestSocket;

async function publish(name: string, ...media: readonly Uint8Array[]): Promise<void> {
  publisher = await connectPublisher(relay().wsUrl, name);
  await send(publisher, ...media);
  // It is packaged within a second: from then on this is answered.
  await fetch(`${relay().url}/hls/${name}/media.m3u8?segments=1&session=a`);
}

/** A keyframe of a tenth of a second, at a time in ms. */
function keyframe(time: number): Uint8Array {
  return mp4.fragment([{ id: mp4.VIDEO, time, samples: [{ duration: 100, data: 'key' }] }]);
}

const SOUND = mp4.fragment([{ id: mp4.AUDIO, time: 0, samples: [{ duration: 2, data: 's'.repeat(64 * 1024) }] }]);
const TIME_OF_SOUND = Buffer.from(SOUND).indexOf('tfdt') + 8;

/** 64 KiB of sound, at a time in hundredths of a second. */
function sound(time: number): Uint8Array {
  const bytes = SOUND.slice();
  new DataView(bytes.buffer).setBigUint64(TIME_OF_SOUND, BigInt(time));
  return bytes;
}

/** Seconds of media that make a first whole segment. */
const BEGINNING = [0, 1_000, 2_000, 3_000, 4_000].map((time) => mp4.fragment([{ id: mp4.VIDEO, time, samples: [{ duration: 1_000, data: 'key' }] }]));

async function playlist(name: string): Promise<string> {
  return (await fetch(`${relay().url}/hls/${name}/media.m3u8?segments=1&session=a`)).text();
}

async function endStream(name: string): Promise<void> {
  publisher.tell({ type: 'end' });
  await publisher.closed;
  await goneStream(relay().url, name);
}

describe('what is packaged as HLS takes up no more than documented', () => {
  it('where sound goes on after the picture has stopped', async () => {
    await publish('deaf', mp4.FTYP, mp4.AV_MOOV, ...BEGINNING);
    for (let packet = 0; packet < 2_000; packet++) {
      publisher.send(sound(500 + packet * 2));
      if (packet % 100 === 99) await answered(publisher);
    }
    expect((await relay().growth()) / MIB).toBeLessThan((DOCUMENTED + BESIDES) / MIB);
    expect(await playlist('deaf')).toMatch(/#EXTINF:2(\.\d+)?,/);
    await endStream('deaf');
  });

  it('where each keyframe comes with an init segment of almost a mebibyte', async () => {
    // Each is another one: the same again begins no epoch.
    const ftyp = (epoch: number): Uint8Array => mp4.box('ftyp', joinBytes([mp4.FTYP.subarray(8), new Uint8Array(1_000_000).fill(epoch)]));
    await publish('epochs', mp4.FTYP, mp4.AV_MOOV, ...BEGINNING);
    publisher.socket.terminate();
    await publisher.closed;
    // One connection may send few of them: the next one continues the stream.
    for (let epoch = 0; epoch < 60; epoch++) {
      publisher = await connectPublisher(relay().wsUrl, 'epochs');
      await send(publisher, ftyp(epoch), mp4.AV_MOOV, keyframe(0));
      if (epoch === 59) break;
      publisher.socket.terminate();
      await eventually('the name is free', async () => (await (await fetch(`${relay().url}/api/streams/epochs`)).json() as { state: string }).state === 'held');
    }
    expect((await relay().growth()) / MIB).toBeLessThan((DOCUMENTED + BESIDES) / MIB);
    expect((await playlist('epochs')).length).toBeLessThan(20_000);
    await endStream('epochs');
    // What has ended is kept for half a minute.
    const isForgotten = async (): Promise<boolean> => (await fetch(`${relay().url}/hls/epochs/media.m3u8?segments=1&session=a`)).status === 404;
    await eventually('the stream is no longer packaged', isForgotten);
  });

  it('where the times of each keyframe leap, which makes no long playlist either', async () => {
    await publish('leaps', mp4.FTYP, mp4.AV_MOOV, ...BEGINNING);
    for (let leap = 0; leap < 20_000; leap++) {
      // Further than a segment, and not as far as another epoch.
      publisher.send(keyframe(leap * 5_000));
      if (leap % 1_000 === 999) await answered(publisher);
    }
    const text = await playlist('leaps');
    expect(text.length).toBeLessThan(20_000);
    expect(text.match(/#EXTINF/g)!.length).toBeLessThanOrEqual(12);
    expect((await relay().growth()) / MIB).toBeLessThan((DOCUMENTED + BESIDES) / MIB);
    await endStream('leaps');
  });
});

describe('a request whose answer comes later', () => {
  const MEDIA = [mp4.FTYP, mp4.VIDEO_MOOV];

  /** A keyframe of a second, from that second on. */
  const second = (at: number): Uint8Array => mp4.fragment([{ id: mp4.VIDEO, time: at * 1_000, samples: [{ duration: 1_000, data: 'key' }] }]);

  it('is answered where its part was in reach until the segment was cut', async () => {
    publisher = await connectPublisher(relay().wsUrl, 'reach');
    await send(publisher, ...MEDIA);
    const frame = (index: number): Uint8Array => mp4.fragment([{ id: mp4.VIDEO, time: index * 200, samples: [{ duration: 200, flags: index % 10 === 0 ? mp4.SYNC : mp4.NON_SYNC, data: 'frame' }] }]);
    await send(publisher, ...Array.from({ length: 19 }, (_, index) => frame(index)));
    const text = await playlist('reach');
    const open = Number(/MEDIA-SEQUENCE:(\d+)/.exec(text)![1]) + 1;
    expect(text.slice(text.lastIndexOf('#EXTINF')).match(/#EXT-X-PART:/g)).toHaveLength(9);
    const waiting = fetch(`${relay().url}/hls/reach/media.m3u8?segments=1&session=a&_HLS_msn=${open + 1}&_HLS_part=23`);
    await playlist('reach');
    // One by one: what comes at once is looked at once.
    for (let index = 19; index < 31; index++) await send(publisher, frame(index));
    expect((await waiting).status).toBe(200);
    await endStream('reach');
  });

  it.each(['index.m3u8', 'media.m3u8?segments=1&session=a'])('is answered where a stream ends before it has media: %s', async (path) => {
    publisher = await connectPublisher(relay().wsUrl, 'never');
    await send(publisher, ...MEDIA);
    const waiting = fetch(`${relay().url}/hls/never/${path}`);
    await laterRequest('never');
    publisher.tell({ type: 'end' });
    expect([200, 404]).toContain((await waiting).status);
    await goneStream(relay().url, 'never');
  });

  it('is answered where its publisher states that it captured in the year 3 × 10^289', async () => {
    publisher = await connectPublisher(relay().wsUrl, 'late');
    await send(publisher, ...MEDIA);
    const waiting = playlist('late');
    publisher.tell({ type: 'clock', media: 0, wall: 1e300 });
    expect(await publisher.next('error')).toMatchObject({ code: 'bad-message' });
    await send(publisher, ...[0, 1, 2, 3, 4].map(second));
    expect(await waiting).toContain('#EXTINF:2,');
    await endStream('late');
  });

  it('is answered where a publisher is refused whose samples last longer than history', async () => {
    publisher = await connectPublisher(relay().wsUrl, 'eons');
    const moov = mp4.box('moov', mp4.mvhd(), mp4.trak({ id: mp4.VIDEO, handler: 'vide', entry: mp4.AVC_ENTRY, timescale: 1 }), mp4.box('mvex', mp4.trex(mp4.VIDEO)));
    await send(publisher, mp4.FTYP, moov);
    const waiting = fetch(`${relay().url}/hls/eons/media.m3u8?segments=1&session=a`);
    await laterRequest('eons');
    publisher.send(mp4.fragment([{ id: mp4.VIDEO, time: 0, samples: Array.from({ length: 3_000 }, () => ({ duration: 2 ** 32 - 1, data: 'x' })) }]));
    expect(await publisher.next('error')).toMatchObject({ code: 'malformed-media' });
    const again = await connectPublisher(relay().wsUrl, 'eons');
    await send(again, ...MEDIA, ...[0, 1, 2].map(second));
    expect((await waiting).status).toBe(200);
    publisher = again;
    await endStream('eons');
  });
});

/** A request that is answered at once: those that were sent before it wait by then. */
async function laterRequest(name: string): Promise<void> {
  const { status } = await fetch(`${relay().url}/hls/${name}/media.m3u8?segments=1&session=a&_HLS_msn=90000000000`);
  expect(status).toBe(400);
}
