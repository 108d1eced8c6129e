import { StreamHistories } from '../../../src/api/stream-histories';
import { delta, key, onlyAudio } from '../../support/fake-media';
import { FakeRelay } from '../../support/fake-relay';

function watched(): { relay: FakeRelay; histories: StreamHistories; second: () => void } {
  const relay = new FakeRelay();
  const histories = new StreamHistories(relay);
  const second = (): void => {
    relay.clock.pass(1_000);
    histories.sample();
  };
  return { relay, histories, second };
}

describe('the history of a stream', () => {
  it('has a sample a second of what came and who watched', () => {
    const { relay, histories, second } = watched();
    const feed = relay.live();
    second();
    feed.chunk(key({ size: 1_000 }));
    relay.watch();
    second();
    second();
    const at = relay.clock.wall();
    expect(histories.of('cam').samples).toEqual([
      { at: at - 2_000, bitrate: 0, viewers: 0 },
      { at: at - 1_000, bitrate: 8_000, viewers: 1 },
      { at, bitrate: 0, viewers: 1 },
    ]);
  });

  it('goes on where a publisher goes on, counting its new timeline from the start', () => {
    const { relay, histories, second } = watched();
    const feed = relay.live();
    feed.chunk(key({ size: 5_000 }));
    second();
    feed.lost();
    relay.live().chunk(key({ size: 500 }));
    second();
    expect(histories.of('cam').samples.at(-1)?.bitrate).toBe(4_000);
    expect(histories.of('cam').samples).toHaveLength(2);
  });

  it('keeps two minutes, and nothing of a stream that is over', () => {
    const { relay, histories, second } = watched();
    const feed = relay.live();
    for (let index = 0; index < 200; index++) second();
    expect(histories.of('cam').samples).toHaveLength(120);
    feed.end();
    relay.live();
    second();
    expect(histories.of('cam').samples).toHaveLength(1);
    relay.registry.end('cam');
    second();
    expect(histories.of('cam')).toEqual({ samples: [], gop: undefined });
  });

  it('knows how much media has come since the newest keyframe, or since the epoch began without one', () => {
    const { relay, histories, second } = watched();
    const feed = relay.live();
    const since: unknown[] = [];
    for (const chunk of [delta({ start: 100, end: 101 }), delta({ start: 110, end: 111 }), key({ start: 111, end: 112 }), delta({ start: 112, end: 130 })]) {
      feed.chunk(chunk);
      second();
      since.push(histories.of('cam').sinceKeyframe);
    }
    expect(since).toEqual([1, 11, 1, 19]);
  });

  it('counts no picture that is sent again while video has stopped as a keyframe of its publisher', () => {
    const { relay, histories, second } = watched();
    const feed = relay.live();
    const gops: unknown[] = [];
    const chunks = [key({ start: 0 }), key({ start: 2 }), { ...key({ start: 3 }), standsIn: true } as const, { ...key({ start: 13 }), standsIn: true } as const, key({ start: 20 }), key({ start: 25 })];
    for (const chunk of chunks) {
      feed.chunk(chunk);
      second();
      gops.push(histories.of('cam').gop);
    }
    expect(gops).toEqual([undefined, 2, 2, 2, 2, 5]);
  });

  it('knows the time between keyframes, however far they are apart', () => {
    const { relay, histories, second } = watched();
    const feed = relay.live();
    feed.chunk(key({ start: 0 }));
    second();
    expect(histories.of('cam').gop).toBeUndefined();
    feed.chunk(delta({ start: 1 }));
    feed.chunk(key({ start: 2 }));
    feed.chunk(key({ start: 3.5 }));
    second();
    expect(histories.of('cam').gop).toBe(1.5);
    for (let index = 0; index < 30; index++) {
      feed.chunk(delta({ start: 4 + index }));
      second();
    }
    feed.chunk(key({ start: 34 }));
    second();
    expect(histories.of('cam').gop).toBe(30.5);
  });

  it('knows no such time of a stream without video', () => {
    const { relay, histories, second } = watched();
    const feed = relay.live();
    for (let index = 0; index < 3; index++) feed.chunk(onlyAudio({ start: index }));
    second();
    expect(histories.of('cam').gop).toBeUndefined();
  });
});
