import { avcConfiguration, IDR, lengthPrefixed, pps, SLICE, sps } from './h264';

/** A picture of a camera; also what `new VideoFrame(frame, { timestamp })` makes of one. */
export class FakeFrame {
  readonly displayWidth = 320;
  readonly displayHeight = 180;
  readonly timestamp: number;
  closed = false;

  /** @param timestamp µs. */
  constructor(_: unknown, { timestamp }: { readonly timestamp: number }) {
    this.timestamp = timestamp;
  }

  close(): void {
    this.closed = true;
  }
}

/** A piece of a microphone's sound, 10 ms unless told otherwise; also what `new AudioData(…)` makes of silence. */
export class FakeSound {
  readonly sampleRate = 48_000;
  readonly numberOfChannels = 1;
  readonly numberOfFrames: number;
  readonly timestamp: number;

  /** @param timestamp µs. */
  constructor({ timestamp, numberOfFrames = 480 }: { readonly timestamp: number; readonly numberOfFrames?: number }) {
    this.timestamp = timestamp;
    this.numberOfFrames = numberOfFrames;
  }

  close(): void {
    // Nothing is held.
  }
}

class FakeEncoder {
  readonly #init: { error: (error: DOMException) => void };
  state = 'unconfigured';
  encodeQueueSize = 0;

  constructor(init: { error: (error: DOMException) => void }) {
    this.#init = init;
  }

  configure(): void {
    this.state = 'configured';
  }

  async flush(): Promise<void> {
    // All has come out.
  }

  close(): void {
    this.state = 'closed';
  }

  /** As a browser's does when its hardware has gone. */
  fail(): void {
    this.close();
    this.#init.error(new DOMException('The hardware has gone', 'OperationError'));
  }
}

/** A browser's `VideoEncoder`, of H.264, that gives each picture in the next microtask. */
export class FakeVideoEncoder extends FakeEncoder {
  readonly #output: VideoEncoderInit['output'];
  /** Of the pictures that it was given, whether each was to be a keyframe. */
  readonly keys: boolean[] = [];

  constructor(init: VideoEncoderInit) {
    super(init);
    this.#output = init.output;
  }

  encode({ timestamp }: FakeFrame, { keyFrame }: { readonly keyFrame: boolean }): void {
    this.keys.push(keyFrame);
    const chunk = chunkOf(lengthPrefixed([keyFrame ? IDR : SLICE]), { type: keyFrame ? 'key' : 'delta', timestamp });
    const metadata = { decoderConfig: { codec: 'avc1.4d001e', description: avcConfiguration(sps({ columns: 20, rows: 12 }), pps()) as Uint8Array<ArrayBuffer> } };
    queueMicrotask(() => this.#output(chunk as EncodedVideoChunk, metadata));
  }
}

/** A browser's `AudioEncoder`, of Opus, that gives a packet for each two pieces of 10 ms. */
export class FakeAudioEncoder extends FakeEncoder {
  readonly #output: AudioEncoderInit['output'];
  #samples = 0;

  constructor(init: AudioEncoderInit) {
    super(init);
    this.#output = init.output;
  }

  encode({ numberOfFrames }: Pick<FakeSound, 'numberOfFrames'>): void {
    for (this.#samples += numberOfFrames; this.#samples >= 960; this.#samples -= 960) {
      const chunk = chunkOf(Uint8Array.of(0x08, 1, 2, 3), { type: 'key', timestamp: 0, duration: 20_000 });
      this.#output(chunk as EncodedAudioChunk, { decoderConfig: { codec: 'opus', sampleRate: 48_000, numberOfChannels: 1 } });
    }
  }
}

function chunkOf(data: Uint8Array, about: { readonly type: 'key' | 'delta'; readonly timestamp: number; readonly duration?: number }): Partial<EncodedVideoChunk> {
  return { duration: null, ...about, byteLength: data.length, copyTo: (to) => (to as Uint8Array).set(data) };
}
