import { blackPicture } from './black-picture';
import { type MixedPicture, type MixedPictureOptions, mixPictures } from './mixed-picture';
import type { Corner } from './picture-layout';
import { longerSide } from './quality';
import type { SoundDesk } from './sound-desk';
import { captureTrouble, errorDetails, type Trouble, type Wanted } from './trouble';

/** In place of a device: none. */
export const NO_DEVICE = 'none';
/** In place of a device: the one that the browser likes best. */
export const ANY_DEVICE = '';

/** Where the picture comes from; `both` is the camera over the screen. */
export type PictureSource = 'camera' | 'screen' | 'both';
/** Which way a phone's camera looks. */
type Facing = 'user' | 'environment';

/** What the user wants to send. */
export interface CaptureChoice {
  readonly source: PictureSource;
  /** A device's id, `ANY_DEVICE` or `NO_DEVICE`. */
  readonly camera: string;
  /** A device's id, `ANY_DEVICE` or `NO_DEVICE`. */
  readonly microphone: string;
  /** Which of a phone's cameras, in place of a device. */
  readonly facing?: Facing | undefined;
  /** Lines of the picture at most. */
  readonly height: number;
  /** Frames a second at most. */
  readonly frameRate: number;
  /** Where the camera lies over the screen. */
  readonly corner: Corner;
}

/** Why there is no capture, fit to be shown. */
export class CaptureError extends Error {
  readonly trouble: Trouble;
  /** Whether the device is there, but is in use. */
  readonly busy: boolean;
  /** Whether the very device that was asked for isn't there. */
  readonly absent: boolean;

  constructor(error: unknown, wanted: Wanted) {
    const trouble = captureTrouble(error, wanted);
    super(trouble.title, { cause: error });
    this.name = 'CaptureError';
    this.trouble = trouble;
    const { name } = errorDetails(error);
    this.busy = name === 'NotReadableError';
    this.absent = name === 'OverconstrainedError';
  }
}

interface CaptureOptions {
  readonly choice: CaptureChoice;
  readonly sound: SoundDesk;
  /** A device went away, or the sharing was stopped: black or silence stands in. */
  readonly lost: (wanted: Wanted) => void;
  readonly media?: MediaDevices;
  /** Makes one picture of two; replaced in tests. */
  readonly mix?: (options: MixedPictureOptions) => MixedPicture;
}

interface Tracks {
  readonly camera: MediaStreamTrack | undefined;
  readonly screen: MediaStreamTrack | undefined;
  readonly microphone: MediaStreamTrack | undefined;
  /** The sound that comes with a shared screen. */
  readonly screenSound: MediaStreamTrack | undefined;
}

/** Asks the browser for what the user chose. @throws CaptureError */
export async function openCapture({ choice, sound, lost, media = navigator.mediaDevices, mix = mixPictures }: CaptureOptions): Promise<Capture> {
  return new Capture(choice, choice.source === 'camera' ? await openDevices(media, choice) : await openScreen(media, choice), { sound, lost, mix });
}

/** Picture and sound as they are sent, from their opening to their end. What is lost meanwhile is stood in for. */
export class Capture {
  readonly source: PictureSource;
  readonly microphone: MediaStreamTrack | undefined;
  readonly #camera: MediaStreamTrack | undefined;
  readonly #screen: MediaStreamTrack | undefined;
  readonly #picture: MediaStreamTrack;
  readonly #mixed: MixedPicture | undefined;
  readonly #size: { width: number; height: number };
  readonly #sound: SoundDesk;
  readonly #all: Set<MediaStreamTrack>;
  #stream: MediaStream;

  constructor({ source, corner }: CaptureChoice, tracks: Tracks, { sound, lost, mix }: Required<Pick<CaptureOptions, 'sound' | 'lost' | 'mix'>>) {
    const { camera, screen, microphone, screenSound } = tracks;
    const { width, height } = (screen ?? camera)?.getSettings() ?? {};
    this.source = source;
    this.#camera = camera;
    this.#screen = screen;
    this.#size = { width: width ?? 640, height: height ?? 360 };
    this.#sound = sound;
    this.#mixed = source === 'both' && screen !== undefined && camera !== undefined ? mix({ screen, camera, corner }) : undefined;
    this.#picture = this.#mixed?.track ?? screen ?? camera ?? blackPicture(this.#size);
    this.microphone = microphone;
    const sounds = [microphone, screenSound].filter((track) => track !== undefined);
    const mixedSound = sound.mix(sounds);
    this.#all = new Set([this.#picture, camera, screen, ...sounds, mixedSound].filter((track) => track !== undefined));
    this.#stream = new MediaStream(mixedSound === undefined ? [this.#picture] : [this.#picture, mixedSound]);
    const inputs = { camera, screen, microphone };
    for (const wanted of ['camera', 'screen', 'microphone'] as const) inputs[wanted]?.addEventListener('ended', () => lost(wanted));
  }

  /** What is to be recorded and previewed: another one once something has been lost, so that all its tracks live. */
  get stream(): MediaStream {
    const tracks = this.#stream.getTracks();
    if (tracks.every(({ readyState }) => readyState === 'live')) return this.#stream;
    this.#stream = new MediaStream(tracks.map((track) => this.#standIn(track)).filter((track) => track !== undefined));
    return this.#stream;
  }

  /** The devices that it came from: what the browser took in place of `ANY_DEVICE`. */
  get devices(): Partial<Pick<CaptureChoice, 'camera' | 'microphone'>> {
    const camera = this.#camera?.getSettings().deviceId;
    const microphone = this.microphone?.getSettings().deviceId;
    return { ...(camera !== undefined && { camera }), ...(microphone !== undefined && { microphone }) };
  }

  /** Whether a camera or a screen is there, not black in its place. */
  get hasPicture(): boolean {
    return [this.#camera, this.#screen].some((track) => track?.readyState === 'live');
  }

  /** Which way its camera looks, where the browser tells: on a phone. */
  get facing(): Facing | undefined {
    const { facingMode } = this.#camera?.getSettings() ?? {};
    return facingMode === 'user' || facingMode === 'environment' ? facingMode : undefined;
  }

  /** Moves the camera over the screen. */
  set corner(corner: Corner) {
    if (this.#mixed !== undefined) this.#mixed.corner = corner;
  }

  /** Black instead of the picture: the track goes on, and so does its recording. */
  set pictureOn(on: boolean) {
    this.#picture.enabled = on;
  }

  /** Silence instead of the microphone. */
  set microphoneOn(on: boolean) {
    if (this.microphone !== undefined) this.microphone.enabled = on;
  }

  /** Lets go of the devices. May be called twice. */
  close(): void {
    this.#mixed?.close();
    for (const track of this.#all) track.stop();
  }

  #standIn(track: MediaStreamTrack): MediaStreamTrack | undefined {
    if (track.readyState === 'live') return track;
    const other = track.kind === 'video' ? blackPicture(this.#size) : this.#sound.silence();
    if (other !== undefined) this.#all.add(other);
    return other;
  }
}

async function openDevices(media: MediaDevices, choice: CaptureChoice): Promise<Tracks> {
  const kinds = new Set((await media.enumerateDevices()).map(({ kind }) => kind));
  const video = choice.camera === NO_DEVICE ? undefined : cameraConstraints(choice);
  // Without a microphone the picture goes on by itself, unless one was asked for by name.
  const audio = choice.microphone === ANY_DEVICE && !kinds.has('audioinput') ? undefined : microphoneConstraints(choice);
  if (video === undefined && audio === undefined) return split(new MediaStream());
  const constraints = { ...(video !== undefined && { video }), ...(audio !== undefined && { audio }) };
  try {
    return split(await media.getUserMedia(constraints));
  } catch (error) {
    throw new CaptureError(error, await culprit(media, constraints, error));
  }
}

async function openScreen(media: MediaDevices, choice: CaptureChoice): Promise<Tracks> {
  let shared: MediaStream;
  try {
    shared = await media.getDisplayMedia({ video: { height: { max: Math.max(choice.height, 1080) }, frameRate: { max: Math.max(choice.frameRate, 30) } }, audio: true });
  } catch (error) {
    // Phones have no such method.
    throw new CaptureError(errorDetails(error).name === 'TypeError' ? { name: 'NotFoundError' } : error, 'screen');
  }
  const screen = { screen: shared.getVideoTracks()[0], screenSound: shared.getAudioTracks()[0] };
  try {
    const camera = choice.source === 'both' && choice.camera !== NO_DEVICE ? await openCamera(media, choice) : undefined;
    return { ...screen, camera, microphone: await openMicrophone(media, choice) };
  } catch (error) {
    for (const track of shared.getTracks()) track.stop();
    throw error;
  }
}

async function openCamera(media: MediaDevices, choice: CaptureChoice): Promise<MediaStreamTrack | undefined> {
  try {
    return (await media.getUserMedia({ video: cameraConstraints(choice) })).getVideoTracks()[0];
  } catch (error) {
    throw new CaptureError(error, 'camera');
  }
}

/** The microphone beside a screen, which needs none unless one was asked for by name. */
async function openMicrophone(media: MediaDevices, choice: CaptureChoice): Promise<MediaStreamTrack | undefined> {
  const audio = microphoneConstraints(choice);
  if (audio === undefined) return undefined;
  try {
    return (await media.getUserMedia({ audio })).getAudioTracks()[0];
  } catch (error) {
    if (choice.microphone === ANY_DEVICE) return undefined;
    throw new CaptureError(error, 'microphone');
  }
}

function cameraConstraints({ camera, facing, height, frameRate }: CaptureChoice): MediaTrackConstraints {
  return {
    ...(camera !== ANY_DEVICE && { deviceId: { exact: camera } }),
    ...(facing !== undefined && { facingMode: { ideal: facing } }),
    width: { ideal: longerSide({ height }) },
    height: { ideal: height },
    frameRate: { ideal: frameRate },
  };
}

function microphoneConstraints({ microphone }: CaptureChoice): MediaTrackConstraints | true | undefined {
  if (microphone === NO_DEVICE) return undefined;
  return microphone === ANY_DEVICE ? true : { deviceId: { exact: microphone } };
}

function split(stream: MediaStream): Tracks {
  return { camera: stream.getVideoTracks()[0], screen: undefined, microphone: stream.getAudioTracks()[0], screenSound: undefined };
}

/** Asked for both, the browser doesn't say which of them it couldn't open. */
async function culprit(media: MediaDevices, { video, audio }: MediaStreamConstraints, error: unknown): Promise<'camera' | 'microphone'> {
  if (video === undefined) return 'microphone';
  if (audio === undefined || errorDetails(error).name === 'NotAllowedError') return 'camera';
  try {
    for (const track of (await media.getUserMedia({ video })).getTracks()) track.stop();
    return 'microphone';
  } catch {
    return 'camera';
  }
}
