import type { EncoderChoice, VideoCodec, VideoSettings } from '../publisher/publisher-options';
import type { PublisherStats } from '../publisher/publisher-state';
import { HIDDEN } from './broadcast-warning';
import { ANY_DEVICE, type Capture, type CaptureChoice, CaptureError, NO_DEVICE, openCapture, type PictureSource } from './capture';
import { ContentWatch } from './content-watch';
import { OnAir, type OnAirContent, type StudioState } from './on-air';
import type { Corner } from './picture-layout';
import { CUSTOM, longerSide, type Quality, qualityOf, within } from './quality';
import { ScreenLock } from './screen-lock';
import { SoundDesk } from './sound-desk';
import { SettingsStore, type StudioSettings } from './studio-settings';
import { encoderTrouble, insecureTrouble, lostTrouble, NO_ENCODER, refusalTrouble, replacedTrouble, type Trouble, type Wanted } from './trouble';
import { type Warning, WarningBoard } from './warning-board';

/** How often figures and warnings are looked at anew, ms. */
const TICK = 500;
/** How long a page that was in the background says so, ms. */
const HIDDEN_SHOWN = 10_000;

export interface StudioOptions {
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

/** What a preview is to show instead. */
interface PreviewChange {
  readonly source?: PictureSource;
  readonly camera?: string;
  readonly microphone?: string;
  readonly facing?: CaptureChoice['facing'];
}

/** What the studio shows and does: devices, preview, broadcast, and what is wrong. */
export class Studio {
  readonly url: URL;
  readonly #options: StudioOptions;
  readonly #store: SettingsStore;
  readonly #onAir: OnAir;
  readonly #warnings: WarningBoard;
  readonly #sound = new SoundDesk();
  readonly #watch: ContentWatch;
  readonly #closing = new AbortController();
  readonly #screenLock = new ScreenLock(this.#closing.signal);
  #settings: StudioSettings;
  #source: PictureSource = 'camera';
  #facing: CaptureChoice['facing'];
  #devices: readonly MediaDeviceInfo[] = [];
  #capture: Capture | undefined;
  #captureTrouble: Trouble | undefined;
  #looking = true;
  #asking = false;
  /** The last time that devices were opened. */
  #asked: Promise<void> = Promise.resolve();
  #pictureOn = true;
  #microphoneOn = true;
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

  get source(): PictureSource {
    return this.#capture?.source ?? this.#source;
  }

  get capture(): Capture | undefined {
    return this.#capture;
  }

  /** Whether it isn't known yet if the camera may be shown without a question. */
  get looking(): boolean {
    return this.#looking;
  }

  /** Whether the browser is asking the visitor just now. */
  get asking(): boolean {
    return this.#asking;
  }

  get pictureOn(): boolean {
    return this.#pictureOn;
  }

  get microphoneOn(): boolean {
    return this.#microphoneOn;
  }

  /** Whether this page can get a camera, and encode. */
  get able(): boolean {
    return isSecureContext && canEncode();
  }

  /** Whether the browser can share a screen: phones can't. */
  get sharesScreens(): boolean {
    return this.able && 'getDisplayMedia' in navigator.mediaDevices;
  }

  /** Whether there is another camera to switch to. */
  get hasOtherCamera(): boolean {
    return this.source !== 'screen' && this.devices('videoinput').length > 1;
  }

  /** What keeps it from working, worst first. */
  get troubles(): readonly Trouble[] {
    if (!isSecureContext) return [insecureTrouble(location)];
    if (!canEncode()) return [NO_ENCODER];
    return [this.#broadcastTrouble(), this.#captureTrouble].filter((trouble) => trouble !== undefined);
  }

  /** What goes on, but not well. */
  get warnings(): readonly Warning[] {
    return this.#warnings.list(performance.now());
  }

  /** Devices that can be chosen. Before permission is given they have no names. */
  devices(kind: 'videoinput' | 'audioinput'): readonly MediaDeviceInfo[] {
    return this.#devices.filter((device) => device.kind === kind && device.deviceId !== '');
  }

  /** How loud the microphone is: 0 to 1. */
  level(): number {
    return this.#watch.level();
  }

  /** Looks what is there; shows the camera at once where the visitor has allowed it before. */
  async begin(): Promise<void> {
    const granted = this.able && (await this.#lookAround());
    this.#looking = false;
    if (granted) await this.preview();
    else this.#options.changed();
  }

  /** Lets go of everything. A broadcast is ended. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#ticker);
    this.#screenLock.hold(false);
    await this.#onAir.stop();
    this.#capture?.close();
    this.#sound.close();
  }

  /** Opens what is chosen. A broadcast goes on with it. While a device is being opened it waits for that one, so that nobody goes live without. */
  preview(change: PreviewChange = {}): Promise<void> {
    if (!this.#asking) this.#asked = this.#ask(change);
    return this.#asked;
  }

  async #ask(change: PreviewChange): Promise<void> {
    const wanted = this.#wanted(change);
    this.#asking = true;
    this.#captureTrouble = undefined;
    this.#options.changed();
    try {
      const capture = await this.#open(wanted);
      if (this.#closing.signal.aborted) {
        capture.close();
        return;
      }
      this.#replaceCapture(capture);
      this.#source = wanted.source;
      this.#facing = wanted.facing;
      this.#remember({ camera: wanted.camera, microphone: wanted.microphone, ...capture.devices });
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      this.#captureTrouble = error.trouble;
    } finally {
      this.#asking = false;
    }
    this.#options.changed();
    await Promise.all([this.#goOn(), this.#listDevices()]);
  }

  /** Chooses a device; what is open is opened anew. */
  async choose(change: { camera?: string; microphone?: string }): Promise<void> {
    if (change.camera !== undefined) this.#facing = undefined;
    if (this.#capture !== undefined) await this.preview(change);
    else {
      this.#remember(change);
      this.#options.changed();
    }
  }

  /** The other camera: of a phone, that of the other side. */
  async switchCamera(): Promise<void> {
    const { facing } = this.#capture ?? {};
    if (facing !== undefined) {
      await this.preview({ camera: ANY_DEVICE, facing: facing === 'user' ? 'environment' : 'user' });
      return;
    }
    const cameras = this.devices('videoinput').map(({ deviceId }) => deviceId);
    const next = cameras[(cameras.indexOf(this.#settings.camera) + 1) % cameras.length];
    if (next !== undefined) await this.choose({ camera: next });
  }

  goLive(): void {
    this.#sound.wake();
    this.#onAir.start();
  }

  async stop(): Promise<void> {
    await this.#onAir.stop();
  }

  setPicture(on: boolean): void {
    this.#pictureOn = on;
    this.#applySwitches();
  }

  setMicrophone(on: boolean): void {
    this.#microphoneOn = on;
    this.#applySwitches();
  }

  /** Moves the camera over the screen. */
  setCorner(corner: Corner): void {
    this.#remember({ corner });
    if (this.#capture !== undefined) this.#capture.corner = corner;
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
    if (this.#capture === undefined) return undefined;
    return { stream: this.#capture.stream, encoder: this.#settings.encoder, video: this.#video };
  }

  #wanted(change: Partial<CaptureChoice>): CaptureChoice {
    const { camera, microphone, corner } = this.#settings;
    const { height, frameRate } = this.quality;
    return { source: this.#source, camera, microphone, corner, height, frameRate, facing: this.#facing, ...change };
  }

  #remember(change: Partial<StudioSettings>): void {
    this.#settings = { ...this.#settings, ...change };
    this.#store.save(this.#settings);
  }

  async #applyQuality(change: Partial<StudioSettings>): Promise<void> {
    this.#remember(change);
    if (this.#capture?.source === 'camera') await this.preview();
    this.#options.changed();
    await this.#onAir.setVideo(this.#video);
  }

  /** Lists the devices, now and whenever they change; says whether the visitor has allowed the camera before. */
  async #lookAround(): Promise<boolean> {
    const { signal } = this.#closing;
    navigator.mediaDevices.addEventListener('devicechange', () => void this.#listDevices(), { signal });
    document.addEventListener('visibilitychange', () => this.#checkHidden(), { signal });
    this.#ticker = setInterval(() => this.#tick(), TICK);
    await this.#listDevices();
    return isGranted('camera');
  }

  async #open(choice: CaptureChoice): Promise<Capture> {
    const open = (wanted: CaptureChoice): Promise<Capture> => openCapture({ choice: wanted, sound: this.#sound, lost: (what) => void this.#lost(what) });
    try {
      return await open(choice);
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      // What was remembered of an earlier visit may be unplugged by now: nobody has asked for it today.
      if (error.absent && this.#capture === undefined) return open({ ...choice, camera: anyUnlessNone(choice.camera), microphone: anyUnlessNone(choice.microphone) });
      // A phone opens its second camera only when the first is let go of.
      if (!error.busy || this.#capture?.source !== 'camera') throw error;
      this.#capture.close();
      return open(choice);
    }
  }

  #replaceCapture(capture: Capture): void {
    const old = this.#capture;
    this.#capture = capture;
    this.#watch.begin(capture.microphone && this.#sound.level(capture.microphone));
    this.#applySwitches();
    old?.close();
  }

  #applySwitches(): void {
    if (this.#capture !== undefined) {
      this.#capture.pictureOn = this.#pictureOn;
      this.#capture.microphoneOn = this.#microphoneOn;
    }
    this.#options.changed();
  }

  /** A device went away: another one takes its place if there is one; else black or silence does. */
  async #lost(what: Wanted): Promise<void> {
    const onAir = this.state !== 'off';
    this.#captureTrouble = lostTrouble(what, onAir);
    this.#options.changed();
    const gone = what === 'screen' ? undefined : this.#settings[what];
    await Promise.all([this.#goOn(), this.#listDevices()]);
    if (gone === undefined || this.source !== 'camera') return;
    const other = this.devices(what === 'camera' ? 'videoinput' : 'audioinput').find(({ deviceId }) => deviceId !== gone && deviceId !== 'default');
    if (other === undefined) return;
    await this.preview({ [what]: other.deviceId });
    this.#captureTrouble ??= replacedTrouble(what, other.label);
    this.#options.changed();
  }

  async #goOn(): Promise<void> {
    if (this.#capture !== undefined) await this.#onAir.replace(this.#capture.stream);
  }

  async #listDevices(): Promise<void> {
    this.#devices = await navigator.mediaDevices.enumerateDevices();
    this.#options.changed();
  }

  #tick(): void {
    if (this.#capture === undefined && this.state === 'off') return;
    const seen = this.#pictureOn && this.#capture?.hasPicture === true && !document.hidden;
    this.#watch.look({ picture: seen ? this.#options.picture() : null, microphoneOn: this.#microphoneOn }, performance.now());
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

function anyUnlessNone(device: string): string {
  return device === NO_DEVICE ? NO_DEVICE : ANY_DEVICE;
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
