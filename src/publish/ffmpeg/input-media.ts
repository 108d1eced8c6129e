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
  /** As ffmpeg calls it, such as `High`; of most codecs there is none. */
  readonly profile?: string;
  /** Whether its pixels are 8 bits of 4:2:0, of which every decoder is capable. */
  readonly common?: boolean;
  readonly width?: number;
  readonly height?: number;
  /** Frames a second. */
  readonly frameRate?: number;
  /** Hz. */
  readonly sampleRate?: number;
  /** As ffmpeg calls them, such as `stereo`. */
  readonly channels?: string;
}

/** What ffmpeg says of an input: the first track of each kind. */
export interface InputMedia {
  /** Whether it has a known length: it isn't live. */
  readonly finite: boolean;
  /** Seconds, if it has a known length. */
  readonly duration?: number;
  /** As ffmpeg calls it, such as `matroska,webm`. */
  readonly format?: string;
  readonly video: InputTrack | undefined;
  readonly audio: InputTrack | undefined;
}

const DURATION = /^ *Duration: (\d+):(\d+):(\d+(?:\.\d+)?)/;
/** `Input #0, matroska,webm, from 'film.mkv':` */
const FORMAT = /^Input #0, (\S+), from /;
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
  const [, hours, minutes, seconds] = first(lines, DURATION) ?? [];
  const duration = seconds === undefined ? 0 : Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
  const [, format] = first(lines, FORMAT) ?? [];
  return {
    // Of a live RTMP it says 0.
    finite: duration > 0,
    ...(duration > 0 && { duration }),
    ...(format !== undefined && { format }),
    video: tracks.find(({ kind }) => kind === 'Video'),
    audio: tracks.find(({ kind }) => kind === 'Audio'),
  };
}

function readTrack(line: string): (InputTrack & { readonly kind: string }) | undefined {
  const [, index, kind, codec, profile, rest] = STREAM.exec(line) ?? [];
  if (index === undefined || kind === undefined || codec === undefined || rest === undefined || STILL.test(rest)) return undefined;
  const playable = kind === 'Video' ? codec === 'h264' && PIXELS.test(rest) : codec === 'aac' && AAC_PROFILES.has(profile);
  return {
    ...{ index: Number(index), kind, codec, playable, inMp4: MP4_SAMPLES.test(rest) },
    ...(profile !== undefined && { profile }),
    ...(kind === 'Video' ? readPicture(rest) : readSound(rest)),
  };
}

function readPicture(rest: string): Partial<InputTrack> {
  const [, width, height] = /, (\d+)x(\d+)/.exec(rest) ?? [];
  const [, frameRate] = /, ([\d.]+) fps/.exec(rest) ?? [];
  return {
    common: PIXELS.test(rest),
    ...(width !== undefined && { width: Number(width), height: Number(height) }),
    ...(frameRate !== undefined && { frameRate: Number(frameRate) }),
  };
}

function readSound(rest: string): Partial<InputTrack> {
  const [, sampleRate, channels] = /, (\d+) Hz, ([^,]+)/.exec(rest) ?? [];
  return { ...(sampleRate !== undefined && { sampleRate: Number(sampleRate) }), ...(channels !== undefined && { channels }) };
}

function first(lines: readonly string[], pattern: RegExp): RegExpExecArray | undefined {
  for (const line of lines) {
    const found = pattern.exec(line);
    if (found !== null) return found;
  }
  return undefined;
}
