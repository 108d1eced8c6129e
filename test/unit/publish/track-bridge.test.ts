import { Camera, MP4, PACKET, PICTURE, WEBM } from '../../support/camera';
import { AUDIO, fragment, NON_SYNC, VIDEO } from '../../support/mp4-boxes';

describe.each([
  ['MP4', MP4],
  ['WebM', WEBM],
])('a track that stops in %s', (_, container) => {
  it('is passed on as it comes while it goes on', () => {
    const camera = new Camera(container).until(5_000);
    expect(camera.chunks).toHaveLength(5_000 / PICTURE + 5_000 / PACKET);
    expect(camera.told).toEqual(['init']);
  });

  it('has silence in its place within 2 s, without a gap, where it is the sound', () => {
    const camera = new Camera(container).until(3_000).until(5_000, { audio: false });
    expect(camera.told).toEqual(['init', 'stopped audio']);
    expect(camera.reach('audio').end).toBeGreaterThan(4.6);
    camera.until(8_000, { audio: false }).until(10_000);
    expect(camera.told).toEqual(['init', 'stopped audio', 'stopped ']);
    const { end, gap } = camera.reach('audio');
    expect(end).toBeCloseTo(10);
    expect(gap).toBeLessThan(0.12);
    expect(camera.parts('video')).toHaveLength(10_000 / PICTURE);
  });

  it('has its last picture in its place within 2 s, with which newcomers can begin, where it is the picture', () => {
    const camera = new Camera(container).until(2_550).until(4_550, { video: false });
    expect(camera.told).toEqual(['init', 'stopped video']);
    const shown = camera.parts('video').slice(26);
    expect(shown[0]?.chunk.joinable).toBe(true);
    expect(shown[0]?.start).toBeCloseTo(2.6);
    expect(shown.at(-1)?.end).toBeGreaterThan(10);
    // All that its decoder needs: the GOP from 2 s on.
    const sent = shown.map(({ chunk }) => Buffer.from(chunk.bytes).toString('latin1')).join('');
    expect([...sent.matchAll(/p2\d00/g)].map(([data]) => data)).toEqual(['p2000', 'p2100', 'p2200', 'p2300', 'p2400', 'p2500']);
  });

  it('lasts on, and is cut for HLS every 2 s, while the picture stays away', () => {
    const camera = new Camera(container).until(3_000).until(22_000, { video: false });
    expect(camera.reach('video', 1).gap).toBe(0);
    const cuts = camera.again.filter(({ joinable }) => joinable).map(({ end, start }) => (start + end) / 2);
    expect(cuts.length).toBeGreaterThan(6);
    expect(Math.max(...cuts.slice(1).map((time, i) => time - (cuts[i] ?? 0)))).toBeLessThan(4.5);
    expect(camera.parts('audio').slice(-10).every(({ chunk }) => chunk.standsIn)).toBe(true);
    camera.until(24_000);
    expect(camera.told).toEqual(['init', 'stopped video', 'stopped ']);
    // It depends on the last picture, which the decoders have.
    expect(camera.parts('video').at(-1)?.chunk.joinable).toBe(false);
    expect(camera.chunks.at(-1)?.standsIn).toBeUndefined();
  });

  it('is no track whose packets come in pieces, or seldom', () => {
    const camera = new Camera(container);
    for (let time = 0; time < 20_000; time += 1_000) camera.until(time + 400).until(time + 1_000, { audio: false });
    for (let time = 20_000; time < 30_000; time += 1_000) camera.until(time + 100).until(time + 1_000, { video: false });
    expect(camera.told).toEqual(['init']);
  });

  it('is no track that comes late, which is passed on where it belongs after one new epoch', () => {
    const camera = new Camera(container).until(20_000, { audioLate: 4_000 });
    expect(camera.told).toEqual(['init', 'stopped audio', 'init']);
    const { gap } = camera.reach('audio', 4);
    expect(gap).toBeCloseTo(0);
  });

  it('has silence from the beginning where none of it ever comes', () => {
    const camera = new Camera(container).until(4_000, { audio: false });
    expect(camera.told).toEqual(['init', 'stopped audio']);
    expect(camera.parts('audio')[0]?.start).toBeLessThan(1);
    expect(camera.reach('audio').end).toBeGreaterThan(3.6);
  });
});

describe('a publisher whose tracks come unevenly', () => {
  /** A fragment of one track that lasts so long, ms. */
  const piece = (id: number, time: number, length: number, samples = 1): Uint8Array => {
    const scale = id === VIDEO ? 1 : 10;
    return fragment([{ id, time: time / scale, samples: Array.from({ length: samples }, (_, i) => ({ duration: length / samples / scale, data: `\xfc${i}`, ...(i > 0 && { flags: NON_SYNC }) })) }]);
  };

  it('is reported once, and not each time, where it sends a picture every 10 s', () => {
    const camera = new Camera(MP4);
    for (let time = 0; time < 100_000; time += 10_000) camera.until(time + 20).until(time + 10_000, { video: false });
    expect(camera.told).toEqual(['init', 'stopped video', 'stopped ']);
    expect(camera.reach('video', 1).gap).toBeLessThan(0.01);
  });

  it('has no track that stops where it sends pieces of 3 s, one track after the other', () => {
    const camera = new Camera(MP4);
    for (let time = 0; time < 60_000; time += 3_000) {
      camera.push(piece(VIDEO, time, 3_000));
      camera.clock.pass(200);
      camera.push(piece(AUDIO, time, 3_000));
      camera.clock.pass(2_800);
    }
    expect(camera.told).toEqual(['init']);
    expect(camera.chunks).toHaveLength(40);
  });

  it('has no track that stops where its network stalls between two pieces', () => {
    const camera = new Camera(MP4).until(3_000);
    camera.push(piece(VIDEO, 3_000, 3_000));
    camera.clock.pass(8_000);
    camera.push(piece(AUDIO, 3_000, 3_000));
    expect(camera.told).toEqual(['init']);
  });

  it('has no track that stops where both pause, and one goes on a moment before the other', () => {
    const camera = new Camera(MP4).until(3_000);
    // Its last packet lasts over the pause: so ffmpeg writes it.
    camera.push(piece(AUDIO, 3_000, 1_020));
    camera.clock.pass(1_020);
    camera.push(piece(AUDIO, 4_020, 20));
    camera.push(piece(VIDEO, 4_020, 40));
    expect(camera.told).toEqual(['init']);
  });

  it('makes the relay write little where the times of the other track run fast', () => {
    const camera = new Camera(MP4).until(3_000).until(5_000, { video: false });
    const before = camera.chunks.length + camera.again.length;
    for (let i = 0; i < 1_000; i++) camera.push(piece(AUDIO, 5_000 + i * 9_000, 9_000));
    expect(camera.chunks.length + camera.again.length - before - 1_000).toBeLessThan(10);
  });

  it('has only its keyframe sent again where a GOP has thousands of frames', () => {
    const camera = new Camera(MP4);
    camera.push(piece(VIDEO, 0, 3_000, 3_000));
    camera.until(3_000, { video: false });
    const before = camera.chunks.length;
    camera.until(6_000, { video: false });
    const again = camera.parts('video', camera.chunks.slice(before));
    expect(again).toHaveLength(1);
    expect(again[0]!.chunk.bytes.length).toBeLessThan(200);
  });

  it('is silent, or shows its last picture, from the beginning of the epoch that a jump of its times begins', () => {
    const camera = new Camera(MP4).until(3_000).until(5_000, { video: false }).jump(60_000).until(10_000, { video: false });
    expect(camera.told).toEqual(['init', 'stopped video', 'jumped', 'init video']);
    expect(camera.parts('video', camera.epoch)[0]!.start - camera.epoch[0]!.start).toBeLessThan(1);
    camera.until(12_000);
    expect(camera.told.slice(4)).toEqual(['stopped ']);
  });
});
