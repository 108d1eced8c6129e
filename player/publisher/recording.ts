/** Time between two pieces of a recording, ms: about a frame, so that nothing waits in the recorder. */
const TIMESLICE = 40;
/** Time between two keyframes, ms: how long a newcomer may have to wait. */
const KEYFRAME_INTERVAL = 1_000;
/** How long a recorder may take to hand on its last piece, ms. */
const STOP_TIME = 2_000;

interface RecordingOptions {
  readonly stream: MediaStream;
  readonly mime: string;
  /** Bits a second. */
  readonly videoBitrate: number;
  /** Bits a second. */
  readonly audioBitrate: number;
  /** Makes the recorder; replaced in tests. */
  readonly create?: (stream: MediaStream, options: MediaRecorderOptions) => MediaRecorder;
}

export interface RecordingListener {
  data(piece: Blob): void;
  /** The recorder has stopped though nobody told it to: nothing more comes. */
  failed(error: unknown): void;
}

/** The browser's recorder at work: one file without an end, in small pieces. */
export class Recording {
  readonly #recorder: MediaRecorder;
  readonly #stopped: Promise<void>;
  #listener: RecordingListener | undefined;
  #stopping: Promise<void> | undefined;
  #error: unknown = new Error('The recorder has stopped by itself');

  /** @throws DOMException when the browser can't record this. */
  constructor(options: RecordingOptions, listener: RecordingListener) {
    const create = options.create ?? ((stream, settings) => new MediaRecorder(stream, settings));
    const settings: MediaRecorderOptions & { videoKeyFrameIntervalDuration: number } = {
      mimeType: options.mime,
      videoBitsPerSecond: options.videoBitrate,
      audioBitsPerSecond: options.audioBitrate,
      videoKeyFrameIntervalDuration: KEYFRAME_INTERVAL,
    };
    this.#recorder = create(options.stream, settings);
    this.#listener = listener;
    this.#recorder.ondataavailable = ({ data }) => {
      if (data.size > 0) this.#listener?.data(data);
    };
    this.#recorder.onerror = (event) => {
      this.#error = (event as Event & { error?: unknown }).error ?? this.#error;
    };
    this.#stopped = new Promise((resolve) => {
      this.#recorder.onstop = () => resolve();
    });
    void this.#stopped.then(() => this.#end());
    this.#recorder.start(TIMESLICE);
  }

  /** Ends the file; resolves when its last piece has been handed on. May be called twice. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  /** Ends it at once: nothing more is handed on. May be called twice. */
  discard(): void {
    this.#listener = undefined;
    if (this.#recorder.state !== 'inactive') this.#recorder.stop();
  }

  async #stop(): Promise<void> {
    const listener = this.#listener;
    if (listener === undefined) return;
    this.#listener = { data: (piece) => listener.data(piece), failed: () => undefined };
    if (this.#recorder.state !== 'inactive') this.#recorder.stop();
    await this.#stoppedInTime();
    this.#listener = undefined;
  }

  #stoppedInTime(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, STOP_TIME);
      void this.#stopped.then(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #end(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.failed(this.#error);
  }
}
