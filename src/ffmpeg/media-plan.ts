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
  /** A track that is wanted, but doesn't come: the other is published without it until it does. */
  readonly absent?: InputTrack;
  /** It is a guess: the input isn't known yet. What comes is compared with it. */
  readonly assumed?: boolean;
}

/** What nearly every encoder sends that connects by itself: an examination would take its connection away from what follows. */
const USUAL_MEDIA: InputMedia = {
  finite: false,
  video: { index: 0, codec: 'h264', playable: true, inMp4: false },
  audio: { index: 1, codec: 'aac', playable: true, inMp4: false },
};

/** Profiles of 8 bits and 4:2:0, of what isn't played everywhere. */
const MODERN_PROFILES: Readonly<Record<string, string>> = { vp9: 'Profile 0', av1: 'Main' };

/** What browsers play in some profiles only. */
const PROFILED: ReadonlySet<string> = new Set([...Object.keys(MODERN_PROFILES), 'h264', 'aac']);

/** Decides what is copied and what is encoded. */
export function planMedia(media: InputMedia, wishes: MediaWishes): MediaPlan {
  const video = media.video && planVideo(media.video, wishes);
  const audio = media.audio && planAudio(media.audio, media, wishes);
  if (isAbsent(audio) && video !== undefined && !isAbsent(video)) return { video, audio: undefined, absent: audio.track };
  if (isAbsent(video) && audio !== undefined && !isAbsent(audio)) return { video: undefined, audio, absent: video.track };
  return { video, audio };
}

/** The plan for an input that nobody has examined. */
export function planUsualMedia(wishes: MediaWishes): MediaPlan {
  return { ...planMedia(USUAL_MEDIA, wishes), assumed: true };
}

/** Whether media can be published by the plan for the usual: it has nothing but tracks that are copied, and that come. */
export function isUsual(media: InputMedia, wishes: MediaWishes): boolean {
  const { video, audio, absent } = planMedia(media, wishes);
  return absent === undefined && (video !== undefined || audio !== undefined) && [video, audio].every((track) => track === undefined || track.as === 'copy');
}

/** What is known of an input once the track has come that was absent. */
export function withTracksPresent(media: InputMedia): InputMedia {
  const { video, audio } = media;
  return { ...media, video: video && { ...video, absent: false }, audio: audio && { ...audio, absent: false } };
}

/** What is known of an input once no keyframe of its video has come for too long. */
export function withoutKeyframes(media: InputMedia): InputMedia {
  return { ...media, video: media.video && { ...media.video, unjoinable: true } };
}

function isAbsent(plan: TrackPlan<string> | undefined): plan is TrackPlan<string> {
  return plan?.track.absent === true;
}

function planVideo(track: InputTrack, { video = 'auto', picture = {}, modern = false }: MediaWishes): MediaPlan['video'] {
  if (video === 'none') return undefined;
  if (video !== 'auto') return { track, as: video, why: 'as --video says' };
  const [wish] = Object.keys(picture);
  if (wish !== undefined) return { track, as: 'h264', why: `since --${wish} changes the picture` };
  if (track.untimed === true) return { track, as: 'h264', why: 'since its frames have no presentation times, and copied they would be shown in the wrong order' };
  if (track.unjoinable === true) return { track, as: 'h264', why: 'since it has no keyframe (IDR) for over 10 s, and viewers could not join' };
  if (track.playable) return { track, as: 'copy', why: 'every browser plays it' };
  if (modern && isModern(track)) return { track, as: 'copy', why: 'the browsers of today play it' };
  return { track, as: 'h264', why: whyEncoded(track) };
}

function whyEncoded({ codec }: InputTrack): string {
  if (PROFILED.has(codec)) return 'since few browsers play it in this profile';
  return codec === 'none' ? "since ffmpeg doesn't know its codec" : `since browsers don't play ${codec} in a stream`;
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
  if (!track.playable && !opus) return { track, as: 'aac', why: whyEncoded(track) };
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
