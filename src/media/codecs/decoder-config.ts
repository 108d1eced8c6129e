import { BitReader } from '../bit-reader';
import { ByteReader, type BytePlace } from '../byte-reader';

/** The bytes that a container keeps for a decoder: the payload of `avcC`, `esds` and the like, or a CodecPrivate. */
export class DecoderConfig {
  readonly bytes: Uint8Array;
  readonly place: BytePlace;

  /** @param place of the first of `bytes`. */
  constructor(bytes: Uint8Array, place: BytePlace) {
    this.bytes = bytes;
    this.place = place;
  }

  /** Reads numbers of whole bytes, from byte `from` on. */
  reader(from = 0): ByteReader {
    return new ByteReader(this.bytes.subarray(from), { ...this.place, offset: this.place.offset + from });
  }

  /** Reads numbers of any count of bits, from byte `from` to before byte `to`. */
  bits(from = 0, to = this.bytes.length): BitReader {
    return new BitReader(this.bytes.subarray(from, to), { ...this.place, offset: this.place.offset + from });
  }
}
