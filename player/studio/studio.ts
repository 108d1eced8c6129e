import { pageToken } from '../net/page-token';
import { Broadcast, type BroadcastPhase } from '../publisher/broadcast';
import { ANY_DEVICE, type Capture, type CaptureChoice, CaptureError, openCapture } from './capture';
import { AUDIO_BITRATE, loweredBitrate, QUALITIES, type RecorderQuality } from './recorder-quality';
import { Recording, type RecordingListener } from '../publisher/recording';
import { recordingMime, type RecordingType, supportedTypes } from '../publisher/recording-type';
import { ScreenLock } from './screen-lock';
import { SoundDesk } from './sound-desk';
import { hindranceTrouble, insecureTrouble, lostConnectionTrouble, lostTrouble, NO_RECORDER, recorderTrouble, refusalTrouble, slowTrouble, type Trouble, type Wanted } from './trouble';

/** How often the figures of a broadcast are shown anew, ms. */
const TICK = 500;

export interface StudioOptions {
  /** The stream's name. */
  readonly name: string;
  /** What this tab proves itself with; see `studioSession`. */
  readonly session: string;
  /** Something that is shown has changed. */
  readonly changed: () => void;
}

/** What the studio's page shows and does: devices, preview, broadcast, and what is wrong. */
export class Studio {
  readonly name: string;
  readonly types: readonly RecordingType[];
  readonly #changed: () => void;
  readonly #broadcast: Broadcast;
  readonly #sound = new SoundDesk();
  readonly #screenLock = new ScreenLock();
  #choice: CaptureChoice = { source: 'camera', camera: ANY_DEVICE, microphone: ANY_DEVICE, height: QUALITIES[0].height };
  #devices: readonly MediaDeviceInfo[] = [];
  #capture: Capture | undefined;
  #captureTrouble: Trouble | undefined;
  #readLevel: (() => number) | undefined;
  #looking = true;
  #asking = false;
  #pictureOn = true;
  #microphoneOn = true;
  #type: RecordingType | undefined;
  #quality: RecorderQuality = QUALITIES[0];
  #ticker: ReturnType<typeof setInterval> | undefined;

  constructor({ name, session, changed }: StudioOptions) {
    this.name = name;
    this.#changed = changed;
    this.types = 'MediaRecorder' in window ? supportedTypes({ supports: (mime) => MediaRecorder.isTypeSupported(mime), webkit: 'ManagedMediaSource' in window }) : [];
    this.#type = this.types[0];
    this.#broadcast = new Broadcast({
      url: `${location.origin.replace(/^http/, 'ws')}/publish/${name}?session=${session}${pageToken('&')}`,
      record: (listener, lowered) => this.#record(listener, lowered),
      changed: () => this.#broadcastChanged(),
    });
  }

  get phase(): BroadcastPhase {
    return this.#broadcast.phase;
  }

  /** The broadcast's figures: since when in ms of `performance.now()`, bits a second, how many watch. */
  get figures(): Pick<Broadcast, 'since' | 'bitrate' | 'viewers'> {
    return this.#broadcast;
  }

  get choice(): CaptureChoice {
    return this.#choice;
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

  get type(): RecordingType | undefined {
    return this.#type;
  }

  get quality(): RecorderQuality {
    return this.#quality;
  }

  /** Whether this page can get a camera, and record. */
  get able(): boolean {
    return window.isSecureContext && this.#type !== undefined;
  }

  /** Whether the browser can share a screen: phones can't. */
  get sharesScreens(): boolean {
    return this.able && 'getDisplayMedia' in navigator.mediaDevices;
  }

  /** What is wrong, worst first. */
  get troubles(): readonly Trouble[] {
    if (!window.isSecureContext) return [insecureTrouble(location)];
    if (this.#type === undefined) return [NO_RECORDER];
    return [this.#broadcastTrouble(), this.#captureTrouble].filter((trouble) => trouble !== undefined);
  }

  /** Something to know that needs nothing done. */
  get note(): string | undefined {
    const { lowered } = this.#broadcast;
    if (this.phase === 'off' || lowered === 0) return undefined;
    return `Your upload was too slow, so the picture was lowered to ${(loweredBitrate(this.#quality, lowered) / 1e6).toFixed(1)} Mbit/s`;
  }

  /** Devices that can be chosen. Before permission is given they have no names. */
  devices(kind: 'videoinput' | 'audioinput'): readonly MediaDeviceInfo[] {
    return this.#devices.filter((device) => device.kind === kind && device.deviceId !== '');
  }

  /** How loud the microphone is: 0 to 1. */
  level(): number {
    return this.#readLevel?.() ?? 0;
  }

  /** Looks what is there; shows the camera at once where the visitor has allowed it before. */
  async begin(): Promise<void> {
    const granted = this.able && (await this.#lookAround());
    this.#looking = false;
    if (granted) await this.preview();
    else this.#changed();
  }

  /** Lists the devices, now and whenever they change; says whether the visitor has allowed the camera before. */
  async #lookAround(): Promise<boolean> {
    navigator.mediaDevices.addEventListener('devicechange', () => void this.#listDevices());
    await this.#listDevices();
    return isGranted('camera');
  }

  /** Opens what is chosen. A broadcast goes on with it. */
  async preview(choice: Partial<CaptureChoice> = {}): Promise<void> {
    if (this.#asking) return;
    const wanted = { ...this.#choice, ...choice };
    this.#asking = true;
    this.#captureTrouble = undefined;
    this.#changed();
    try {
      const capture = await this.#open(wanted);
      this.#replaceCapture(capture);
      this.#choice = { ...wanted, ...capture.devices };
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      this.#captureTrouble = error.trouble;
    } finally {
      this.#asking = false;
    }
    this.#changed();
    await Promise.all([this.#broadcast.renew(), this.#listDevices()]);
  }

  /** Chooses a device or a height of the picture; what is open is opened anew. */
  async choose(choice: Partial<CaptureChoice>): Promise<void> {
    if (this.#capture !== undefined) await this.preview(choice);
    else {
      this.#choice = { ...this.#choice, ...choice };
      this.#changed();
    }
  }

  goLive(): void {
    this.#sound.wake();
    this.#broadcast.start();
  }

  async stop(): Promise<void> {
    await this.#broadcast.stop();
  }

  setPicture(on: boolean): void {
    this.#pictureOn = on;
    this.#applySwitches();
  }

  setMicrophone(on: boolean): void {
    this.#microphoneOn = on;
    this.#applySwitches();
  }

  /** Another form of recording; a broadcast goes on in it. */
  async setType(id: string): Promise<void> {
    this.#type = this.types.find((type) => type.id === id) ?? this.#type;
    this.#changed();
    await this.#broadcast.reconnect();
  }

  /** Another quality; a broadcast goes on in it. */
  async setQuality(id: string): Promise<void> {
    this.#quality = QUALITIES.find((quality) => quality.id === id) ?? this.#quality;
    const { height } = this.#quality;
    if (this.#capture?.source === 'camera') await this.preview({ height });
    else {
      this.#choice = { ...this.#choice, height };
      this.#changed();
      await this.#broadcast.renew();
    }
  }

  /** Lets sound flow once the visitor has touched the page. */
  wake(): void {
    this.#sound.wake();
  }

  async #open(choice: CaptureChoice): Promise<Capture> {
    const open = (): Promise<Capture> => openCapture({ choice, sound: this.#sound, lost: (what) => this.#lost(what) });
    try {
      return await open();
    } catch (error) {
      // A phone opens its second camera only when the first is let go of.
      if (!(error instanceof CaptureError) || !error.busy || this.#capture?.source !== 'camera') throw error;
      this.#capture.close();
      return open();
    }
  }

  #record(listener: RecordingListener, lowered: number): Recording {
    if (this.#capture === undefined || this.#type === undefined) throw new Error('There is nothing to record');
    const { stream, hasSound } = this.#capture;
    const mime = recordingMime(this.#type, { audio: hasSound });
    return new Recording({ stream, mime, videoBitrate: loweredBitrate(this.#quality, lowered), audioBitrate: AUDIO_BITRATE }, listener);
  }

  #replaceCapture(capture: Capture): void {
    const old = this.#capture;
    this.#capture = capture;
    this.#readLevel = capture.microphone === undefined ? undefined : this.#sound.level(capture.microphone);
    this.#applySwitches();
    old?.close();
  }

  #applySwitches(): void {
    if (this.#capture !== undefined) {
      this.#capture.pictureOn = this.#pictureOn;
      this.#capture.microphoneOn = this.#microphoneOn;
    }
    this.#changed();
  }

  #lost(what: Wanted): void {
    this.#captureTrouble = lostTrouble(what, this.phase !== 'off');
    this.#changed();
    void this.#broadcast.renew();
  }

  async #listDevices(): Promise<void> {
    this.#devices = await navigator.mediaDevices.enumerateDevices();
    this.#changed();
  }

  #broadcastTrouble(): Trouble | undefined {
    const { failure, hindrance, slow, phase, since } = this.#broadcast;
    if (hindrance !== undefined) return hindranceTrouble(hindrance);
    if (phase === 'retrying') return lostConnectionTrouble(since !== undefined);
    if (failure?.kind === 'refused') return refusalTrouble(failure.error, { name: this.name, port: location.port });
    if (failure?.kind === 'recorder') return recorderTrouble(failure.error, this.#type?.label ?? '');
    return slow === undefined ? undefined : slowTrouble(slow);
  }

  #broadcastChanged(): void {
    const onAir = this.phase !== 'off';
    this.#screenLock.hold(onAir);
    if (onAir) this.#ticker ??= setInterval(this.#changed, TICK);
    else {
      clearInterval(this.#ticker);
      this.#ticker = undefined;
    }
    this.#changed();
  }
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
