import { u32 } from '../byte-parts';
import type { BytePlace } from '../byte-reader';
import { detectFraming, isParameterSet, type NalFraming, NalType, nalType, splitNalUnits } from '../codecs/h264-nal-units';
import { AvcParameterSets, checkSets } from '../codecs/h264-parameter-sets';
import { SEI_READ, withoutRecoveryPoints } from '../codecs/recovery-point';
import { MediaError } from '../media-error';
import type { InitTrack } from '../mp4/init-writer';
import { avcEntry } from '../mp4/sample-entry';
import { NON_SYNC_SAMPLE, SYNC_SAMPLE } from '../mp4/track-run';
import type { Frame } from '../webm/timeline';
import { type WorkMeter, Work } from '../work-meter';
import { DecodeClock } from './decode-clock';
import type { MatroskaTrack } from './matroska-init';
import type { RemuxTrack, TimedSample } from './remux-track';
import { TickScale } from './tick-scale';

/** NAL units that MP4 has no use for, or keeps in its `avcC`. */
const LEFT_OUT: ReadonlySet<number> = new Set([
  NalType.accessUnitDelimiter,
  NalType.endOfSequence,
  NalType.endOfStream,
  NalType.filler,
  NalType.spsExtension,
  NalType.subsetSps,
]);

/** A frame lasts so long until the track has shown more, and as a guess never more than a second. */
const FIRST_GUESS = 1 / 30;
/** With room for one more. */
const MAX_DURATION = 2 ** 32 - 2;

/**
 * H.264: by start codes or lengths, with its parameter sets in CodecPrivate or in keyframes. They go into the description, and come
 * out of the frames. Where a keyframe brings others, the description is another; where a frame does that isn't one, they stay in it.
 * A keyframe is what holds an IDR picture, whatever Matroska says: browsers take no other.
 */
export class AvcTrack implements RemuxTrack {
  readonly kind = 'video';
  readonly timescale: number;
  readonly #id: number;
  readonly #sets = new AvcParameterSets();
  readonly #scale: TickScale;
  readonly #work: WorkMeter;
  readonly #defaultDuration: number | undefined;
  /** Ticks that all times are moved by. */
  readonly #delay: number;
  /** Of the lengths in frames, as far as CodecPrivate tells. */
  #lengthSize: 1 | 2 | 3 | 4 = 4;
  #framing: NalFraming | undefined;
  #description: InitTrack | undefined;
  /** The sets in the description. */
  #described: ReadonlySet<Uint8Array> = new Set();
  #revision = 0;
  #clock: DecodeClock | undefined;

  /** @param options `delay`: what all times are moved by, nanoseconds. @throws MediaError `malformed-media` or `init-too-large`. */
  constructor({ config, place, defaultDuration }: MatroskaTrack, options: { id: number; timestampScale: number; work: WorkMeter; delay: number }) {
    this.#id = options.id;
    this.#work = options.work;
    this.#scale = TickScale.forVideo(options.timestampScale);
    this.timescale = this.#scale.timescale;
    this.#defaultDuration = defaultDuration === undefined ? undefined : this.#scale.ofNanoseconds(defaultDuration);
    this.#delay = Math.round((options.delay * this.timescale) / 1e9);
    if (config && config.length > 0) this.#readConfiguration(config, place);
  }

  get description(): InitTrack | undefined {
    return this.#description;
  }

  take(frame: Frame, place: BytePlace): TimedSample | undefined {
    this.#framing ??= detectFraming(frame.payload, this.#lengthSize, place);
    const units = splitNalUnits(frame.payload, this.#framing, place);
    this.#work.spend(units.length * Work.nalUnit);
    const found = units.filter((unit) => isParameterSet(nalType(unit)));
    this.#work.spend(Work.parameterByte * checkSets(found, place));
    const sets = new Map(found.map((unit) => [unit, this.#sets.record(unit, place)]));
    if (!units.some(isSlice)) return undefined;
    const sync = units.some((unit) => nalType(unit) === NalType.idr);
    if (sync && !this.#sets.complete) {
      throw new MediaError('unsupported-layout', 'A keyframe of H.264 without SPS and PPS: let the encoder repeat them ("-bsf:v dump_extra")', place);
    }
    if (sync) this.#describe();
    if (!this.#clock) return undefined;
    return this.#time(frame, { clock: this.#clock, sync, place, data: this.#sampleData(units, { sets, sync }) });
  }

  sourceTicks(duration: number): number {
    return this.#scale.invert(duration);
  }

  #readConfiguration(config: Uint8Array, place: BytePlace): void {
    if (config[0] === 1) this.#lengthSize = this.#sets.recordConfiguration(config, place);
    else for (const unit of splitNalUnits(config, 'annex-b', place)) if (isParameterSet(nalType(unit))) this.#sets.record(unit, place);
    if (this.#sets.complete) this.#describe();
  }

  /** Describes the track by the sets as they are now. */
  #describe(): void {
    const { sps, revision } = this.#sets;
    if (!sps || revision === this.#revision) return;
    this.#revision = revision;
    this.#described = this.#sets.snapshot();
    this.#description = { id: this.#id, timescale: this.timescale, entry: avcEntry(this.#sets.configuration(sps), sps), size: sps };
    const step = this.#defaultDuration ?? Math.round(this.timescale * FIRST_GUESS);
    this.#clock = new DecodeClock({ depth: sps.reorderDepth, timescale: this.timescale, step });
  }

  /** Each unit after its length of 4 bytes. `sets` are the parameter sets among them, each with the copy that is kept of it. */
  #sampleData(units: readonly Uint8Array[], { sets, sync }: { sets: ReadonlyMap<Uint8Array, Uint8Array>; sync: boolean }): Uint8Array[] {
    const kept = units.filter((unit) => {
      const set = sets.get(unit);
      // A keyframe's are all in the description, or an earlier state of what is.
      return !LEFT_OUT.has(nalType(unit)) && !(set && (sync || this.#described.has(set)));
    });
    return kept.flatMap((unit) => [Uint8Array.from(u32(unit.length)), sync ? unit : this.#withoutRecoveryPoints(unit)]);
  }

  #withoutRecoveryPoints(unit: Uint8Array): Uint8Array {
    if (nalType(unit) !== NalType.sei) return unit;
    this.#work.spend(Math.ceil(Math.min(unit.length, SEI_READ) / Work.seiBytesRead));
    return withoutRecoveryPoints(unit);
  }

  #time(frame: Frame, { clock, sync, place, data }: { clock: DecodeClock; sync: boolean; place: BytePlace; data: Uint8Array[] }): TimedSample {
    const shown = this.#scale.convert(frame.time) + this.#delay;
    if (!Number.isSafeInteger(shown)) throw new MediaError('malformed-media', 'A time above 2^53', place);
    const time = clock.next(shown, sync);
    const { duration, estimated } = this.#durationOf(frame, clock);
    const flags = sync ? SYNC_SAMPLE : NON_SYNC_SAMPLE;
    return { sample: { time, duration, flags, compositionOffset: shown - time, data }, estimated };
  }

  #durationOf({ statedDuration }: Frame, clock: DecodeClock): { duration: number; estimated: boolean } {
    const stated = statedDuration !== undefined && statedDuration > 0 ? this.#scale.convert(statedDuration) : undefined;
    const guess = this.#defaultDuration ?? Math.min(this.timescale, clock.interval ?? Math.round(this.timescale * FIRST_GUESS));
    return { duration: Math.min(MAX_DURATION, stated ?? guess), estimated: stated === undefined };
  }
}

/** Slices and their partitions, ITU-T H.264 table 7-1. */
function isSlice(unit: Uint8Array): boolean {
  return nalType(unit) >= NalType.slice && nalType(unit) <= NalType.idr;
}
