import { eventually } from '../support/eventually';
import { needs } from '../support/needs';
import { answered, connectPublisher, send } from '../support/publishing';
import { startRelay, type TestRelay } from '../support/relay';
import { decodeErrors, KEYFRAME_EVERY, lateWebm, opusMedia, reorderedGops, sampleMedia, smallerMedia, type SampleMedia, type TimedPacket, timedPackets } from '../support/sample-media';
import { TestSocket } from '../support/test-socket';

const FRAME = 1 / 15;
/** An AAC packet at 48 kHz. */
const PACKET = 1024 / 48_000;

let relay: TestRelay;
const clients: TestSocket[] = [];

beforeEach(async () => {
  relay = await startRelay();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate();
  await relay.close();
});

async function publish(): Promise<TestSocket> {
  const publisher = await connectPublisher(relay.wsUrl, 'cam');
  clients.push(publisher);
  return publisher;
}

/** A viewer that knows of no messages. */
async function watch(query = ''): Promise<TestSocket> {
  const viewer = await TestSocket.plain(`${relay.wsUrl}/watch/cam${query}`);
  clients.push(viewer);
  return viewer;
}

/** The publisher breaks off, and is waited for. */
async function breakOff(publisher: TestSocket): Promise<void> {
  await answered(publisher);
  publisher.socket.terminate();
  await eventually('the publisher is away', () => relay.registry.list()[0]?.state === 'held');
}

function end(publisher: TestSocket): void {
  publisher.tell({ type: 'end' });
}

/** A progressive stream from its first byte to its end. */
async function progressive(publisher: TestSocket, path: string): Promise<Buffer> {
  const response = await fetch(`${relay.url}${path}`);
  expect(response.status).toBe(200);
  end(publisher);
  return Buffer.from(await response.arrayBuffer());
}

function of(kind: string, packets: readonly TimedPacket[]): TimedPacket[] {
  return packets.filter((packet) => packet.kind === kind);
}

/** Seconds from each packet to the next in the order of decoding. */
function steps(packets: readonly TimedPacket[]): number[] {
  return packets.slice(1).map(({ dts }, index) => dts - packets[index]!.dts);
}

/** Holds that the packets of a track follow one another without a gap or an overlap of more than one of them. */
function expectOneTimeline(packets: readonly TimedPacket[], usual: number): void {
  for (const step of steps(packets)) {
    expect(step).toBeGreaterThanOrEqual(0);
    expect(step).toBeLessThanOrEqual(2 * usual + 0.001);
  }
}

/** By how much sound comes after picture at the beginning, seconds. */
function lead(packets: readonly TimedPacket[]): number {
  return Math.min(...of('audio', packets).map(({ pts }) => pts)) - Math.min(...of('video', packets).map(({ pts }) => pts));
}

needs('ffprobe', () => {
  describe('a progressive stream that is joined late', () => {
    /** Holds that it begins about 0, and is the end of what was sent, every track moved by the same time. */
    function expectMoved(got: readonly TimedPacket[], all: readonly TimedPacket[], late: number): void {
      const shifts = ['video', 'audio'].flatMap((kind) => {
        const tail = of(kind, all).slice(-of(kind, got).length);
        return of(kind, got).map(({ pts }, index) => tail[index]!.pts - pts);
      });
      expect(Math.min(...got.map(({ pts }) => pts))).toBeLessThan(0.2);
      // Of Opus in WebM, ffprobe subtracts the CodecDelay.
      expect(Math.min(...got.map(({ dts }) => dts))).toBeGreaterThan(-0.01);
      expect(Math.min(...shifts)).toBeGreaterThan(late);
      expect(Math.max(...shifts) - Math.min(...shifts)).toBeLessThan(0.002);
    }

    it('begins about 0 with B-frames and sound in step', async () => {
      const media = await reorderedGops();
      const publisher = await publish();
      await send(publisher, media.init, ...media.fragments);
      const whole = await TestSocket.speaking(`${relay.wsUrl}/watch/cam`);
      clients.push(whole);
      await answered(whole);
      const file = await progressive(publisher, '/watch/cam.mp4');
      expect(await decodeErrors(file)).toBe('');
      const got = await timedPackets(file);
      expect(of('video', got).length).toBeGreaterThanOrEqual(KEYFRAME_EVERY);
      expect(of('audio', got).length).toBeGreaterThan(10);
      const theirs = await timedPackets(whole.media);
      const delays = (packets: readonly TimedPacket[]): number[] => of('video', packets).map(({ pts, dts }) => Math.round((pts - dts) * 1000));
      expect(delays(got)).toEqual(delays(theirs));
      expect(new Set(delays(got)).size).toBeGreaterThan(1);
      expect(lead(got)).toBeCloseTo(lead(theirs), 2);
      expectMoved(got, theirs, 2);
    });

    it('begins about 0 in WebM', async () => {
      const file = await lateWebm();
      const publisher = await publish();
      await send(publisher, file);
      const got = await timedPackets(await progressive(publisher, '/watch/cam.webm'));
      expect(of('video', got).length).toBeGreaterThan(1);
      expectMoved(got, await timedPackets(file), 261);
    });
  });

  describe('a publisher that returns', () => {
    let media: SampleMedia;

    beforeAll(async () => {
      media = await sampleMedia();
    });

    /** Publishes, breaks off, publishes again and ends. */
    async function publishTwice(first: SampleMedia, second: SampleMedia): Promise<void> {
      const publisher = await publish();
      await send(publisher, first.init, ...first.fragments);
      await breakOff(publisher);
      const next = await publish();
      await send(next, second.init, ...second.fragments);
      end(next);
    }

    it('is one timeline to a viewer without messages, which stays connected', async () => {
      const viewer = await watch();
      await publishTwice(media, media);
      expect(await viewer.closed).toEqual({ code: 1000, reason: 'ended' });
      const got = await timedPackets(viewer.media);
      const once = await timedPackets(Buffer.concat([media.init, ...media.fragments]));
      expect(of('video', got)).toHaveLength(2 * of('video', once).length);
      expectOneTimeline(of('video', got), FRAME);
      expectOneTimeline(of('audio', got), PACKET);
      expect(await decodeErrors(viewer.media)).toBe('');
      expect(viewer.media.indexOf('moov', viewer.media.indexOf('moov') + 1)).toBe(-1);
    });

    it('is one file to a progressive viewer', async () => {
      const publisher = await publish();
      await send(publisher, media.init, ...media.fragments);
      const response = await fetch(`${relay.url}/watch/cam.mp4`);
      await breakOff(publisher);
      const next = await publish();
      await send(next, media.init, ...media.fragments);
      end(next);
      const file = Buffer.from(await response.arrayBuffer());
      const got = await timedPackets(file);
      expect(of('video', got).length).toBeGreaterThan(4 * 15);
      expect(got[0]!.pts).toBeLessThan(0.2);
      expectOneTimeline(of('video', got), FRAME);
      expectOneTimeline(of('audio', got), PACKET);
      expect(await decodeErrors(file)).toBe('');
    });

    it('with another configuration of the same codecs is sent with its init segment, and goes on', async () => {
      const smaller = await smallerMedia();
      const viewer = await watch('?continuous=1');
      await publishTwice(media, smaller);
      expect((await viewer.closed).code).toBe(1000);
      const second = viewer.media.lastIndexOf('ftyp') - 4;
      expect(second).toBeGreaterThan(4);
      const [one, other] = await Promise.all([timedPackets(viewer.media.subarray(0, second)), timedPackets(viewer.media.subarray(second))]);
      for (const [kind, usual] of [['video', FRAME], ['audio', PACKET]] as const) expectOneTimeline([...of(kind, one), ...of(kind, other)], usual);
    });

    it('with another configuration ends a progressive stream, which has room for no other init segment', async () => {
      const smaller = await smallerMedia();
      const publisher = await publish();
      await send(publisher, media.init, ...media.fragments);
      const response = await fetch(`${relay.url}/watch/cam.mp4`);
      await send(publisher, smaller.init, ...smaller.fragments);
      expect(await decodeErrors(Buffer.from(await response.arrayBuffer()))).toBe('');
    });

    it('with other codecs closes a viewer without messages with 1012', async () => {
      const opus = await opusMedia();
      const viewer = await watch();
      const publisher = await publish();
      await send(publisher, media.init, ...media.fragments);
      await breakOff(publisher);
      await send(await publish(), opus.init, ...opus.fragments);
      expect(await viewer.closed).toEqual({ code: 1012, reason: 'new-epoch' });
      expect(await decodeErrors(viewer.media)).toBe('');
    });
  });
});
