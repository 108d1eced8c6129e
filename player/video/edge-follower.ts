import { BlockWatch } from './block-watch';
import type { FrameWatch } from './frame-watch';
import { type Advice, LatencyController, type PlayerView } from './latency-controller';
import { Playhead } from './playhead';
import type { Reception } from './reception';
import { addsSilence, SILENCE_REACH } from './silence';
import type { SoundPath } from './sound-outlet';

interface EdgeFollowerOptions {
  readonly video: HTMLVideoElement;
  readonly reception: Reception;
  /** Has to know when the picture jumps. */
  readonly frames: FrameWatch;
  /** Whether sound goes through Web Audio. */
  readonly outlet: { readonly isOpen: boolean };
  /** How much media to hold ahead, seconds; undefined: as little as can be. */
  readonly target: number | undefined;
}

/** Whoever seeks closer to the live edge than this wants to follow it, seconds. */
const LIVE_REACH = 1;

/** Keeps a video at the live edge of what is received, or behind it where somebody has put it, and out of gaps. */
export class EdgeFollower {
  readonly #options: EdgeFollowerOptions;
  readonly #playhead: Playhead;
  readonly #blocks = new BlockWatch(performance.now());
  /** Fits `#sound`: the first is for sound, until the tracks are known. */
  #controller: LatencyController;
  #sound: SoundPath = 'element';
  #joining = false;
  #following = true;
  #jumps = 0;

  constructor(options: EdgeFollowerOptions) {
    this.#options = options;
    this.#playhead = new Playhead(options.video, options.reception);
    this.#controller = new LatencyController({ sound: this.#sound, target: options.target });
  }

  /** Whether the video has to go to the live edge with the next media. */
  get isJoining(): boolean {
    return this.#joining;
  }

  /** Whether it stays at the live edge. */
  get isFollowing(): boolean {
    return this.#following;
  }

  /** How much media it tries to hold ahead of the picture, seconds. */
  get target(): number {
    return this.#controller.target;
  }

  /** Where sound goes out, as far as that is known. */
  get sound(): SoundPath {
    return this.#sound;
  }

  /** How often it has jumped to keep the video where it should be. */
  get jumps(): number {
    return this.#jumps;
  }

  /** Where the video is, or is going. */
  get heading(): number {
    return this.#playhead.heading;
  }

  /** How far the video is behind where it would be at the live edge, seconds; NaN before there is one. */
  get behind(): number {
    return this.#options.reception.liveEdge - this.target - this.#options.video.currentTime;
  }

  /** Whether the video is so near the live edge that it may as well follow it. */
  get isNear(): boolean {
    return this.behind < LIVE_REACH;
  }

  /**
   * Whether the picture has run out while time goes on: beside a silence that is long, no video waits. The browser sends no `waiting` then.
   */
  get isPastPicture(): boolean {
    const { video, reception } = this.#options;
    if (this.#sound !== 'silence' || this.#joining || video.paused || this.#blocks.isCatchingUp(performance.now())) return false;
    return video.currentTime > reception.liveEdge + SILENCE_REACH;
  }

  /** Goes to the live edge with the next media. The tracks may be others than before. */
  joinSoon(): void {
    this.#joining = true;
    this.heedSound();
  }

  /** Sound goes another way than before, perhaps. */
  heedSound(): void {
    const { reception, outlet, target } = this.#options;
    const silence = addsSilence() ? 'silence' : 'none';
    const heard = outlet.isOpen ? 'web-audio' : 'element';
    const sound = reception.hasSound ? heard : silence;
    if (sound === this.#sound) return;
    this.#sound = sound;
    this.#controller = new LatencyController({ sound, target });
  }

  /** Stays at the live edge from now on, or doesn't. */
  follow(following: boolean): void {
    this.#following = following;
    this.#controller.forget(performance.now() / 1000);
    if (!following) this.#playhead.setRate(1);
  }

  /**
   * Goes to the live edge before anything is shown: the first frame of the cached GOP is old.
   * @returns whether the video could, and so has begun.
   */
  join(): boolean {
    const { video, reception } = this.#options;
    const { flow } = reception;
    const { buffered } = video;
    if (flow === undefined || buffered.length === 0 || video.readyState === HTMLMediaElement.HAVE_NOTHING) return false;
    const last = buffered.length - 1;
    if (buffered.end(last) <= flow.start) return false;
    const view = this.#view();
    if (view === undefined) return false;
    this.#joining = false;
    this.#seek(this.#controller.start({ ...view, from: buffered.start(last) }));
    return true;
  }

  /** Goes to the live edge at once. */
  jump(): void {
    const view = this.#view();
    if (view !== undefined) this.#seek(this.#controller.start(view));
  }

  /** Keeps a video that has begun where it should be. To be called often, and before media is appended. */
  steer(): void {
    const { video } = this.#options;
    if (this.#joining || video.paused || video.seeking || this.#blocks.isCatchingUp(performance.now())) return;
    const view = this.#view();
    if (view === undefined) return;
    const { seek, rate }: Advice = this.#following ? this.#controller.advise(view) : { rate: 1, ...jumpGap(view) };
    this.#playhead.setRate(rate);
    if (seek === undefined) return;
    this.#jumps++;
    this.#seek(seek);
  }

  /** Where media was removed or left out under a seek, the video would wait for ever. */
  leaveGap(): void {
    const to = this.#joining ? undefined : this.#playhead.wayOut;
    if (to !== undefined) this.#seek(to);
  }

  /** To be called once as the video begins to seek: whether that is our own doing. */
  takeOwnSeek(): boolean {
    return this.#playhead.takeOwnSeek();
  }

  /** The video ran dry over a network that trembles: more is held from now on. */
  ranDry(): void {
    this.#controller.ranDry(performance.now() / 1000);
  }

  /** After the page was blocked, what its feed has told is old: judged by that, the video would be far beyond the live edge. */
  noticeBlock(): void {
    const now = performance.now();
    if (this.#blocks.notice(now)) this.#controller.forget(now / 1000);
  }

  #view(): PlayerView | undefined {
    const { video, reception } = this.#options;
    const { currentTime } = video;
    // Beyond the live edge, the times of the stream have jumped back: what counts is the media there.
    return reception.view(currentTime, this.#playhead.rangeStart(Math.min(currentTime, reception.liveEdge)));
  }

  #seek(to: number): void {
    this.#playhead.goTo(to);
    this.#options.frames.forget();
  }
}

/** Where to go if there is nothing at the position, but something behind it. */
function jumpGap({ position, from }: PlayerView): { seek?: number } {
  return from !== undefined && from > position ? { seek: from } : {};
}
