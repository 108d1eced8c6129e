import { type Attachment, makeMediaSource } from './media-source';
import { addsSilence, Silence } from './silence';

/** What the buffer hears back. */
export interface MediaBufferListener {
  /** The video has to be given this. */
  made(attachment: Attachment): void;
  /** Something was appended: `buffered` may have changed. */
  appended(): void;
  /** It can't go on: the media is broken for this browser, or the browser takes no more. */
  failed(reason: string): void;
}

/** One step on the SourceBuffer; each begins when the one before is done. */
type Step =
  | { readonly type: 'append'; readonly bytes: Uint8Array }
  | { readonly type: 'epoch'; readonly mime: string; readonly offset: number }
  | { readonly type: 'remove'; readonly to: number }
  | { readonly type: 'end' };

/** Bytes that may wait to be appended: a browser that takes none in that time is stuck. */
const MAX_QUEUE = 48 << 20;
const NO_SILENCE = 'The browser takes no silence: ';

/** The SourceBuffer of one video element: takes media in order, one piece at a time. */
export class MediaBuffer {
  /** What is before this is removed when the browser takes no more; as for `remove`. */
  expendable = 0;
  readonly #listener: MediaBufferListener;
  readonly #steps: Step[] = [];
  #queued = 0;
  #source: MediaSource | undefined;
  #buffer: SourceBuffer | undefined;
  #mime: string | undefined;
  #silence: Silence | undefined;
  #closed = false;

  /** Makes a media source: it opens when the video has got it. */
  constructor(listener: MediaBufferListener) {
    this.#listener = listener;
    const { source, attachment } = makeMediaSource();
    source.addEventListener('sourceopen', () => this.#opened(source, attachment), { once: true });
    listener.made(attachment);
  }

  /** An epoch of type `mime` begins, whose media time plus `offset` is presentation time. Its init segment must follow. */
  beginEpoch(mime: string, offset: number): void {
    this.#add({ type: 'epoch', mime, offset });
  }

  append(bytes: Uint8Array): void {
    if (this.#closed) return;
    this.#queued += bytes.length;
    if (this.#queued > MAX_QUEUE) this.#fail('The browser takes no more media');
    else this.#add({ type: 'append', bytes });
  }

  /** Removes what is before `to`, seconds of the presentation: a time at which a decoder can start. */
  remove(to: number): void {
    this.#add({ type: 'remove', to });
  }

  /** Nothing more comes: the video ends behind what it has, and the buffer closes by itself. */
  end(): void {
    this.#add({ type: 'end' });
  }

  /** Up to where all has come, seconds of the presentation: the video may be asked to go there. `buffered` tells of media that isn't there. */
  setLiveEdge(to: number): void {
    const buffered = this.#buffer?.buffered;
    if (this.#source?.readyState !== 'open' || buffered === undefined || buffered.length === 0) return;
    const from = buffered.start(0);
    if (to > from) this.#source.setLiveSeekableRange(from, to);
    try {
      this.#silence?.cover(buffered.start(buffered.length - 1), to);
    } catch (error) {
      this.#fail(`${NO_SILENCE}${(error as Error).message}`);
    }
  }

  /** Takes nothing more. May be called twice. */
  close(): void {
    this.#closed = true;
    this.#steps.length = 0;
    if (this.#buffer !== undefined) this.#buffer.onupdateend = null;
    this.#silence?.close();
    this.#silence = undefined;
    this.#buffer = undefined;
    this.#source = undefined;
  }

  #opened(source: MediaSource, attachment: Attachment): void {
    if ('address' in attachment) URL.revokeObjectURL(attachment.address);
    if (this.#closed) return;
    this.#source = source;
    source.duration = Infinity;
    this.#run();
  }

  #add(step: Step): void {
    if (this.#closed) return;
    this.#steps.push(step);
    this.#run();
  }

  #run(): void {
    while (this.#source !== undefined && this.#buffer?.updating !== true && !this.#closed) {
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
        case 'remove':
          this.#remove(step.to);
          return true;
        case 'end':
          if (this.#silence?.isBusy === true) return false;
          if (source.readyState === 'open') source.endOfStream();
          this.close();
          return true;
        default:
          step satisfies never;
          return true;
      }
    } catch (error) {
      if ((error as DOMException).name === 'QuotaExceededError' && this.#remove(this.expendable)) return false;
      this.#fail(`The browser refuses this media: ${(error as Error).message}`);
      return false;
    }
  }

  #beginEpoch(source: MediaSource, { mime, offset }: Extract<Step, { type: 'epoch' }>): void {
    const buffer = this.#buffer ?? source.addSourceBuffer(mime);
    if (this.#buffer === undefined) {
      this.#buffer = buffer;
      if (isOnlyPicture(mime) && addsSilence()) this.#silence = new Silence(source, { idle: () => this.#run(), failed: (reason) => this.#fail(`${NO_SILENCE}${reason}`) });
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

  /** Begins to remove what is before `to`, if there is some. */
  #remove(to: number): boolean {
    const buffer = this.#buffer;
    if (buffer === undefined || buffer.buffered.length === 0 || to <= buffer.buffered.start(0)) return false;
    buffer.remove(0, to);
    this.#silence?.remove(to);
    return true;
  }

  #fail(reason: string): void {
    if (this.#closed) return;
    this.close();
    this.#listener.failed(reason);
  }
}

/** Whether media of this type has a track of pictures, and no other. */
function isOnlyPicture(mime: string): boolean {
  return mime.startsWith('video/') && !mime.includes(',');
}
