import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Chunk, InitSegment, Track } from '../../src/media/chunk';
import { MediaParser } from '../../src/media/media-parser';
import { FFMPEG, H264_AAC, testPicture } from './ffmpeg';
import { findBoxes } from './mp4-parse';
import { connectPublisher } from './publishing';
import type { TestSocket } from './test-socket';

/** How a chunk of pictures is damaged; its boxes stay whole, so that the relay passes it on. */
export type Damage =
  /** The slices are noise: a decoder makes of that what it can. */
  | 'slices'
  /** The lengths of the NAL units point nowhere: a browser can't append that. */
  | 'lengths';

const BOX_HEADER = 8;
const NAL_LENGTH = 4;
/** Of a NAL unit; with a slice's header, which says of which picture it is. */
const SLICE_HEADER = 8;
/** Above this NAL units hold no slices: ITU-T H.264, table 7-1. */
const LAST_SLICE_TYPE = 5;

const OUTPUT = ['-tune', 'zerolatency', '-movflags', '+frag_every_frame+empty_moov+default_base_moof', '-f', 'mp4', '-flush_packets', '1'];

/** Publishes a moving picture with sound, a chunk a frame, and damages pictures, or leaves out a track, on the way as it is told. */
export class DamagedPublisher {
  readonly #ffmpeg: ChildProcess;
  readonly #socket: TestSocket;
  #damage: Damage | undefined;
  #left = 0;
  #init: InitSegment | undefined;
  #off: Track['kind'] | undefined;
  #awaitsKeyframe = false;

  private constructor(ffmpeg: ChildProcess, socket: TestSocket) {
    this.#ffmpeg = ffmpeg;
    this.#socket = socket;
    const parser = new MediaParser({ init: (init) => this.#begin(init), chunk: (chunk) => this.#pass(chunk) });
    ffmpeg.stdout?.on('data', (bytes: Uint8Array) => parser.push(bytes));
  }

  /** @param options `query` of its address; `encoding`: what ffmpeg makes of the picture and the sound. */
  static async start(wsUrl: string, name: string, { query = '', encoding = [...H264_AAC, ...OUTPUT] }: { query?: string; encoding?: readonly string[] } = {}): Promise<DamagedPublisher> {
    const socket = await connectPublisher(wsUrl, name, query);
    const ffmpeg = spawn(FFMPEG, ['-hide_banner', '-nostdin', '-v', 'error', '-re', ...testPicture(), ...encoding, 'pipe:1'], { stdio: ['ignore', 'pipe', 'inherit'] });
    return new DamagedPublisher(ffmpeg, socket);
  }

  /** Damages the next so many pictures. */
  damage(how: Damage, pictures: number): void {
    this.#damage = how;
    this.#left = pictures;
  }

  /** Leaves out the track of that kind from now on, as a camera whose microphone is switched off; none without. A picture comes back with a keyframe. */
  leaveOut(kind?: Track['kind']): void {
    this.#awaitsKeyframe = this.#off === 'video';
    this.#off = kind;
  }

  async stop(): Promise<void> {
    const closed = once(this.#ffmpeg, 'close');
    this.#ffmpeg.kill('SIGKILL');
    await closed;
    this.#socket.tell({ type: 'end' });
    await this.#socket.closed;
  }

  #begin(init: InitSegment): void {
    this.#init = init;
    this.#socket.send(init.bytes);
  }

  #pass({ bytes, hasVideo, joinable, spans }: Chunk): void {
    const kind = this.#init?.tracks.find(({ id }) => id === spans[0]?.trackId)?.kind;
    if (kind === this.#off || (hasVideo && this.#awaitsKeyframe && !joinable)) return;
    if (hasVideo) this.#awaitsKeyframe = false;
    const copy = bytes.slice();
    if (this.#left > 0 && hasVideo) {
      this.#left--;
      const [data] = findBoxes(copy, 'mdat');
      if (this.#damage === 'lengths') data?.fill(0xff, BOX_HEADER, BOX_HEADER + NAL_LENGTH);
      else if (data !== undefined) spoilSlices(data.subarray(BOX_HEADER));
    }
    this.#socket.send(copy);
  }
}

/** Overwrites what the slices of a picture hold, but not where they lie. */
function spoilSlices(picture: Uint8Array): void {
  const view = new DataView(picture.buffer, picture.byteOffset, picture.byteLength);
  for (let at = 0; at + NAL_LENGTH < picture.length; at += NAL_LENGTH + view.getUint32(at)) {
    const unit = picture.subarray(at + NAL_LENGTH, at + NAL_LENGTH + view.getUint32(at));
    if ((unit[0]! & 0x1f) > LAST_SLICE_TYPE) continue;
    unit.subarray(SLICE_HEADER).forEach((_, i, slice) => (slice[i] = (i * 73 + 41) & 0xff));
  }
}
