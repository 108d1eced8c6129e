import type { EncodeJpeg, Keyframe } from '../../../src/ffmpeg/jpeg-encoder';
import { Snapshots } from '../../../src/api/snapshots';
import type { StreamFeed } from '../../../src/relay/stream-feed';
import { codeOfAsync } from '../../support/code-of';
import { delta, initSegment, key, onlyAudio } from '../../support/fake-media';
import { FakeLink, FakeRelay } from '../../support/fake-relay';
import { listLog, type LogLine } from '../../support/relay';

/** Encoders under way, which the test ends. */
class FakeEncoder {
  readonly asked: Keyframe[] = [];
  readonly ends: ((result: Buffer | Error) => void)[] = [];
  readonly encode: EncodeJpeg = (keyframe) => {
    this.asked.push(keyframe);
    return new Promise((resolve, reject) => this.ends.push((result) => (result instanceof Error ? reject(result) : resolve(result))));
  };
}

function camera(names: readonly string[] = ['cam']): { relay: FakeRelay; snapshots: Snapshots; encoder: FakeEncoder; feeds: StreamFeed[]; logged: LogLine[] } {
  const relay = new FakeRelay();
  const encoder = new FakeEncoder();
  const logged: LogLine[] = [];
  const feeds = names.map((name) => relay.registry.publish(name, new FakeLink()));
  for (const feed of feeds) {
    feed.init(initSegment());
    feed.chunk(key());
  }
  const snapshots = new Snapshots({ registry: relay.registry, clock: relay.clock, log: listLog(logged), encoder: () => encoder.encode });
  return { relay, snapshots, encoder, feeds, logged };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the snapshot of a stream', () => {
  it('is of its newest keyframe, and shared by all who ask within four seconds', async () => {
    const { relay, snapshots, encoder, feeds } = camera();
    const newest = key({ size: 50 });
    feeds[0]!.chunk(newest);
    feeds[0]!.chunk(delta());
    const asked = [snapshots.of('cam'), snapshots.of('cam')];
    await settle();
    expect(encoder.asked.map(({ chunk }) => chunk)).toEqual([newest.bytes]);
    encoder.ends[0]!(Buffer.from('one'));
    const [one, other] = await Promise.all(asked);
    expect(one).toBe(other);
    expect(one!.jpeg.toString()).toBe('one');

    feeds[0]!.chunk(key());
    relay.clock.pass(3_999);
    expect(await snapshots.of('cam')).toBe(one);
    relay.clock.pass(1);
    const next = snapshots.of('cam');
    await settle();
    encoder.ends[1]!(Buffer.from('two'));
    expect((await next).etag).not.toBe(one!.etag);
  });

  it('is not made again of the same keyframe', async () => {
    const { relay, snapshots, encoder } = camera();
    const first = snapshots.of('cam');
    await settle();
    encoder.ends[0]!(Buffer.from('one'));
    await first;
    relay.clock.pass(60_000);
    expect(await snapshots.of('cam')).toBe(await first);
    expect(encoder.asked).toHaveLength(1);
  });

  it('is tried again after some seconds where it can’t be made', async () => {
    const { relay, snapshots, encoder, logged } = camera();
    const first = codeOfAsync(() => snapshots.of('cam'));
    await settle();
    encoder.ends[0]!(new Error('Broken'));
    expect(await first).toBe('no-snapshot');
    expect(await codeOfAsync(() => snapshots.of('cam'))).toBe('no-snapshot');
    expect(encoder.asked).toHaveLength(1);
    expect(logged).toMatchObject([{ level: 'warn', fields: { name: 'cam', reason: 'Broken' } }]);
    relay.clock.pass(4_000);
    const again = snapshots.of('cam');
    await settle();
    encoder.ends[1]!(Buffer.from('now'));
    expect((await again).jpeg.toString()).toBe('now');
  });

  it('is made for two streams at a time, and for the others in turn', async () => {
    const names = Array.from({ length: 60 }, (_value, index) => `cam${index}`);
    const { snapshots, encoder } = camera(names);
    const all = names.map((name) => codeOfAsync(() => snapshots.of(name), 'made'));
    await settle();
    expect(encoder.asked).toHaveLength(2);
    for (let index = 0; index < 52; index++) {
      encoder.ends[index]!(Buffer.from('jpeg'));
      await settle();
      expect(encoder.asked).toHaveLength(Math.min(52, index + 3));
    }
    const codes = await Promise.all(all);
    expect(codes.filter((code) => code === 'made')).toHaveLength(52);
    expect(codes.filter((code) => code === 'full')).toHaveLength(8);
    // It may be asked for again at once.
    const late = snapshots.of('cam59');
    await settle();
    encoder.ends[52]!(Buffer.from('late'));
    expect((await late).jpeg.toString()).toBe('late');
  });

  it('needs a stream, and a keyframe', async () => {
    const { relay, snapshots, feeds } = camera();
    expect(await codeOfAsync(() => snapshots.of('other'))).toBe('no-stream');
    feeds[0]!.end();
    expect(await codeOfAsync(() => snapshots.of('cam'))).toBe('no-stream');
    relay.live().chunk(onlyAudio());
    expect(await codeOfAsync(() => snapshots.of('cam'))).toBe('no-snapshot');
  });

  it('needs an encoder', async () => {
    const { relay } = camera();
    const snapshots = new Snapshots({
      registry: relay.registry,
      clock: relay.clock,
      log: listLog([]),
      encoder: () => {
        throw new Error('Cannot find ffmpeg');
      },
    });
    expect(await codeOfAsync(() => snapshots.of('cam'))).toBe('no-snapshot');
  });
});
