import type { PacketFindings } from './input-media';

/** `#tb 0: 1/90000` */
const TIME_BASE = /^#tb (\d+): (\d+)\/(\d+)/;
/** `0,  7200, 10800, 3600, 8772, 0x20d71147`: track, DTS, PTS and more. */
const PACKET = /^(\d+), +(-?\d+), +(-?\d+),/;
/** What ffmpeg prints for a time that isn't known. */
const NO_TIME = '-9223372036854775808';
/** `  Stream #0:1 -> #0:0 (copy)` */
const MAPPING = /^ +Stream #0:(\d+) -> #0:(\d+) \(/gm;

/** How much is read of an input. */
export interface PacketLookLimits {
  /** Packets of each track that are enough. */
  readonly packets: number;
  /** How long a track is waited for, seconds of media of another. */
  readonly media: number;
}

interface Seen {
  packets: number;
  readonly firstTime: number;
  untimed: boolean;
}

/** Reads the first packets of an input, as the muxer `framecrc` of ffmpeg prints them. */
export class PacketLook {
  readonly #limits: PacketLookLimits;
  readonly #tracks = new Map<number, Seen>();
  readonly #timeBases = new Map<number, number>();
  #rest = '';
  #late = false;

  constructor(limits: PacketLookLimits) {
    this.#limits = limits;
  }

  /** Whether a packet has come. */
  get hasBegun(): boolean {
    return this.#tracks.size > 0;
  }

  /** How many packets have come of all tracks. */
  get packets(): number {
    return [...this.#tracks.values()].reduce((sum, { packets }) => sum + packets, 0);
  }

  /** Whether nothing more is to be learned. */
  get isEnough(): boolean {
    const complete = this.#timeBases.size > 0 && [...this.#timeBases.keys()].every((track) => (this.#tracks.get(track)?.packets ?? 0) >= this.#limits.packets);
    return complete || this.#late;
  }

  /** Takes the next text, cut anywhere. */
  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#read(line);
  }

  /** What was found, by the numbers of the input's tracks. `printed` is what ffmpeg printed to standard error. */
  findings(printed: string): Map<number, PacketFindings> {
    const mapped = [...printed.matchAll(MAPPING)];
    return new Map(
      mapped.map(([, input, output]) => {
        const seen = this.#tracks.get(Number(output));
        return [Number(input), { ...(seen === undefined && { absent: true }), ...(seen?.untimed === true && { untimed: true }) }];
      }),
    );
  }

  #read(line: string): void {
    const [, base, numerator, denominator] = TIME_BASE.exec(line) ?? [];
    if (base !== undefined) this.#timeBases.set(Number(base), Number(numerator) / Number(denominator));
    const [, track, dts, pts] = PACKET.exec(line) ?? [];
    if (track !== undefined && dts !== undefined) this.#packet(Number(track), Number(dts), pts === NO_TIME);
  }

  #packet(track: number, dts: number, untimed: boolean): void {
    const time = dts * (this.#timeBases.get(track) ?? 0);
    const seen = this.#tracks.get(track) ?? { packets: 0, firstTime: time, untimed: false };
    seen.packets++;
    seen.untimed ||= untimed;
    this.#tracks.set(track, seen);
    this.#late ||= time - seen.firstTime > this.#limits.media;
  }
}
