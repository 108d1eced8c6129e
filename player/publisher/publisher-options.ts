/** Who encodes: WebCodecs frame by frame, with a bitrate that follows the upload; the browser's recorder; or the better one that works here. */
export type EncoderChoice = 'auto' | 'webcodecs' | 'mediarecorder';

/** A codec of the picture; `auto` takes the first of `h264`, `vp9`, `av1` and `vp8` that the browser encodes. */
export type VideoCodec = 'auto' | 'h264' | 'vp9' | 'av1' | 'vp8';

export interface VideoSettings {
  /** Bits a second at most; less is used while the upload is too slow. */
  readonly bitrate: number;
  /** Frames a second at most. */
  readonly frameRate: number;
  /** Sides of the picture at most, pixels; a larger picture is made smaller in its own shape. Without, the picture's own. */
  readonly width?: number;
  readonly height?: number;
  readonly codec: VideoCodec;
}

export interface AudioSettings {
  /** Bits a second. */
  readonly bitrate: number;
}

export interface PublisherOptions {
  /** Where to publish: `/publish/NAME` of the page's own relay, or a whole address (`https:` or `wss:`). */
  readonly url: string;
  /** What to publish; may also come later, by `replaceTracks`. Its tracks stay the page's own: they are never stopped. */
  readonly stream?: MediaStream;
  readonly encoder?: EncoderChoice;
  readonly video?: Partial<VideoSettings>;
  readonly audio?: Partial<AudioSettings>;
  /** Key or token, where the relay wants one. */
  readonly token?: string;
  /** 16 to 128 letters and digits: who brings the same takes its own stream over at once. Random, unless told otherwise. */
  readonly session?: string;
}

export const VIDEO_DEFAULTS: VideoSettings = { bitrate: 2_500_000, frameRate: 30, codec: 'auto' };
export const AUDIO_DEFAULTS: AudioSettings = { bitrate: 96_000 };
