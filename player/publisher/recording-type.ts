/** A form in which a browser's recorder can write, and in which the relay can pass it on. */
export interface RecordingType {
  readonly id: string;
  readonly label: string;
  readonly container: 'video/webm' | 'video/mp4';
  /** As the recorder wants them named; none leaves the choice to the browser. */
  readonly codecs: { readonly video: string; readonly audio: string } | undefined;
}

const webm = (id: string, label: string, video: string): RecordingType => ({ id, label, container: 'video/webm', codecs: { video, audio: 'opus' } });
const mp4 = (id: string, label: string, audio: string): RecordingType => ({ id, label, container: 'video/mp4', codecs: { video: 'avc1.42E01F', audio } });

/**
 * Best first. WebM comes out with each frame, Chromium's MP4 only once a keyframe. VP9 before VP8: Chromium's
 * encoder keeps up with 720p on two busy cores, where that for VP8 drops most frames.
 * `webm;codecs=h264` is left out: it is Matroska, which browsers don't play back.
 */
export const RECORDING_TYPES: readonly RecordingType[] = [
  webm('webm-vp9', 'WebM · VP9 + Opus', 'vp9'),
  webm('webm-vp8', 'WebM · VP8 + Opus', 'vp8'),
  webm('webm-av1', 'WebM · AV1 + Opus', 'av01'),
  mp4('mp4-aac', 'MP4 · H.264 + AAC', 'mp4a.40.2'),
  mp4('mp4-opus', 'MP4 · H.264 + Opus', 'opus'),
  { id: 'mp4', label: 'MP4 · codecs of the browser’s choice', container: 'video/mp4', codecs: undefined },
];

/** What a browser can record. */
interface RecordingAbility {
  /** `MediaRecorder.isTypeSupported`. */
  readonly supports: (mime: string) => boolean;
  /** Whether this is WebKit, which encodes H.264 in hardware and hands MP4 out at each timeslice. */
  readonly webkit: boolean;
}

/** The types that this browser can record, best first. */
export function supportedTypes({ supports, webkit }: RecordingAbility): RecordingType[] {
  const types = RECORDING_TYPES.filter((type) => supports(recordingMime(type, { audio: true })));
  if (!webkit) return types;
  const isMp4 = ({ container }: RecordingType): boolean => container === 'video/mp4';
  return [...types.filter(isMp4), ...types.filter((type) => !isMp4(type))];
}

/** The type as the recorder is asked for it. */
export function recordingMime({ container, codecs }: RecordingType, tracks: { audio: boolean }): string {
  if (codecs === undefined) return container;
  return `${container};codecs=${tracks.audio ? `${codecs.video},${codecs.audio}` : codecs.video}`;
}
