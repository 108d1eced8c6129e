import type { Chunk, InitSegment } from '../../src/media/chunk';
import { Continuity } from '../../src/media/continuity';
import { MediaParser } from '../../src/media/media-parser';
import { TrackBridge } from '../../src/publish/track-bridge';
import { joinBytes } from './container-parser-contract';
import { FakeClock } from './fake-clock';
import { AUDIO, AV_MOOV, box, fragment, FTYP, hex, mvhd, NON_SYNC, trak, trex, VIDEO, videoTrak } from './mp4-boxes';
import { CLUSTER, ebml, HEAD, INFO, SEGMENT, simpleBlock, timestamp, tracks, VORBIS, VP8 } from './webm-elements';

/** Ms between two pictures, and between two packets of sound. */
export const PICTURE = 100;
export const PACKET = 20;
/** Pictures from one keyframe to the next. */
const GOP = 10;

/** How media is written. Times are in ms. */
export interface CameraContainer {
  readonly init: Uint8Array;
  picture(time: number, keyframe: boolean): Uint8Array;
  packet(time: number): Uint8Array;
}

export const MP4: CameraContainer = {
  init: joinBytes([FTYP, AV_MOOV]),
  picture: (time, keyframe) => fragment([{ id: VIDEO, time, samples: [{ duration: PICTURE, data: `p${time}`, ...(!keyframe && { flags: NON_SYNC }) }] }]),
  packet: (time) => fragment([{ id: AUDIO, time: time / 10, samples: [{ duration: PACKET / 10, data: `\xfc${time}` }] }]),
};
const text = (data: string): Uint8Array => Uint8Array.from(data, (character) => character.charCodeAt(0));
export const WEBM: CameraContainer = {
  init: joinBytes(HEAD),
  picture: (time, keyframe) => joinBytes([CLUSTER, timestamp(time), simpleBlock({ track: 1, flags: keyframe ? 0x80 : 0, data: text(`p${time}`) })]),
  packet: (time) => joinBytes([CLUSTER, timestamp(time), simpleBlock({ track: 2, flags: 0x80, data: text(`\xfc${time}`) })]),
};

/** Opus of six channels, for which there is no silence. */
const SURROUND = box('Opus', hex('000000000000 0001'), new Uint8Array(8), hex('0006 0010 0000 0000 bb80 0000'), box('dOps', hex('00 06 0000 0000bb80 0000 01 04 02 000401020305')));
export const SURROUND_MP4: CameraContainer = {
  ...MP4,
  init: joinBytes([FTYP, box('moov', mvhd(), videoTrak, trak({ id: AUDIO, handler: 'soun', entry: SURROUND, timescale: 100 }), box('mvex', trex(VIDEO), trex(AUDIO)))]),
};
export const VORBIS_WEBM: CameraContainer = { ...WEBM, init: joinBytes([ebml(), SEGMENT, INFO, tracks(VP8, VORBIS)]) };

/** A camera that publishes in real time, and what leaves the bridge. */
export class Camera {
  readonly clock = new FakeClock();
  readonly chunks: Chunk[] = [];
  /** Of HLS alone. */
  readonly again: Chunk[] = [];
  readonly told: string[] = [];
  init: InitSegment | undefined;
  /** The first one, with all tracks. */
  all: InitSegment | undefined;
  /** How many chunks came before the newest epoch. */
  epochAt = 0;
  readonly #container: CameraContainer;
  readonly #parser: MediaParser;
  #time = 0;
  #jumped = 0;
  #pictures = 0;

  #gop: number;

  /** @param gop pictures from one keyframe to the next; with 0 there is none. */
  constructor(container: CameraContainer, gop = GOP) {
    this.#container = container;
    this.#gop = gop;
    const bridge = new TrackBridge(
      {
        init: (init, stopped = []) => {
          this.init = init;
          this.all ??= init;
          this.epochAt = this.chunks.length;
          this.told.push(['init', ...stopped].join(' '));
        },
        chunk: (chunk) => this.chunks.push(chunk),
        again: (chunk) => this.again.push(chunk),
        stopped: (kinds) => this.told.push(`stopped ${kinds.join()}`),
        keyframe: () => this.told.push('keyframe'),
      },
      this.clock,
    );
    this.#parser = new MediaParser(new Continuity({ init: (init) => bridge.init(init), chunk: (chunk) => bridge.chunk(chunk), jumped: () => this.told.push('jumped') }));
    this.#parser.push(container.init);
  }

  /** From now on there is a keyframe every so many pictures. */
  keyframes(gop: number): this {
    this.#gop = gop;
    return this;
  }

  /** Publishes these bytes. */
  push(bytes: Uint8Array): void {
    this.#parser.push(bytes);
  }

  /** Goes on with times that are so much later, ms. */
  jump(by: number): this {
    this.#jumped += by;
    return this;
  }

  /** Publishes up to that time, ms; sound may come so late. */
  until(to: number, { video = true, audio = true, audioLate = 0 } = {}): this {
    for (; this.#time < to; this.#time += PACKET) {
      if (video && this.#time % PICTURE === 0) this.#parser.push(this.#container.picture(this.#jumped + this.#time, this.#gop > 0 && this.#pictures++ % this.#gop === 0));
      if (audio && this.#time >= audioLate) this.#parser.push(this.#container.packet(this.#jumped + this.#time - audioLate));
      this.clock.pass(PACKET);
    }
    return this;
  }

  /** What has come in the newest epoch. */
  get epoch(): readonly Chunk[] {
    return this.chunks.slice(this.epochAt);
  }

  /** The parts of one kind, in seconds. */
  parts(kind: 'video' | 'audio', chunks: readonly Chunk[] = this.chunks): { start: number; end: number; chunk: Chunk }[] {
    return chunks.flatMap((chunk) =>
      chunk.spans.flatMap(({ trackId, time, duration }) => {
        const track = this.all?.tracks.find(({ id }) => id === trackId);
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
}
