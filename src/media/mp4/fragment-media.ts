import type { Chunk } from '../chunk';
import { MediaBuffer } from '../media-buffer';
import { MediaError } from '../media-error';
import { Box } from './box';
import type { Mp4Init } from './init-segment';
import { hasSyncInside, readMovieFragment, type MovieFragment } from './movie-fragment';
import { withPacketDuration } from './opus-durations';
import { regroup } from './regroup';
import { lastDuration, type Timeline } from './timeline';

/** The header of an `mdat`: its bytes as they came, and where. */
export interface MdatHeader {
  readonly bytes: Uint8Array;
  /** Bytes from the beginning of the publisher's stream. */
  readonly offset: number;
  /** Of the payload; `Infinity` if it goes on to the end. */
  readonly payloadSize: number;
}

/**
 * Takes in the `mdat` of one `moof` and makes chunks of both. The payload is copied once, out of what the publisher's socket
 * read and into the array that viewers are sent; a second time only if the fragment must be written anew.
 */
export class FragmentMedia {
  readonly #fragment: MovieFragment;
  readonly #mdat: MdatHeader;
  /** `moof` and `mdat`. */
  readonly #buffer: MediaBuffer;

  constructor(fragment: MovieFragment, mdat: MdatHeader) {
    this.#fragment = fragment;
    this.#mdat = mdat;
    this.#buffer = new MediaBuffer(fragment.box.bytes.length + mdat.bytes.length + mdat.payloadSize);
    this.append(fragment.box.bytes);
    this.append(mdat.bytes);
  }

  /** Bytes of `moof` and `mdat` so far. */
  get length(): number {
    return this.#buffer.length;
  }

  append(bytes: Uint8Array): void {
    this.#buffer.append(bytes);
  }

  /** The chunks, when all is in: one as it came, or those that `regroup` writes. */
  chunks(init: Mp4Init, timeline: Timeline): Chunk[] {
    this.#checkData();
    const bytes = this.#buffer.seal();
    if (this.#mdat.payloadSize === Infinity) this.#stateSize(bytes);
    const { portable, box } = this.#fragment;
    const data = { payload: bytes.subarray(box.bytes.length + this.#mdat.bytes.length), start: this.#payloadStart };
    const fragments = this.#fragment.fragments.map((fragment) => withPacketDuration(fragment, data));
    // Data offsets count over what lies between moof and mdat, which isn't passed on.
    const adjacent = this.#mdat.offset === box.offset + box.bytes.length;
    // Without a duration of its last sample, Media Source Extensions take what follows for a gap and drop it up to the next keyframe.
    const timed = fragments.every((fragment) => lastDuration(fragment) > 0 && fragment.lastPacket === undefined);
    const unmoved = fragments.every((fragment) => timeline.place(fragment).time === fragment.time);
    if (portable && adjacent && timed && unmoved && !fragments.some(hasSyncInside)) return [timeline.describe(bytes, fragments)];
    const guessed = new Set(fragments.filter((fragment) => timeline.place(fragment).estimated).map(({ track }) => track.id));
    const parts = regroup({ ...this.#fragment, fragments }, data, timeline);
    return parts.map((part) => timeline.describe(part, readMovieFragment(Box.at(part, box.offset), init).fragments, guessed));
  }

  /** Gives an `mdat` that went on to the end its real size. */
  #stateSize(bytes: Uint8Array): void {
    const mdatStart = this.#fragment.box.bytes.length;
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(mdatStart, bytes.length - mdatStart);
  }

  /** From the beginning of `moof`, in the publisher's stream. */
  get #payloadStart(): number {
    return this.#mdat.offset + this.#mdat.bytes.length - this.#fragment.box.offset;
  }

  /** All samples must lie in the payload, and not one on the other. */
  #checkData(): void {
    const { box, fragments } = this.#fragment;
    const start = this.#payloadStart;
    const payloadSize = this.length - box.bytes.length - this.#mdat.bytes.length;
    let total = 0;
    for (const { run, dataStart } of fragments.flatMap(({ runs }) => runs)) {
      total += run.size;
      if (dataStart < start || dataStart + run.size > start + payloadSize || total > payloadSize) {
        throw new MediaError('malformed-media', 'Samples lie outside of the mdat box that follows', { offset: box.offset, path: box.path });
      }
    }
  }
}
