import type { InputMedia, InputTrack } from './input-media';

/** What is asked of the picture that only an encoder can give. */
export interface PictureWishes {
  /** Bits a second. */
  readonly bitrate?: number;
  /** What the picture has to fit in, pixels. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Frames a second. */
  readonly fps?: number;
  /** Time between two keyframes, seconds. */
  readonly gop?: number;
}

/** `auto` copies what browsers take, and encodes the rest. */
export type VideoWish = 'auto' | 'copy' | 'h264' | 'vp9' | 'none';
export type AudioWish = 'auto' | 'copy' | 'aac' | 'opus' | 'none';

export interface MediaWishes {
  readonly video?: VideoWish;
  readonly audio?: AudioWish;
  readonly picture?: PictureWishes;
  /** Whether the input begins again when it is over. */
  readonly loop: boolean;
  /** Whether that is copied which the browsers of today take (Media Source Extensions), or only what every browser plays. */
  readonly modern?: boolean;
}

/** What happens with one track. */
export interface TrackPlan<As> {
  readonly track: InputTrack;
  /** How it leaves: as it came, or as what it is encoded. */
  readonly as: As;
  /** Why, for people: a part of a sentence. */
  readonly why: string;
}

/** What happens with an input: the one decision that sources, `sluice push` and `sluice probe` share. */
export interface MediaPlan {
  readonly video: TrackPlan<'copy' | 'h264' | 'vp9'> | undefined;
  readonly audio: TrackPlan<'copy' | 'aac' | 'opus'> | undefined;
}

/** Profiles of 8 bits and 4:2:0, of what isn't played everywhere. */
const MODERN_PROFILES: Readonly<Record<string, string>> = { vp9: 'Profile 0', av1: 'Main' };

/** Decides what is copied and what is encoded. */
export function planMedia(media: InputMedia, wishes: MediaWishes): MediaPlan {
  const { video, audio } = media;
  return {
    video: video && planVideo(video, wishes),
    audio: audio && planAudio(audio, media, wishes),
  };
}

function planVideo(track: InputTrack, { video = 'auto', picture = {}, modern = false }: MediaWishes): MediaPlan['video'] {
  if (video === 'none') return undefined;
  if (video !== 'auto') return { track, as: video, why: 'as --video says' };
  const [wish] = Object.keys(picture);
  if (wish !== undefined) return { track, as: 'h264', why: `since --${wish} changes the picture` };
  if (track.playable) return { track, as: 'copy', why: 'every browser plays it' };
  if (modern && isModern(track)) return { track, as: 'copy', why: 'the browsers of today play it' };
  return { track, as: 'h264', why: track.codec in MODERN_PROFILES || track.codec === 'h264' ? 'since few browsers play it in this profile' : `since browsers don't play ${track.codec} in a stream` };
}

/** The profile is told by newer versions of ffmpeg only. */
function isModern({ codec, profile, common = false }: InputTrack): boolean {
  const wanted = MODERN_PROFILES[codec];
  return wanted !== undefined && common && (profile === undefined || profile === wanted);
}

function planAudio(track: InputTrack, media: InputMedia, { audio = 'auto', loop, modern = false }: MediaWishes): MediaPlan['audio'] {
  if (audio === 'none') return undefined;
  if (audio !== 'auto') return { track, as: audio, why: 'as --audio says' };
  const opus = modern && track.codec === 'opus';
  if (!track.playable && !opus) return { track, as: 'aac', why: `since browsers don't play ${track.codec} in a stream` };
  if (loop && !loopsAsItIs(track, media)) return { track, as: 'aac', why: 'since it could not be repeated without a seam' };
  return { track, as: 'copy', why: opus ? 'the browsers of today play it' : 'every browser plays it' };
}

/**
 * Sound that isn't MP4's needs a filter where it is copied, which ffmpeg 5.1 ends with the first time of a loop; and how long
 * a loop of copied sound is, it knows only by the picture beside it.
 */
function loopsAsItIs({ inMp4 }: InputTrack, { video }: InputMedia): boolean {
  return inMp4 && video !== undefined;
}
