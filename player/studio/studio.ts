import type { EncoderChoice, VideoCodec, VideoSettings } from '../publisher/publisher-options';
import type { PublisherStats } from '../publisher/publisher-state';
import { HIDDEN } from './broadcast-warning';
import type { CaptureChoice } from './capture';
import { ContentWatch } from './content-watch';
import { OnAir, type OnAirContent, type StudioState } from './on-air';
import type { Corner } from './picture-layout';
import { Preview } from './preview';
import { CUSTOM, longerSide, type Quality, qualityOf, within } from './quality';
import { ScreenLock } from './screen-lock';
import { SoundDesk } from './sound-desk';
import { SettingsStore, type StudioSettings } from './studio-settings';
import { encoderTrouble, insecureTrouble, NO_ENCODER, refusalTrouble, type Trouble } from './trouble';
import { type Warning, WarningBoard } from './warning-board';

/** How often figures and warnings are looked at anew, ms. */
const TICK = 500;
/** How long a page that was in the background says so, ms. */
const HIDDEN_SHOWN = 10_000;

interface StudioOptions {
  /** Where to publish: `/publish/NAME`, or a whole address. */
  readonly url: URL;
  /** What this tab proves itself with; see `studioSession`. */
  readonly session: string;
  readonly store?: SettingsStore;
  /** What goes before what the store has. */
  readonly preset: Partial<Pick<StudioSettings, 'encoder' | 'quality'>>;
  /** Something that is shown has changed. */
  readonly changed: () => void;
  /** There is a warning that wasn't there before. */
  readonly warned: (warning: Warning) => void;
  readonly measured: (stats: PublisherStats) => void;
  /** The preview, as soon as there is one. */
  readonly picture: () => HTMLVideoElement | null;
}

/** What the studio shows and does: preview, broadcast, settings, and what is wrong. */
export class Studio {
  readonly url: URL;
  /** The devices that it shows, and sends while it is on air. */
  readonly preview: Preview;
  readonly #options: StudioOptions;
  readonly #store: SettingsStore;
  readonly #onAir: OnAir;
  readonly #warnings: WarningBoard;
  readonly #sound = new SoundDesk();
  readonly #watch: ContentWatch;
  readonly #closing = new AbortController();
  readonly #screenLock = new ScreenLock(this.#closing.signal);
  #settings: StudioSettings;
  #looking = true;
  #ticker: ReturnType<typeof setInterval> | undefined;

  constructor(options: StudioOptions) {
    this.url = options.url;
    this.#options = options;
    this.#store = options.store ?? new SettingsStore();
    this.#settings = { ...this.#store.load(), ...options.preset };
    this.#warnings = new WarningBoard(options.warned);
    this.#watch = new ContentWatch(this.#warnings);
    this.#onAir = new OnAir({
      url: options.url.href,
      session: options.session,
      warnings: this.#warnings,
      content: () => this.#content,
      measured: options.measured,
      changed: () => this.#broadcastChanged(),
    });
    this.preview = new Preview({
      sound: this.#sound,
      signal: this.#closing.signal,
      choice: () => this.#choice,
      remember: (change) => this.#remember(change),
      isOnAir: () => this.state !== 'off',
      changed: options.changed,
      opened: ({ microphone }) => this.#watch.begin(microphone && this.#sound.level(microphone)),
      goOn: () => this.#goOn(),
    });
  }

  /** The stream's name. */
  get name(): string {
    return this.url.pathname.split('/').at(-1) ?? '';
  }

  /** Where it is watched. The key of the publisher isn't the viewers' to have. */
  get watchUrl(): string {
    return new URL(`../watch/${this.name}`, this.url).href.replace(/^ws/, 'http');
  }

  get state(): StudioState {
    return this.#onAir.state;
  }

  /** When it went live, by `performance.now()`. */
  get since(): number | undefined {
    return this.#onAir.since;
  }

  get stats(): PublisherStats | undefined {
    return this.#onAir.stats;
  }

  /** Bits a second to which the picture is lowered, because the upload carries no more. */
  get loweredTo(): number | undefined {
    const { stats, narrow } = this.#onAir;
    return narrow && stats !== undefined && stats.targetBitrate < this.quality.bitrate ? stats.targetBitrate : undefined;
  }

  get settings(): StudioSettings {
    return this.#settings;
  }

  get quality(): Quality {
    return qualityOf(this.#settings.quality, this.#settings.custom);
  }

  /** Whether it isn't known yet if the camera may be shown without a question. */
  get looking(): boolean {
    return this.#looking;
  }

  /** Whether this page can get a camera, and encode. */
  get able(): boolean {
    return isSecureContext && canEncode();
  }

  /** Whether the browser can share a screen: phones can't. */
  get sharesScreens(): boolean {
    return this.able && 'getDisplayMedia' in navigator.mediaDevices;
  }

  /** What keeps it from working, worst first. */
  get troubles(): readonly Trouble[] {
    if (!isSecureContext) return [insecureTrouble(location)];
    if (!canEncode()) return [NO_ENCODER];
    return [this.#broadcastTrouble(), this.preview.trouble].filter((trouble) => trouble !== undefined);
  }

  /** What goes on, but not well. */
  get warnings(): readonly Warning[] {
    return this.#warnings.list(performance.now());
  }

  /** How loud the microphone is: 0 to 1. */
  level(): number {
    return this.#watch.level();
  }

  /** Looks what is there; shows the camera at once where the visitor has allowed it before. */
  async begin(): Promise<void> {
    const granted = this.able && (await this.#lookAround());
    this.#looking = false;
    if (granted) await this.preview.open();
    else this.#options.changed();
  }

  /** Lets go of everything. A broadcast is ended. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#ticker);
    this.#screenLock.hold(false);
    await this.#onAir.stop();
    this.preview.close();
    this.#sound.close();
  }

  goLive(): void {
    this.#sound.wake();
    this.#onAir.start();
  }

  async stop(): Promise<void> {
    await this.#onAir.stop();
  }

  /** Moves the camera over the screen. */
  setCorner(corner: Corner): void {
    this.#remember({ corner });
    if (this.preview.capture !== undefined) this.preview.capture.corner = corner;
    this.#options.changed();
  }

  /** A preset, or what was set by hand; a broadcast goes on in it. */
  async setQuality(quality: string): Promise<void> {
    await this.#applyQuality({ quality });
  }

  /** Sets a part of the quality by hand. */
  async setCustom(change: Partial<Quality>): Promise<void> {
    await this.#applyQuality({ quality: CUSTOM, custom: within({ ...this.quality, ...change }, this.quality) });
  }

  /** Another encoder; a broadcast goes on with it. */
  setEncoder(encoder: EncoderChoice): void {
    this.#remember({ encoder });
    this.#options.changed();
    this.#onAir.renew();
  }

  /** Another codec of the picture; a broadcast goes on in it. */
  setCodec(codec: VideoCodec): void {
    this.#remember({ codec });
    this.#options.changed();
    this.#onAir.renew();
  }

  /** Lets sound flow once the visitor has touched the page. */
  wake(): void {
    this.#sound.wake();
  }

  get #video(): Partial<VideoSettings> {
    const { bitrate, frameRate } = this.quality;
    const side = longerSide(this.quality);
    return { bitrate, frameRate, width: side, height: side, codec: this.#settings.codec };
  }

  get #content(): OnAirContent | undefined {
    const { capture } = this.preview;
    if (capture === undefined) return undefined;
    return { stream: capture.stream, encoder: this.#settings.encoder, video: this.#video };
  }

  get #choice(): Omit<CaptureChoice, 'source' | 'facing'> {
    const { camera, microphone, corner } = this.#settings;
    const { height, frameRate } = this.quality;
    return { camera, microphone, corner, height, frameRate };
  }

  #remember(change: Partial<StudioSettings>): void {
    this.#settings = { ...this.#settings, ...change };
    this.#store.save(this.#settings);
  }

  async #applyQuality(change: Partial<StudioSettings>): Promise<void> {
    this.#remember(change);
    if (this.preview.capture?.source === 'camera') await this.preview.open();
    this.#options.changed();
    await this.#onAir.setVideo(this.#video);
  }

  /** Lists the devices, now and whenever they change; says whether the visitor has allowed the camera before. */
  async #lookAround(): Promise<boolean> {
    const { signal } = this.#closing;
    navigator.mediaDevices.addEventListener('devicechange', () => void this.preview.list(), { signal });
    document.addEventListener('visibilitychange', () => this.#checkHidden(), { signal });
    this.#ticker = setInterval(() => this.#tick(), TICK);
    await this.preview.list();
    return isGranted('camera');
  }

  async #goOn(): Promise<void> {
    const { capture } = this.preview;
    if (capture !== undefined) await this.#onAir.replace(capture.stream);
  }

  #tick(): void {
    const { capture, pictureOn, microphoneOn } = this.preview;
    if (capture === undefined && this.state === 'off') return;
    const seen = pictureOn && capture?.hasPicture === true && !document.hidden;
    this.#watch.look({ picture: seen ? this.#options.picture() : null, microphoneOn }, performance.now());
    this.#options.changed();
  }

  #checkHidden(): void {
    if (this.state === 'off') return;
    this.#warnings.raise(HIDDEN, document.hidden ? Infinity : performance.now() + HIDDEN_SHOWN);
    this.#options.changed();
  }

  #broadcastTrouble(): Trouble | undefined {
    const { failure } = this.#onAir;
    if (failure === undefined) return undefined;
    const { code, message } = failure;
    if (code === 'unsupported-encoder' || code === 'encoder-failed' || code === 'no-tracks') return encoderTrouble(code, message);
    return refusalTrouble({ code, message }, { name: this.name, port: this.url.port, pathname: this.url.pathname });
  }

  #broadcastChanged(): void {
    this.#screenLock.hold(this.state !== 'off');
    this.#options.changed();
  }
}

function canEncode(): boolean {
  return 'MediaRecorder' in globalThis || 'VideoEncoder' in globalThis;
}

async function isGranted(name: 'camera'): Promise<boolean> {
  try {
    // Some browsers don't know this name, and throw.
    const status = await navigator.permissions.query({ name });
    return status.state === 'granted';
  } catch {
    return false;
  }
}
