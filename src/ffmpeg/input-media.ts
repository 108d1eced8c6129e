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
  /** It is announced, but no packet of it came while the input was examined. */
  readonly absent?: boolean;
  /** Its packets have no presentation times, though its frames aren't in display order: B-frames in AVI or raw H.264. */
  readonly untimed?: boolean;
  /** It has no keyframe that a browser can begin with for longer than `LONGEST_GOP`: as with open GOPs, whose I pictures are no IDR. */
  readonly unjoinable?: boolean;
}

/** What ffmpeg says of an input: the track of each kind that is published. */
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

/** What the packets of a track show of it. */
export type PacketFindings = Pick<InputTrack, 'absent' | 'untimed'>;

interface Candidate {
  readonly track: InputTrack;
  readonly kind: string;
  readonly isDefault: boolean;
  /** Of MPEG-TS and HLS: the programs that have it. */
  readonly programs: Set<string>;
}

const DURATION = /^ *Duration: (\d+):(\d+):(\d+(?:\.\d+)?)/;
/** `Input #0, matroska,webm, from 'film.mkv':` */
const FORMAT = /^Input #0, (\S+), from /;
/** `  Program 1 ` */
const PROGRAM = /^ {2}(Program \d+|No Program)/;
/** `Stream #0:0[0x100](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(tv, bt709), 640x360, …` */
const STREAM = /^ *Stream #0:(\d+)(?:\[\w+\])?(?:\([^)]*\))?: (Video|Audio): (\w+)(?: \(([^)/]*)\))?(.*)$/;
const STILL = /\((?:attached pic|timed thumbnails|still image)\)/;
const DEFAULT = / \(default\)/;
/** 8 bits, 4:2:0: what hardware decodes. */
const PIXELS = /, yuvj?420p[(,]/;
const MP4_SAMPLES = /^ \((?:avc1|mp4a) \//;
const AAC_PROFILES: ReadonlySet<string | undefined> = new Set([undefined, 'LC', 'HE-AAC', 'HE-AACv2']);

/** ffmpeg up to 7.0 has no name for xHE-AAC, and doesn't decode it. */
const XHE_AAC = /Audio object type 42 is not implemented/;

/**
 * Reads what ffmpeg prints when it opens an input. That is the one way to know an input which the packaged ffmpeg
 * offers too: it comes without ffprobe. The lines have kept their form from 2018 to ffmpeg 7.
 *
 * Of several video tracks, it takes the default one, then the largest, then the first; of several audio tracks, those of the
 * same program as the video, then the default one, then the first. A track without packets comes last.
 * @param findings what the packets show of the tracks, by their numbers.
 */
export function readInputMedia(printed: string, findings: ReadonlyMap<number, PacketFindings> = new Map()): InputMedia {
  // What follows describes the output.
  const [described = ''] = printed.split(/^Output #0/m);
  const lines = described.split('\n');
  const candidates = readCandidates(lines, findings).map((candidate) => (XHE_AAC.test(described) ? withoutXheAac(candidate) : candidate));
  const [, hours, minutes, seconds] = first(lines, DURATION) ?? [];
  const duration = seconds === undefined ? 0 : Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
  const [, format] = first(lines, FORMAT) ?? [];
  const video = best(candidates.filter(({ kind }) => kind === 'Video'), ({ track, isDefault }) => [presence(track), Number(isDefault), area(track)]);
  const audio = best(candidates.filter(({ kind }) => kind === 'Audio'), (candidate) => [presence(candidate.track), Number(goTogether(candidate, video)), Number(candidate.isDefault)]);
  return {
    // Of a live RTMP it says 0.
    finite: duration > 0,
    ...(duration > 0 && { duration }),
    ...(format !== undefined && { format }),
    video: video?.track,
    audio: audio?.track,
  };
}

function readCandidates(lines: readonly string[], findings: ReadonlyMap<number, PacketFindings>): Candidate[] {
  const candidates = new Map<number, Candidate>();
  let program = '';
  for (const line of lines) {
    program = PROGRAM.exec(line)?.[1] ?? program;
    const candidate = readTrack(line, findings);
    if (candidate === undefined) continue;
    // A track of several programs is printed with each.
    const known = candidates.get(candidate.track.index) ?? candidate;
    known.programs.add(program);
    candidates.set(candidate.track.index, known);
  }
  return [...candidates.values()].sort((one, other) => one.track.index - other.track.index);
}

function readTrack(line: string, findings: ReadonlyMap<number, PacketFindings>): Candidate | undefined {
  const [, index, kind, codec, profile, rest] = STREAM.exec(line) ?? [];
  if (index === undefined || kind === undefined || codec === undefined || rest === undefined || STILL.test(rest)) return undefined;
  const inMp4 = MP4_SAMPLES.test(rest);
  const playable = kind === 'Video' ? codec === 'h264' && PIXELS.test(rest) : codec === 'aac' && AAC_PROFILES.has(profile);
  const track: InputTrack = {
    ...{ index: Number(index), codec, playable, inMp4 },
    ...(profile !== undefined && { profile }),
    ...(kind === 'Video' ? readPicture(rest) : readSound(rest)),
    ...findings.get(Number(index)),
  };
  return { track, kind, isDefault: DEFAULT.test(rest), programs: new Set() };
}

/** Tracks of AAC whose profile has no name are that. */
function withoutXheAac(candidate: Candidate): Candidate {
  const { codec, profile } = candidate.track;
  return codec === 'aac' && profile === undefined ? { ...candidate, track: { ...candidate.track, profile: 'xHE-AAC', playable: false } } : candidate;
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

/** The candidate of the highest rank, compared number by number; the first of equals. */
function best(candidates: readonly Candidate[], rank: (candidate: Candidate) => readonly number[]): Candidate | undefined {
  return candidates.reduce<Candidate | undefined>((found, next) => (found === undefined || isHigher(rank(next), rank(found)) ? next : found), undefined);
}

function isHigher(one: readonly number[], other: readonly number[]): boolean {
  const differences = one.map((value, index) => value - (other[index] ?? 0));
  return (differences.find((difference) => difference !== 0) ?? 0) > 0;
}

function presence({ absent = false }: InputTrack): number {
  return absent ? 0 : 1;
}

function area({ width = 0, height = 0 }: InputTrack): number {
  return width * height;
}

function goTogether(audio: Candidate, video: Candidate | undefined): boolean {
  return video === undefined || [...audio.programs].some((program) => video.programs.has(program));
}

function first(lines: readonly string[], pattern: RegExp): RegExpExecArray | undefined {
  for (const line of lines) {
    const found = pattern.exec(line);
    if (found !== null) return found;
  }
  return undefined;
}
