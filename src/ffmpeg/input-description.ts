import { isKnown } from './ffmpeg-job';
import { type InputMedia, type PacketFindings, readInputMedia } from './input-media';

/** With `-v level+info`: `[info] Input #0, mpegts, from …`. */
const LEVEL = /^\[info\] ?/;
const BEGINNING = /^Input #0, /;
/** Lines that describe an input, at most. */
const MAX_LINES = 500;

/** Reads what ffmpeg prints of an input that it has opened in order to publish it, without an examination before. */
export class InputDescription {
  readonly #lines: string[] = [];
  #begun = false;

  /** Whether the input is open: somebody has connected. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Takes a line that ffmpeg has printed. */
  read(line: string): void {
    const text = line.replace(LEVEL, '');
    this.#begun ||= BEGINNING.test(text);
    if (this.#begun && this.#lines.length < MAX_LINES) this.#lines.push(text);
  }

  /** Whether all of it is there: what follows describes the output. */
  get isComplete(): boolean {
    return this.#lines.some((line) => /^(?:Output #0|Stream mapping:)/.test(line));
  }

  /** What the input has. Tracks whose parameters ffmpeg didn't find are absent. */
  get media(): InputMedia {
    return { ...describedMedia(this.#lines.join('\n')), finite: false };
  }
}

/**
 * What ffmpeg prints of an input. Tracks whose parameters are unknown are absent: ffmpeg has found no packet of them.
 * @param findings what the packets show of the tracks, by their numbers.
 */
export function describedMedia(printed: string, findings: ReadonlyMap<number, PacketFindings> = new Map()): InputMedia {
  const { video, audio } = readInputMedia(printed);
  const unknown = [video, audio].flatMap((track) => (track === undefined || isKnown(track) ? [] : [[track.index, { absent: true }] as const]));
  return readInputMedia(printed, new Map([...findings, ...unknown]));
}
