import { isChromium } from './engine';

/**
 * Where the sound of a video goes out: by the browser's own way from `<video>` to the loudspeaker, or through Web Audio; or there is
 * none, or only silence of the player's own.
 */
export type SoundPath = 'none' | 'silence' | 'element' | 'web-audio';

/**
 * How much later than its video believes sound may be heard, seconds: a video doesn't wait for what Web Audio and the device add.
 * ITU-R BT.1359-1 has 0.125 as the least that people notice.
 */
const MAX_LATENCY = 0.1;
/** So long Web Audio has to run before its latency is believed, seconds. */
const RUN_IN = 0.3;

/** The outlets of this page's videos, one for each as long as it lives: what has been routed through Web Audio stays there. */
const OUTLETS = new WeakMap<HTMLVideoElement, SoundOutlet>();
/** Those that play through Web Audio now: nothing runs for the others. */
const PLAYING = new Set<SoundOutlet>();
/** One for all videos of the page. */
let context: AudioContext | undefined;

/**
 * The way of a video's sound out of the page. Chromium's own runs dry with less than 0.1 s of media ahead of the picture, the same sound
 * pulled by an AudioContext does with 0.04. Volume, mute and rate count as before:
 * https://www.w3.org/TR/webaudio-1.1/#MediaElementAudioSourceNode
 */
export class SoundOutlet {
  readonly #video: HTMLVideoElement;
  /** `refused`: the page itself has routed the sound, or the engine isn't known to gain by it. */
  #state: 'undecided' | 'open' | 'refused' = isChromium() ? 'undecided' : 'refused';

  /** The outlet of a video. */
  static of(video: HTMLVideoElement): SoundOutlet {
    const outlet = OUTLETS.get(video) ?? new SoundOutlet(video);
    OUTLETS.set(video, outlet);
    return outlet;
  }

  private constructor(video: HTMLVideoElement) {
    this.#video = video;
    video.addEventListener('play', () => this.#use());
    for (const type of ['pause', 'emptied']) video.addEventListener(type, () => this.#rest());
  }

  /** Whether the sound goes through Web Audio. */
  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /**
   * Leads the sound through Web Audio if that runs and the device is quick. To be called again and again while the video is heard,
   * and so the page may make sound: at first that only starts Web Audio, since a device tells its latency when it runs.
   * @returns whether it did so now.
   */
  tryOpen(): boolean {
    if (this.#state !== 'undecided') return false;
    context ??= newContext();
    PLAYING.add(this);
    if (context.state !== 'running') wake();
    else if (context.currentTime > RUN_IN && context.baseLatency + context.outputLatency < MAX_LATENCY) this.#route(context);
    return this.isOpen;
  }

  #route(through: AudioContext): void {
    try {
      through.createMediaElementSource(this.#video).connect(through.destination);
      this.#state = 'open';
    } catch {
      // InvalidStateError: the page has routed it itself.
      this.#state = 'refused';
      this.#rest();
    }
  }

  /** A video whose sound is led through a context that doesn't run stands still. */
  #use(): void {
    if (!this.isOpen) return;
    PLAYING.add(this);
    wake();
  }

  #rest(): void {
    if (PLAYING.delete(this) && PLAYING.size === 0) void context?.suspend();
  }
}

function newContext(): AudioContext {
  const made = new AudioContext({ latencyHint: 'interactive' });
  // A telephone call, say, interrupts it.
  made.addEventListener('statechange', wake);
  document.addEventListener('visibilitychange', wake);
  return made;
}

function wake(): void {
  if (PLAYING.size > 0 && context !== undefined && context.state !== 'running') void context.resume();
}
