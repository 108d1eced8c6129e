import { KeyframeWatch } from '../../../src/media/keyframe-watch';
import { audio, delta, key } from '../../support/fake-media';

describe('a watch for keyframes', () => {
  it('reports once that none has come for more than 10.5 s of media', () => {
    const watch = new KeyframeWatch();
    const taken = [key({ start: 100, end: 101 }), delta({ start: 101, end: 110.5 }), delta({ start: 110.5, end: 111 }), delta({ start: 111, end: 112 })];
    expect(taken.map((chunk) => watch.take(chunk))).toEqual([undefined, undefined, 11, undefined]);
  });

  it('reports a fragment that is longer itself, and a stream that begins without a keyframe', () => {
    expect(new KeyframeWatch().take(key({ start: 0, end: 12 }))).toBe(12);
    expect(new KeyframeWatch().take(delta({ start: 5, end: 17 }))).toBe(12);
  });

  it('reports nothing where keyframes come, of sound, and across epochs', () => {
    const watch = new KeyframeWatch();
    for (let start = 0; start < 60; start += 10) expect([watch.take(key({ start, end: start + 1 })), watch.take(audio({ start: start + 1, end: start + 90 })), watch.take(delta({ start: start + 1, end: start + 10 }))]).toEqual([undefined, undefined, undefined]);
    watch.beginEpoch();
    expect(watch.take(delta({ start: 500, end: 510 }))).toBeUndefined();
  });
});
