import type { Chunk, InitSegment } from '../../../src/media/chunk';
import { MediaParser } from '../../../src/media/media-parser';
import { TrackBridge } from '../../../src/publish/track-bridge';
import { joinBytes } from '../../support/container-parser-contract';
import { FakeClock } from '../../support/fake-clock';
import { AUDIO, AV_MOOV, fragment, FTYP, NON_SYNC, VIDEO } from '../../support/mp4-boxes';
import { CLUSTER, ebml, HEAD, INFO, SEGMENT, simpleBlock, timestamp, tracks, VORBIS, VP8 } from '../../support/webm-elements';

/** Ms between two pictures, and between two packets of sound. */
const PICTURE = 100;
const PACKET = 20;
/** Pictures from one keyframe to the next. */
const GOP = 10;

interface Container {
  readonly init: Uint8Array;
  picture(time: number, keyframe: boolean): Uint8Array;
  packet(time: number): Uint8Array;
}

const MP4: Container = {
  init: joinBytes([FTYP, AV_MOOV]),
  picture: (time, keyframe) => fragment([{ id: VIDEO, time, samples: [{ duration: PICTURE, data: `p${time}`, ...(!keyframe && { flags: NON_SYNC }) }] }]),
  packet: (time) => fragment([{ id: AUDIO, time: time / 10, samples: [{ duration: PACKET / 10, data: `\xfc${time}` }] }]),
};
const text = (data: string): Uint8Array => Uint8Array.from(data, (character) => character.charCodeAt(0));
const WEBM: Container = {
  init: joinBytes(HEAD),
  picture: (time, keyframe) => joinBytes([CLUSTER, timestamp(time), simpleBlock({ track: 1, flags: keyframe ? 0x80 : 0, data: text(`p${time}`) })]),
  packet: (time) => joinBytes([CLUSTER, timestamp(time), simpleBlock({ track: 2, flags: 0x80, data: text(`\xfc${time}`) })]),
};

/** A camera that publishes in real time, and what leaves the bridge. */
class Camera {
  readonly clock = new FakeClock();
  readonly chunks: Chunk[] = [];
  /** Of HLS alone. */
  readonly again: Chunk[] = [];
  readonly told: string[] = [];
  init: InitSegment | undefined;
  readonly #container: Container;
  readonly #bridge: TrackBridge;
  readonly #parser: MediaParser;
  #time = 0;
  #pictures = 0;

  constructor(container: Container) {
    this.#container = container;
    this.#bridge = new TrackBridge(
      {
        init: (init) => {
          this.init = init;
          this.told.push('init');
        },
        chunk: (chunk) => this.chunks.push(chunk),
        again: (chunk) => this.again.push(chunk),
        stopped: (kinds) => this.told.push(`stopped ${kinds.join()}`),
        keyframe: () => this.told.push('keyframe'),
      },
      this.clock,
    );
    this.#parser = new MediaParser(this.#bridge);
    this.#parser.push(container.init);
  }

  /** Publishes up to that time, ms; sound may come so late. */
  until(to: number, { video = true, audio = true, audioLate = 0 } = {}): this {
    for (; this.#time < to; this.#time += PACKET) {
      if (video && this.#time % PICTURE === 0) this.#parser.push(this.#container.picture(this.#time, this.#pictures++ % GOP === 0));
      if (audio && this.#time >= audioLate) this.#parser.push(this.#container.packet(this.#time - audioLate));
      this.clock.pass(PACKET);
    }
    return this;
  }

  /** The parts of one kind, in seconds. */
  parts(kind: 'video' | 'audio', chunks: readonly Chunk[] = this.chunks): { start: number; end: number; chunk: Chunk }[] {
    return chunks.flatMap((chunk) =>
      chunk.spans.flatMap(({ trackId, time, duration }) => {
        const track = this.init?.tracks.find(({ id }) => id === trackId);
        return track?.kind === kind ? [{ start: time / track.timescale, end: (time + duration) / track.timescale, chunk }] : [];
      }),
    );
  }

  /** Where the newest of a track ends, and the longest gap in it from `from` on, seconds. */
  reach(kind: 'video' | 'audio', from = 0): { end: number; gap: number } {
    let end = 0;
    let gap = 0;
    for (const part of this.parts(kind)) {
      if (end > from) gap = Math.max(gap, part.start - end);
      end = Math.max(end, part.end);
    }
    return { end, gap };
  }

  close(): void {
    this.#bridge.close();
  }
}

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
    expect(camera.told).toEqual(['init', 'stopped audio', 'stopped ', 'init']);
    const { gap } = camera.reach('audio', 4);
    expect(gap).toBeCloseTo(0);
  });

  it('has silence from the beginning where none of it ever comes', () => {
    const camera = new Camera(container).until(4_000, { audio: false });
    expect(camera.told).toEqual(['init', 'stopped audio']);
    expect(camera.parts('audio')[0]?.start).toBeLessThan(1);
    expect(camera.reach('audio').end).toBeGreaterThan(3.6);
  });

  it('leaves no timer behind when the publisher goes', () => {
    const camera = new Camera(container).until(3_000).until(4_000, { audio: false });
    camera.close();
    expect(camera.clock.pending).toBe(0);
  });
});

it('of a codec whose silence is not known, a track is reported and left as it is', () => {
  const camera = new Camera({ ...WEBM, init: joinBytes([ebml(), SEGMENT, INFO, tracks(VP8, VORBIS)]) }).until(3_000).until(5_000, { audio: false });
  expect(camera.told).toEqual(['init', 'stopped audio']);
  expect(camera.parts('audio')).toHaveLength(3_000 / PACKET);
});
