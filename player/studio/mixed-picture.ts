import { hasRawTracks, rawTrack } from '../publisher/raw-tracks';
import type { MixerMessage } from './mixer-scope';
import { cameraBox, type Corner, frameBox, pictureSize } from './picture-layout';
import { type MixerInput, PictureMixer } from './picture-mixer';

/** A track of camera and screen in one picture. */
export interface MixedPicture {
  readonly track: MediaStreamTrack;
  corner: Corner;
  /** Stops the track; the tracks that it was made of go on. May be called twice. */
  close(): void;
}

export interface MixedPictureOptions {
  readonly screen: MediaStreamTrack;
  readonly camera: MediaStreamTrack;
  readonly corner: Corner;
}

/** What Chromium has, and TypeScript's types don't. */
interface FrameTracks {
  readonly MediaStreamTrackGenerator?: new (init: { kind: 'video' }) => MediaStreamTrack & { readonly writable: WritableStream<VideoFrame> };
}

/** Frames that may wait to be mixed. */
const FRAMES = 2;
/** Pictures a second where they are drawn by a timer. */
const FRAME_RATE = 25;

let makeWorker: (() => Worker) | undefined;

/** Tells how to make a worker that serves a mixer; without one, pictures are mixed in the page. */
export function setMixerWorker(make: () => Worker): void {
  makeWorker = make;
}

/** Lays the camera over a corner of the screen: frame by frame in a worker where the browser can, else on a canvas of the page. */
export function mixPictures(options: MixedPictureOptions): MixedPicture {
  const { MediaStreamTrackGenerator: Generator } = globalThis as FrameTracks;
  if (!hasRawTracks() || Generator === undefined) return drawPictures(options);
  const track = new Generator({ kind: 'video' });
  const input: MixerInput = { screen: rawTrack(options.screen, FRAMES), camera: rawTrack(options.camera, FRAMES), output: track.writable, corner: options.corner };
  const mixer = makeWorker === undefined ? new PictureMixer(input) : new RemoteMixer(makeWorker(), input);
  return {
    track,
    get corner() {
      return mixer.corner;
    },
    set corner(corner) {
      mixer.corner = corner;
    },
    close: () => {
      mixer.close();
      track.stop();
    },
  };
}

/** A mixer in a worker; in the page, where the page's policy allows no such worker. */
class RemoteMixer {
  readonly #worker: Worker;
  #corner: Corner;
  #local: PictureMixer | undefined;
  #opened = false;
  #closed = false;

  constructor(worker: Worker, input: MixerInput) {
    this.#worker = worker;
    this.#corner = input.corner;
    // Nothing is handed to a worker that hasn't said that it runs: a refused one would take the streams with it.
    worker.onmessage = () => {
      if (this.#closed) return;
      this.#opened = true;
      this.#tell({ type: 'open', input: { ...input, corner: this.#corner } }, [input.screen, input.camera, input.output]);
    };
    worker.onerror = () => {
      if (!this.#opened && !this.#closed) this.#local = new PictureMixer({ ...input, corner: this.#corner });
    };
  }

  get corner(): Corner {
    return this.#corner;
  }

  set corner(corner: Corner) {
    this.#corner = corner;
    if (this.#local !== undefined) this.#local.corner = corner;
    else if (this.#opened) this.#tell({ type: 'corner', corner });
  }

  close(): void {
    this.#closed = true;
    this.#local?.close();
    if (this.#opened) this.#tell({ type: 'close' });
    else this.#worker.terminate();
  }

  #tell(message: MixerMessage, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}

/** The same on a canvas, for browsers that don't hand out frames. A hidden page draws once a second. */
function drawPictures({ screen, camera, corner }: MixedPictureOptions): MixedPicture {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { alpha: false });
  const track = canvas.captureStream(FRAME_RATE).getVideoTracks()[0];
  if (context === null || track === undefined) throw new Error('This browser draws no pictures');
  const [below, above] = [playing(screen), playing(camera)];
  const mixed = {
    track,
    corner,
    close: () => {
      clearInterval(timer);
      below.srcObject = above.srcObject = null;
      track.stop();
    },
  };
  const draw = (): void => {
    const size = pictureSize({ width: below.videoWidth || 1280, height: below.videoHeight || 720 });
    if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
    context.clearRect(0, 0, size.width, size.height);
    if (screen.readyState === 'live') context.drawImage(below, 0, 0, size.width, size.height);
    if (camera.readyState !== 'live' || above.videoWidth === 0) return;
    const box = cameraBox(size, { width: above.videoWidth, height: above.videoHeight }, mixed.corner);
    frameBox(context, box);
    context.drawImage(above, box.x, box.y, box.width, box.height);
  };
  const timer = setInterval(draw, 1000 / FRAME_RATE);
  return mixed;
}

function playing(track: MediaStreamTrack): HTMLVideoElement {
  const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true, srcObject: new MediaStream([track]) });
  void video.play().catch(() => undefined);
  return video;
}
