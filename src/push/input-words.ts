import type { InputMedia, InputTrack } from '../ffmpeg/input-media';
import type { MediaPlan, TrackPlan } from '../ffmpeg/media-plan';

const CODECS: Readonly<Record<string, string>> = { h264: 'H.264', vp9: 'VP9', aac: 'AAC', opus: 'Opus' };

/** Why a track is left out of which nothing came. */
const ABSENT = 'since it is announced, but nothing of it comes; it is taken up when it comes';

/** What an input has and what becomes of it, a line for each track. */
export function inputLines({ media, plan, live }: { media: InputMedia; plan: MediaPlan; live: boolean }): string[] {
  const length = media.duration === undefined ? '' : `, ${formatTime(media.duration)}`;
  return [
    `  ${media.format ?? 'unknown format'}${length}: ${live ? 'live, what is too late is dropped' : 'paced in real time, waits when it has to'}`,
    ...(media.video ? [`  picture  ${trackWords(media.video)}: ${planWords(media.video, plan.video, '--video')}`] : ['  picture  none']),
    ...(media.audio ? [`  sound    ${trackWords(media.audio)}: ${planWords(media.audio, plan.audio, '--audio')}`] : ['  sound    none']),
  ];
}

/** The same for a script. */
export function inputFields({ media, plan, live }: { media: InputMedia; plan: MediaPlan; live: boolean }): object {
  const { format, duration, video, audio } = media;
  return { format, duration, live, video: trackFields(video, plan.video), audio: trackFields(audio, plan.audio) };
}

/** `1:02:03`, or `2:03`. */
export function formatTime(seconds: number): string {
  const whole = Math.floor(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = String(rest).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}

/** `850 kbit/s`, `2.5 Mbit/s`. */
export function formatBitrate(bits: number): string {
  return bits < 999_500 ? `${Math.round(bits / 1000)} kbit/s` : `${(bits / 1_000_000).toFixed(1)} Mbit/s`;
}

function trackWords({ codec, profile, width, height, frameRate, sampleRate, channels }: InputTrack): string {
  return [
    profile === undefined ? codec : `${codec} (${profile})`,
    ...(width === undefined ? [] : [`${width}x${height ?? 0}`]),
    ...(frameRate === undefined ? [] : [`${frameRate} fps`]),
    ...(sampleRate === undefined ? [] : [`${sampleRate} Hz`]),
    ...(channels === undefined ? [] : [channels]),
  ].join(', ');
}

function planWords({ absent = false }: InputTrack, plan: TrackPlan<string> | undefined, flag: string): string {
  if (plan === undefined && absent) return `left out, ${ABSENT}`;
  if (plan === undefined) return `left out, as ${flag} none says`;
  return `${plan.as === 'copy' ? 'passed on as it is' : `encoded as ${CODECS[plan.as] ?? plan.as}`}, ${plan.why}`;
}

function trackFields(track: InputTrack | undefined, plan: TrackPlan<string> | undefined): object | null {
  if (track === undefined) return null;
  const { index, codec, profile, width, height, frameRate, sampleRate, channels, absent } = track;
  const action = plan === undefined ? 'none' : plan.as === 'copy' ? 'copy' : 'encode';
  return { index, codec, profile, width, height, frameRate, sampleRate, channels, action, absent, as: plan && action === 'encode' ? plan.as : undefined, reason: plan?.why ?? (absent === true ? ABSENT : undefined) };
}
