import { type PictureCodec, pictureConfig, type PictureWish } from './codec-choice';
import { chunkBytes, descriptionBytes } from './encoded-bytes';
import type { EncodedPicture } from './live-muxer';
import type { PictureSize } from './picture-size';

/** Frames that may wait in the encoder: more only make the picture late. */
const QUEUE = 2;
/** Time from keyframe to keyframe, s: how long a newcomer may have to wait. */
const KEY_INTERVAL = 2;
/** Bitrates this near to each other count as the same: each change costs a keyframe. */
const SAME = 0.05;

interface PictureListener {
  picture(picture: EncodedPicture): void;
  /** It takes no more: another one has to be made. */
  failed(error: unknown): void;
}

/** Makes the browser's encoder; replaced in tests. */
export type CreateVideoEncoder = (init: VideoEncoderInit) => VideoEncoder;

/** The browser's encoder of pictures at work. */
export class PictureEncoder {
  readonly #codec: PictureCodec;
  readonly #encoder: VideoEncoder;
  readonly #listener: PictureListener;
  #wish: PictureWish | undefined;
  #description: Uint8Array | undefined;
  #keyAt = -Infinity;
  #wantsKey = true;

  constructor(codec: PictureCodec, listener: PictureListener, create: CreateVideoEncoder = (init) => new VideoEncoder(init)) {
    this.#codec = codec;
    this.#listener = listener;
    this.#encoder = create({
      output: (chunk, metadata) => this.#output(chunk, metadata),
      error: (error) => listener.failed(error),
    });
  }

  /** Whether it has more to do than it gets done. */
  get busy(): boolean {
    return this.#encoder.encodeQueueSize > QUEUE;
  }

  /** The next frame is to be a keyframe. */
  wantKey(): void {
    this.#wantsKey = true;
  }

  /** Encodes a frame and lets go of it. @param time of the presentation, seconds. */
  encode(frame: VideoFrame, time: number, wish: Omit<PictureWish, 'codec'>): void {
    try {
      this.#configure({ ...wish, codec: this.#codec });
      const keyFrame = this.#wantsKey || time - this.#keyAt >= KEY_INTERVAL;
      const timed = new VideoFrame(frame, { timestamp: Math.round(time * 1e6) });
      this.#encoder.encode(timed, { keyFrame });
      timed.close();
      if (keyFrame) this.#keyAt = time;
      this.#wantsKey = false;
    } catch (error) {
      this.#listener.failed(error);
    } finally {
      frame.close();
    }
  }

  /** Resolves when all that it was given has come out. */
  async flush(): Promise<void> {
    if (this.#encoder.state === 'configured') await this.#encoder.flush().catch(() => undefined);
  }

  /** May be called twice. */
  close(): void {
    if (this.#encoder.state !== 'closed') this.#encoder.close();
  }

  #configure(wish: PictureWish): void {
    const now = this.#wish;
    const alike = now !== undefined && sameSize(now, wish) && now.frameRate === wish.frameRate && Math.abs(now.bitrate - wish.bitrate) <= SAME * now.bitrate;
    if (alike) return;
    this.#encoder.configure(pictureConfig(wish));
    // Behind a configuration the browser takes nothing but a keyframe.
    this.#wantsKey = true;
    this.#wish = wish;
  }

  #output(chunk: EncodedVideoChunk, metadata: EncodedVideoChunkMetadata | undefined): void {
    this.#description = descriptionBytes(metadata?.decoderConfig) ?? this.#description;
    const { width = 0, height = 0 } = this.#wish ?? {};
    this.#listener.picture({ codec: this.#codec, size: { width, height }, description: this.#description, time: chunk.timestamp / 1e6, key: chunk.type === 'key', data: chunkBytes(chunk) });
  }
}

function sameSize(a: PictureSize, b: PictureSize): boolean {
  return a.width === b.width && a.height === b.height;
}
