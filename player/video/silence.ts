import { OPUS_RATE, opusConfiguration, plainOpus } from '../../src/media/codecs/opus';
import { writeFragment } from '../../src/media/mp4/fragment-writer';
import { writeInit } from '../../src/media/mp4/init-writer';
import { opusEntry } from '../../src/media/mp4/sample-entry';
import { SYNC_SAMPLE } from '../../src/media/mp4/track-run';
import { isAndroid, isChromium } from './engine';
import { canPlay } from './media-source';

/** The type of what `Silence` appends. */
const SILENCE_TYPE = 'audio/mp4; codecs="opus"';

const TRACK = 1;
/** A packet of 20 ms, and what it says: CELT, one channel, nothing to hear. https://www.rfc-editor.org/rfc/rfc6716#section-3.1 */
const PACKET_TICKS = OPUS_RATE / 50;
const PACKET = [Uint8Array.of(0xf8, 0xff, 0xfe)];
/** So far it reaches beyond the picture, seconds, and by so much it then goes on: Chromium's sound begins with 0.2 s, and runs dry below 0.1. */
const AHEAD = 0.25;
const STEP = 0.1;
/** So far past the picture no video gets but by a silence that is long for another reason, seconds: this, and a packet or two. */
export const SILENCE_REACH = AHEAD + STEP + 0.05;
/** After so long without a picture it has perhaps run dry, ms: then Chromium waits for twice as much each time, up to 3 s. */
const OUTAGE = 200;
const AFTER_OUTAGE = 3;
/** Packets in one append: 10 s. */
const MOST_PACKETS = 500;
/** Where the picture jumps further ahead, packets, what is between needs no silence. */
const JUMP = 3_000;

/**
 * Whether a picture without sound is given silence: in Chromium, where that helps; but not on Android, where a video with sound, heard
 * or not, may stop the music of other apps.
 */
export function addsSilence(): boolean {
  return isChromium() && !isAndroid() && canPlay(SILENCE_TYPE);
}

/** What a silence tells. */
interface SilenceListener {
  /** All is done for now. */
  idle(): void;
  /** The browser refuses it. */
  failed(reason: string): void;
}

/**
 * A track of silence beside a picture that has no sound. With one, Chromium's clock is that of the sound, and a picture that comes a moment
 * late is only that; without, its decoder has run dry, and time stands still. The silence ends soon behind the picture, so that the
 * video still waits where the network fails.
 */
export class Silence {
  readonly #buffer: SourceBuffer;
  /** The packet that comes next, counted from time 0; undefined before there is a picture. */
  #next: number | undefined;
  #begun = false;
  #goal = 0;
  #coveredAt = Infinity;
  #removable = 0;
  #removedTo = 0;

  /** @param source which has no media yet. */
  constructor(source: MediaSource, listener: SilenceListener) {
    this.#buffer = source.addSourceBuffer(SILENCE_TYPE);
    this.#buffer.onupdateend = () => {
      try {
        this.#work();
      } catch (error) {
        listener.failed((error as Error).message);
      }
      if (!this.isBusy) listener.idle();
    };
  }

  /** Whether it is at work, so that the media source can't be ended. */
  get isBusy(): boolean {
    return this.#buffer.updating;
  }

  /**
   * Lasts for a moment beyond the picture, of which `from` to `to` is the newest piece without a gap. Seconds of the presentation.
   * @throws DOMException if the browser refuses it.
   */
  cover(from: number, to: number): void {
    const first = Math.floor((from * OPUS_RATE) / PACKET_TICKS);
    if (this.#next === undefined || first > this.#next + JUMP) this.#next = first;
    const now = performance.now();
    const ahead = now - this.#coveredAt > OUTAGE ? AFTER_OUTAGE : AHEAD;
    this.#coveredAt = now;
    if (this.#ticks(this.#next) > to + ahead) return;
    this.#goal = to + ahead + STEP;
    this.#work();
  }

  /** Needs nothing before `to`, seconds. @throws DOMException if the browser refuses it. */
  remove(to: number): void {
    this.#removable = to;
    this.#work();
  }

  /** Goes on with nothing. */
  close(): void {
    this.#buffer.onupdateend = null;
  }

  #ticks(packet: number): number {
    return (packet * PACKET_TICKS) / OPUS_RATE;
  }

  /** One step at a time; the next follows when it is done. */
  #work(): void {
    if (this.#buffer.updating || this.#next === undefined) return;
    if (!this.#begun) {
      this.#begun = true;
      this.#buffer.appendBuffer(initOf());
      return;
    }
    const missing = Math.ceil(((this.#goal - this.#ticks(this.#next)) * OPUS_RATE) / PACKET_TICKS);
    if (missing > 0) {
      const count = Math.min(missing, MOST_PACKETS);
      this.#buffer.appendBuffer(fragmentOf(this.#next, count));
      this.#next += count;
    } else if (this.#removable > this.#removedTo) {
      this.#removedTo = this.#removable;
      this.#buffer.remove(0, this.#removable);
    }
  }
}

/** What the track begins with. */
function initOf(): Uint8Array<ArrayBuffer> {
  const { ftyp, moov } = writeInit([{ id: TRACK, timescale: OPUS_RATE, entry: opusEntry(opusConfiguration(plainOpus(1)), 1), size: undefined }]);
  return Uint8Array.of(...ftyp, ...moov);
}

/** So many packets, from that one on. */
function fragmentOf(first: number, count: number): Uint8Array<ArrayBuffer> {
  const samples = Array.from({ length: count }, (_, i) => ({ time: (first + i) * PACKET_TICKS, duration: PACKET_TICKS, flags: SYNC_SAMPLE, compositionOffset: 0, data: PACKET }));
  return writeFragment(1, [{ trackId: TRACK, sampleDescription: undefined, version: 0, samples }]) as Uint8Array<ArrayBuffer>;
}
