import { blackPicture } from './black-picture';
import type { SoundDesk } from './sound-desk';
import { captureTrouble, errorDetails, type Trouble, type Wanted } from './trouble';

/** In place of a device: none. */
export const NO_DEVICE = 'none';
/** In place of a device: the one that the browser likes best. */
export const ANY_DEVICE = '';

/** What the user wants to send. */
export interface CaptureChoice {
  readonly source: 'camera' | 'screen';
  /** A device's id, `ANY_DEVICE` or `NO_DEVICE`. */
  readonly camera: string;
  /** A device's id, `ANY_DEVICE` or `NO_DEVICE`. */
  readonly microphone: string;
  /** Lines of the picture at most. */
  readonly height: number;
}

/** Why there is no capture, fit to be shown. */
export class CaptureError extends Error {
  readonly trouble: Trouble;
  /** Whether the device is there, but is in use. */
  readonly busy: boolean;

  constructor(error: unknown, wanted: Wanted) {
    const trouble = captureTrouble(error, wanted);
    super(trouble.title, { cause: error });
    this.name = 'CaptureError';
    this.trouble = trouble;
    this.busy = errorDetails(error).name === 'NotReadableError';
  }
}

export interface CaptureOptions {
  readonly choice: CaptureChoice;
  readonly sound: SoundDesk;
  /** A device went away, or the sharing was stopped: black or silence stands in. */
  readonly lost: (wanted: Wanted) => void;
  readonly media?: MediaDevices;
}

interface Tracks {
  readonly picture: MediaStreamTrack | undefined;
  readonly microphone: MediaStreamTrack | undefined;
  /** The sound that comes with a shared screen. */
  readonly screenSound: MediaStreamTrack | undefined;
}

/** Asks the browser for what the user chose. @throws CaptureError */
export async function openCapture({ choice, sound, lost, media = navigator.mediaDevices }: CaptureOptions): Promise<Capture> {
  return new Capture(choice, choice.source === 'camera' ? await openDevices(media, choice) : await openScreen(media, choice), { sound, lost });
}

/** Picture and sound as they are sent, from their opening to their end. What is lost meanwhile is stood in for. */
export class Capture {
  readonly source: CaptureChoice['source'];
  readonly microphone: MediaStreamTrack | undefined;
  readonly #picture: MediaStreamTrack;
  /** Whether the picture comes from a device, not from `blackPicture`. */
  readonly #fromCamera: boolean;
  readonly #size: { width: number; height: number };
  readonly #sound: SoundDesk;
  readonly #all: Set<MediaStreamTrack>;
  #stream: MediaStream;

  constructor(choice: CaptureChoice, tracks: Tracks, options: Pick<CaptureOptions, 'sound' | 'lost'>) {
    const { width, height } = tracks.picture?.getSettings() ?? {};
    this.source = choice.source;
    this.#fromCamera = choice.source === 'camera' && tracks.picture !== undefined;
    this.#size = { width: width ?? 640, height: height ?? 360 };
    this.#sound = options.sound;
    this.#picture = tracks.picture ?? blackPicture(this.#size);
    this.microphone = tracks.microphone;
    const sounds = [tracks.microphone, tracks.screenSound].filter((track) => track !== undefined);
    const mixed = options.sound.mix(sounds);
    this.#all = new Set([this.#picture, ...sounds, ...(mixed === undefined ? [] : [mixed])]);
    this.#stream = new MediaStream(mixed === undefined ? [this.#picture] : [this.#picture, mixed]);
    tracks.picture?.addEventListener('ended', () => options.lost(choice.source));
    tracks.microphone?.addEventListener('ended', () => options.lost('microphone'));
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
    const camera = this.#fromCamera ? this.#picture.getSettings().deviceId : undefined;
    const microphone = this.microphone?.getSettings().deviceId;
    return { ...(camera !== undefined && { camera }), ...(microphone !== undefined && { microphone }) };
  }

  get hasSound(): boolean {
    return this.#stream.getAudioTracks().length > 0;
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
  let screen: MediaStream;
  try {
    screen = await media.getDisplayMedia({ video: { height: { max: Math.max(choice.height, 1080) }, frameRate: { max: 30 } }, audio: true });
  } catch (error) {
    // Phones have no such method.
    throw new CaptureError(errorDetails(error).name === 'TypeError' ? { name: 'NotFoundError' } : error, 'screen');
  }
  const [screenSound] = screen.getAudioTracks();
  const audio = microphoneConstraints(choice);
  try {
    const microphone = audio === undefined ? undefined : (await media.getUserMedia({ audio })).getAudioTracks()[0];
    return { picture: screen.getVideoTracks()[0], microphone, screenSound };
  } catch (error) {
    // A screen needs no microphone, unless one was asked for by name.
    if (choice.microphone === ANY_DEVICE) return { picture: screen.getVideoTracks()[0], microphone: undefined, screenSound };
    for (const track of screen.getTracks()) track.stop();
    throw new CaptureError(error, 'microphone');
  }
}

function cameraConstraints({ camera, height }: CaptureChoice): MediaTrackConstraints {
  return {
    ...(camera !== ANY_DEVICE && { deviceId: { exact: camera } }),
    width: { ideal: Math.round((height * 16) / 9) },
    height: { ideal: height },
    frameRate: { ideal: 30 },
  };
}

function microphoneConstraints({ microphone }: CaptureChoice): MediaTrackConstraints | true | undefined {
  if (microphone === NO_DEVICE) return undefined;
  return microphone === ANY_DEVICE ? true : { deviceId: { exact: microphone } };
}

function split(stream: MediaStream): Tracks {
  return { picture: stream.getVideoTracks()[0], microphone: stream.getAudioTracks()[0], screenSound: undefined };
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
