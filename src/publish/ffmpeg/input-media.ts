/** One track of an input that is published. */
export interface InputTrack {
  /** Number of the stream in the input. */
  readonly index: number;
  /** As ffmpeg calls it, such as `h264`. */
  readonly codec: string;
  /** Whether every browser plays it as it is. */
  readonly playable: boolean;
  /** Whether its samples are those of MP4: `avc1`, `mp4a`. */
  readonly inMp4: boolean;
}

/** What ffmpeg says of an input: the first track of each kind. */
export interface InputMedia {
  /** Whether it has a known length: it isn't live. */
  readonly finite: boolean;
  readonly video: InputTrack | undefined;
  readonly audio: InputTrack | undefined;
}

const DURATION = /^ *Duration: \d/;
/** `Stream #0:0[0x100](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(tv, bt709), 640x360, …` */
const STREAM = /^ *Stream #0:(\d+)(?:\[\w+\])?(?:\([^)]*\))?: (Video|Audio): (\w+)(?: \(([^)/]*)\))?(.*)$/;
const STILL = /\((?:attached pic|timed thumbnails|still image)\)/;
/** 8 bits, 4:2:0: what hardware decodes. */
const PIXELS = /, yuvj?420p[(,]/;
const MP4_SAMPLES = /^ \((?:avc1|mp4a) \//;
const AAC_PROFILES: ReadonlySet<string | undefined> = new Set([undefined, 'LC', 'HE-AAC', 'HE-AACv2']);

/**
 * Reads what ffmpeg prints when it opens an input. That is the one way to know an input which the packaged ffmpeg
 * offers too: it comes without ffprobe. The lines have kept their form from 2018 to ffmpeg 7.
 */
export function readInputMedia(printed: string): InputMedia {
  const lines = printed.split('\n');
  const tracks = lines.flatMap((line) => readTrack(line) ?? []);
  return {
    finite: lines.some((line) => DURATION.test(line)),
    video: tracks.find(({ kind }) => kind === 'Video'),
    audio: tracks.find(({ kind }) => kind === 'Audio'),
  };
}

function readTrack(line: string): (InputTrack & { readonly kind: string }) | undefined {
  const [, index, kind, codec, profile, rest] = STREAM.exec(line) ?? [];
  if (index === undefined || kind === undefined || codec === undefined || rest === undefined || STILL.test(rest)) return undefined;
  const playable = kind === 'Video' ? codec === 'h264' && PIXELS.test(rest) : codec === 'aac' && AAC_PROFILES.has(profile);
  return { index: Number(index), kind, codec, playable, inMp4: MP4_SAMPLES.test(rest) };
}
