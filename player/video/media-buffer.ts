import { attachMediaSource } from './media-source';

/** What the buffer hears back. */
export interface MediaBufferListener {
  /** Something was appended: `buffered` may have changed. */
  appended(): void;
  /** It can't go on: the media is broken for this browser, or the browser takes no more. */
  failed(reason: string): void;
}

/** One step on the SourceBuffer; each begins when the one before is done. */
type Step =
  | { readonly type: 'append'; readonly bytes: Uint8Array }
  | { readonly type: 'epoch'; readonly mime: string; readonly offset: number }
  | { readonly type: 'end' };

/** What was played is kept this long, seconds; it is trimmed when that much more has come together. */
const BACK_BUFFER = 20;
const TRIM_STEP = 10;
/** What is kept when the browser takes no more. */
const LEAST_BACK_BUFFER = 2;
/** Bytes that may wait to be appended: a browser that takes none in that time is stuck. */
const MAX_QUEUE = 48 << 20;

/** The SourceBuffer of one video element: takes media in order, one piece at a time, and trims what was played. */
export class MediaBuffer {
  readonly #video: HTMLVideoElement;
  readonly #listener: MediaBufferListener;
  readonly #steps: Step[] = [];
  #queued = 0;
  #source: MediaSource | undefined;
  #buffer: SourceBuffer | undefined;
  #mime: string | undefined;
  #closed = false;

  /** Attaches a new media source to `video`. */
  constructor(video: HTMLVideoElement, listener: MediaBufferListener) {
    this.#video = video;
    this.#listener = listener;
    void attachMediaSource(video).then((source) => {
      if (this.#closed) return;
      this.#source = source;
      source.duration = Infinity;
      this.#run();
    });
  }

  /** What is buffered, in seconds of the presentation; undefined before there is anything. */
  get buffered(): TimeRanges | undefined {
    return this.#buffer?.buffered;
  }

  /** An epoch of type `mime` begins, whose media time plus `offset` is presentation time. Its init segment must follow. */
  beginEpoch(mime: string, offset: number): void {
    this.#add({ type: 'epoch', mime, offset });
  }

  append(bytes: Uint8Array): void {
    this.#queued += bytes.length;
    if (this.#queued > MAX_QUEUE) this.#fail('The browser takes no more media');
    else this.#add({ type: 'append', bytes });
  }

  /** Nothing more comes: the video ends behind what it has, and the buffer closes by itself. */
  end(): void {
    this.#add({ type: 'end' });
  }

  /** Where the video may be asked to go, seconds. */
  setSeekable(from: number, to: number): void {
    if (this.#source?.readyState === 'open' && to > from) this.#source.setLiveSeekableRange(from, to);
  }

  /** Takes nothing more. May be called twice. */
  close(): void {
    this.#closed = true;
    this.#steps.length = 0;
    if (this.#buffer !== undefined) this.#buffer.onupdateend = null;
    this.#buffer = undefined;
    this.#source = undefined;
  }

  #add(step: Step): void {
    if (this.#closed) return;
    this.#steps.push(step);
    this.#run();
  }

  #run(): void {
    while (this.#source !== undefined && this.#buffer?.updating !== true && !this.#closed) {
      if (this.#trim(BACK_BUFFER, TRIM_STEP)) return;
      const step = this.#steps[0];
      if (step === undefined) return;
      if (!this.#take(step, this.#source)) return;
      this.#steps.shift();
      if (step.type === 'append') this.#queued -= step.bytes.length;
    }
  }

  /** Begins a step; false if it has to be tried again, or the buffer has failed. */
  #take(step: Step, source: MediaSource): boolean {
    try {
      switch (step.type) {
        case 'append':
          // The bytes are a message of their own: nobody else has them.
          this.#buffer?.appendBuffer(step.bytes as Uint8Array<ArrayBuffer>);
          return true;
        case 'epoch':
          this.#beginEpoch(source, step);
          return true;
        case 'end':
          if (source.readyState === 'open') source.endOfStream();
          this.close();
          return true;
        default:
          step satisfies never;
          return true;
      }
    } catch (error) {
      if ((error as DOMException).name === 'QuotaExceededError' && this.#trim(LEAST_BACK_BUFFER, 0)) return false;
      this.#fail(`The browser refuses this media: ${(error as Error).message}`);
      return false;
    }
  }

  #beginEpoch(source: MediaSource, { mime, offset }: Extract<Step, { type: 'epoch' }>): void {
    const buffer = this.#buffer ?? source.addSourceBuffer(mime);
    if (this.#buffer === undefined) {
      this.#buffer = buffer;
      buffer.onupdateend = () => {
        this.#listener.appended();
        this.#run();
      };
    } else {
      buffer.abort();
      if (mime !== this.#mime) buffer.changeType(mime);
    }
    this.#mime = mime;
    buffer.timestampOffset = offset;
  }

  /** Begins to remove what lies more than `keep` seconds behind, if that is over `step` seconds. */
  #trim(keep: number, step: number): boolean {
    const buffer = this.#buffer;
    if (buffer === undefined || buffer.buffered.length === 0 || this.#source?.readyState !== 'open') return false;
    const start = buffer.buffered.start(0);
    const end = this.#video.currentTime - keep;
    if (end - start <= step) return false;
    buffer.remove(start, end);
    return true;
  }

  #fail(reason: string): void {
    if (this.#closed) return;
    this.close();
    this.#listener.failed(reason);
  }
}
