import type { PictureSize } from './picture-size';
import type { VideoCodec } from './publisher-options';

/** A codec of the picture that WebCodecs encodes and fragmented MP4 carries. */
export type PictureCodec = Exclude<VideoCodec, 'auto' | 'vp8'>;

/** What the encoders are asked for. */
export interface EncoderChoices {
  readonly picture: PictureCodec;
  /** Absent where the browser encodes no sound that MP4 carries. */
  readonly sound: 'opus' | 'mp4a.40.2' | undefined;
}

/** H.264 first: every viewer decodes it, mostly in hardware. */
const PICTURES: readonly PictureCodec[] = ['h264', 'vp9', 'av1'];
/** Opus first: it is 20 ms behind, AAC 43 and more. */
const SOUNDS = ['opus', 'mp4a.40.2'] as const;
const SAMPLE_RATE = 48_000;

/** Codec strings up to so many pixels and frames a second: baseline H.264 of levels 3.1, 4.0, 4.2 and 5.1, VP9 and AV1 of about the same. */
const LEVELS: readonly { readonly pixels: number; readonly frameRate: number; readonly names: Readonly<Record<PictureCodec, string>> }[] = [
  { pixels: 1280 * 720, frameRate: 30, names: { h264: 'avc1.42E01F', vp9: 'vp09.00.31.08', av1: 'av01.0.05M.08' } },
  { pixels: 1920 * 1088, frameRate: 30, names: { h264: 'avc1.42E028', vp9: 'vp09.00.40.08', av1: 'av01.0.08M.08' } },
  { pixels: 1920 * 1088, frameRate: 60, names: { h264: 'avc1.42E02A', vp9: 'vp09.00.41.08', av1: 'av01.0.09M.08' } },
  { pixels: Infinity, frameRate: Infinity, names: { h264: 'avc1.42E033', vp9: 'vp09.00.51.08', av1: 'av01.0.13M.08' } },
];

/** The codec string, RFC 6381, for such a picture. */
function codecString(codec: PictureCodec, { width, height, frameRate }: PictureSize & { readonly frameRate: number }): string {
  const level = LEVELS.find((each) => width * height <= each.pixels && frameRate <= each.frameRate);
  return level?.names[codec] ?? '';
}

export interface PictureWish extends PictureSize {
  readonly codec: PictureCodec;
  readonly bitrate: number;
  readonly frameRate: number;
}

/** What `VideoEncoder` is asked for. */
export function pictureConfig({ codec, width, height, bitrate, frameRate }: PictureWish): VideoEncoderConfig {
  return {
    codec: codecString(codec, { width, height, frameRate }),
    width,
    height,
    bitrate,
    framerate: frameRate,
    latencyMode: 'realtime',
    ...(codec === 'h264' && { avc: { format: 'avc' } }),
  };
}

/** What `AudioEncoder` is asked for. */
export function soundConfig(codec: string, { sampleRate, channels, bitrate }: { sampleRate: number; channels: number; bitrate: number }): AudioEncoderConfig {
  return { codec, sampleRate, numberOfChannels: channels, bitrate, ...(codec === 'opus' && { opus: { frameDuration: 20_000 } }) };
}

/** What this browser encodes of what is wanted; undefined if it can't encode the picture. */
export async function chooseCodecs(codec: VideoCodec, wish: Omit<PictureWish, 'codec'>, audioBitrate: number): Promise<EncoderChoices | undefined> {
  if (typeof VideoEncoder === 'undefined') return undefined;
  const wanted = PICTURES.filter((each) => codec === 'auto' || codec === each);
  for (const picture of wanted) {
    const { supported } = await VideoEncoder.isConfigSupported(pictureConfig({ ...wish, codec: picture }));
    if (supported === true) return { picture, sound: await chooseSound(audioBitrate) };
  }
  return undefined;
}

async function chooseSound(bitrate: number): Promise<EncoderChoices['sound']> {
  if (typeof AudioEncoder === 'undefined') return undefined;
  for (const sound of SOUNDS) {
    const { supported } = await AudioEncoder.isConfigSupported(soundConfig(sound, { sampleRate: SAMPLE_RATE, channels: 1, bitrate }));
    if (supported === true) return sound;
  }
  return undefined;
}
