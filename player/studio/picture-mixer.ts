import type { PictureSize } from '../publisher/picture-size';
import { readRaw } from '../publisher/raw-tracks';
import { cameraBox, type Corner, frameBox, pictureSize } from './picture-layout';

/** What a mixer is made of: frames in, frames out. Streams can be handed to a worker. */
export interface MixerInput {
  readonly screen: ReadableStream<VideoFrame>;
  readonly camera: ReadableStream<VideoFrame>;
  readonly output: WritableStream<VideoFrame>;
  readonly corner: Corner;
}

/** The longest time between two pictures, ms: a still screen sends nothing, and neither does a camera that is gone. */
const PATIENCE = 100;
/** Before the screen's first frame. */
const FIRST_SIZE: PictureSize = { width: 1280, height: 720 };

/** Lays the camera over a corner of the screen, a picture for each frame of the camera. Works in a page and in a worker. */
export class PictureMixer {
  corner: Corner;
  readonly #canvas = new OffscreenCanvas(FIRST_SIZE.width, FIRST_SIZE.height);
  readonly #context = this.#canvas.getContext('2d', { alpha: false, desynchronized: true });
  readonly #writer: WritableStreamDefaultWriter<VideoFrame>;
  readonly #readers: readonly ReadableStreamDefaultReader<VideoFrame>[];
  readonly #timer: ReturnType<typeof setInterval>;
  #screen: VideoFrame | undefined;
  #camera: VideoFrame | undefined;
  #drawnAt = 0;
  #writing = false;
  #closed = false;

  constructor({ screen, camera, output, corner }: MixerInput) {
    this.corner = corner;
    this.#writer = output.getWriter();
    const [screenReader, cameraReader] = [screen.getReader(), camera.getReader()];
    this.#readers = [screenReader, cameraReader];
    void this.#read(screenReader, (frame) => {
      this.#screen?.close();
      this.#screen = frame;
    });
    void this.#read(cameraReader, (frame) => {
      this.#camera?.close();
      this.#camera = frame;
      if (frame !== undefined) void this.#draw();
    });
    this.#timer = setInterval(() => {
      if (performance.now() - this.#drawnAt >= PATIENCE) void this.#draw();
    }, PATIENCE / 2);
  }

  /** Lets go of all frames. May be called twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    for (const reader of this.#readers) void reader.cancel().catch(() => undefined);
    void this.#writer.close().catch(() => undefined);
    this.#screen?.close();
    this.#camera?.close();
    this.#screen = this.#camera = undefined;
  }

  async #read(reader: ReadableStreamDefaultReader<VideoFrame>, take: (frame: VideoFrame | undefined) => void): Promise<void> {
    await readRaw(reader, (frame) => {
      if (this.#closed) return false;
      take(frame);
      return true;
    });
    if (!this.#closed) take(undefined);
  }

  async #draw(): Promise<void> {
    // A page that is too slow leaves pictures out, rather than queue them.
    if (this.#closed || this.#writing || this.#context === null) return;
    this.#drawnAt = performance.now();
    this.#compose(this.#context);
    const picture = new VideoFrame(this.#canvas, { timestamp: Math.round(this.#drawnAt * 1000) });
    this.#writing = true;
    try {
      await this.#writer.write(picture);
    } catch {
      picture.close();
      this.close();
    } finally {
      this.#writing = false;
    }
  }

  #compose(context: OffscreenCanvasRenderingContext2D): void {
    const size = this.#screen === undefined ? this.#canvas : pictureSize(sizeOf(this.#screen));
    if (size.width !== this.#canvas.width || size.height !== this.#canvas.height) Object.assign(this.#canvas, { width: size.width, height: size.height });
    const { width, height } = this.#canvas;
    if (this.#screen === undefined) context.clearRect(0, 0, width, height);
    else context.drawImage(this.#screen, 0, 0, width, height);
    if (this.#camera === undefined) return;
    const box = cameraBox({ width, height }, sizeOf(this.#camera), this.corner);
    frameBox(context, box);
    context.drawImage(this.#camera, box.x, box.y, box.width, box.height);
  }
}

function sizeOf({ displayWidth, displayHeight }: VideoFrame): PictureSize {
  return { width: displayWidth, height: displayHeight };
}
