import { ANY_DEVICE, type Capture, type CaptureChoice, CaptureError, NO_DEVICE, openCapture, type PictureSource } from './capture';
import type { SoundDesk } from './sound-desk';
import type { StudioSettings } from './studio-settings';
import { lostTrouble, replacedTrouble, type Trouble, type Wanted } from './trouble';

interface PreviewOptions {
  readonly sound: SoundDesk;
  /** What is chosen, as of now. */
  readonly choice: () => Omit<CaptureChoice, 'source' | 'facing'>;
  readonly remember: (change: Partial<StudioSettings>) => void;
  readonly isOnAir: () => boolean;
  /** Something that is shown has changed. */
  readonly changed: () => void;
  /** Aborted as the studio closes: nothing is shown any more. */
  readonly signal: AbortSignal;
  /** There is another capture than before. */
  readonly opened: (capture: Capture) => void;
  /** What was opened, or is left of it, is to be sent from now on. */
  readonly goOn: () => Promise<void>;
}

/** What a preview is to show instead. */
interface PreviewChange {
  readonly source?: PictureSource;
  readonly camera?: string;
  readonly microphone?: string;
  readonly facing?: CaptureChoice['facing'];
}

/** The devices that a studio has opened, and what there is to choose from: opens what is chosen, and another one where one goes away. */
export class Preview {
  readonly #options: PreviewOptions;
  #source: PictureSource = 'camera';
  #facing: CaptureChoice['facing'];
  #devices: readonly MediaDeviceInfo[] = [];
  #capture: Capture | undefined;
  #trouble: Trouble | undefined;
  #asking = false;
  /** The last time that devices were opened. */
  #asked: Promise<void> = Promise.resolve();
  #pictureOn = true;
  #microphoneOn = true;

  constructor(options: PreviewOptions) {
    this.#options = options;
  }

  get source(): PictureSource {
    return this.#capture?.source ?? this.#source;
  }

  get capture(): Capture | undefined {
    return this.#capture;
  }

  /** Why what was chosen isn't shown. */
  get trouble(): Trouble | undefined {
    return this.#trouble;
  }

  /** Whether the browser is asking the visitor just now. */
  get asking(): boolean {
    return this.#asking;
  }

  get pictureOn(): boolean {
    return this.#pictureOn;
  }

  set pictureOn(on: boolean) {
    this.#pictureOn = on;
    this.#applySwitches();
  }

  get microphoneOn(): boolean {
    return this.#microphoneOn;
  }

  set microphoneOn(on: boolean) {
    this.#microphoneOn = on;
    this.#applySwitches();
  }

  /** Whether there is another camera to switch to. */
  get hasOtherCamera(): boolean {
    return this.source !== 'screen' && this.devices('videoinput').length > 1;
  }

  /** Devices that can be chosen. Before permission is given they have no names. */
  devices(kind: 'videoinput' | 'audioinput'): readonly MediaDeviceInfo[] {
    return this.#devices.filter((device) => device.kind === kind && device.deviceId !== '');
  }

  /** Looks what devices there are. */
  async list(): Promise<void> {
    this.#devices = await navigator.mediaDevices.enumerateDevices();
    this.#options.changed();
  }

  /** Opens what is chosen. While a device is being opened it waits for that one. */
  open(change: PreviewChange = {}): Promise<void> {
    if (!this.#asking) this.#asked = this.#ask(change);
    return this.#asked;
  }

  /** Chooses a device; what is open is opened anew. */
  async choose(change: { camera?: string; microphone?: string }): Promise<void> {
    if (change.camera !== undefined) this.#facing = undefined;
    if (this.#capture !== undefined) await this.open(change);
    else {
      this.#options.remember(change);
      this.#options.changed();
    }
  }

  /** The other camera: of a phone, that of the other side. */
  async switchCamera(): Promise<void> {
    const { facing } = this.#capture ?? {};
    if (facing !== undefined) {
      await this.open({ camera: ANY_DEVICE, facing: facing === 'user' ? 'environment' : 'user' });
      return;
    }
    const cameras = this.devices('videoinput').map(({ deviceId }) => deviceId);
    const next = cameras[(cameras.indexOf(this.#options.choice().camera) + 1) % cameras.length];
    if (next !== undefined) await this.choose({ camera: next });
  }

  /** Lets go of what is open. May be called twice. */
  close(): void {
    this.#capture?.close();
  }

  async #ask(change: PreviewChange): Promise<void> {
    const wanted: CaptureChoice = { ...this.#options.choice(), source: this.#source, facing: this.#facing, ...change };
    this.#asking = true;
    this.#trouble = undefined;
    this.#options.changed();
    try {
      const capture = await this.#open(wanted);
      if (this.#options.signal.aborted) {
        capture.close();
        return;
      }
      this.#replace(capture);
      this.#source = wanted.source;
      this.#facing = wanted.facing;
      this.#options.remember({ camera: wanted.camera, microphone: wanted.microphone, ...capture.devices });
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      this.#trouble = error.trouble;
    } finally {
      this.#asking = false;
    }
    this.#options.changed();
    await Promise.all([this.#options.goOn(), this.list()]);
  }

  async #open(choice: CaptureChoice): Promise<Capture> {
    const open = (wanted: CaptureChoice): Promise<Capture> => openCapture({ choice: wanted, sound: this.#options.sound, lost: (what) => void this.#lost(what) });
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

  #replace(capture: Capture): void {
    const old = this.#capture;
    this.#capture = capture;
    this.#options.opened(capture);
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
    this.#trouble = lostTrouble(what, this.#options.isOnAir());
    this.#options.changed();
    const gone = what === 'screen' ? undefined : this.#options.choice()[what];
    await Promise.all([this.#options.goOn(), this.list()]);
    if (gone === undefined || this.source !== 'camera') return;
    const other = this.devices(what === 'camera' ? 'videoinput' : 'audioinput').find(({ deviceId }) => deviceId !== gone && deviceId !== 'default');
    if (other === undefined) return;
    await this.open({ [what]: other.deviceId });
    this.#trouble ??= replacedTrouble(what, other.label);
    this.#options.changed();
  }
}

function anyUnlessNone(device: string): string {
  return device === NO_DEVICE ? NO_DEVICE : ANY_DEVICE;
}
