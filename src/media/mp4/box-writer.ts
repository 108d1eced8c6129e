/** Writes boxes from front to back into an array of known size; sizes of open boxes are filled in when they close. */
export class BoxWriter {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** A box of `type` around what `body` writes. */
  box(type: string, body: () => void): void {
    const start = this.#position;
    this.#position += 4;
    for (let i = 0; i < 4; i++) this.#view.setUint8(this.#position++, type.charCodeAt(i));
    body();
    this.#view.setUint32(start, this.#position - start);
  }

  /** The header of a box of `size` bytes, header and all, whose content comes behind it. */
  header(type: string, size: number): void {
    this.u32(size);
    for (let i = 0; i < 4; i++) this.#view.setUint8(this.#position++, type.charCodeAt(i));
  }

  /** A box with version and flags, ISO/IEC 14496-12 §4.2.2. */
  fullBox(type: string, versionAndFlags: { version: number; flags: number }, body: () => void): void {
    this.box(type, () => {
      this.u32(versionAndFlags.version * 2 ** 24 + versionAndFlags.flags);
      body();
    });
  }

  /** Also takes negative numbers, as two's complement. */
  u32(value: number): void {
    this.#view.setUint32(this.#position, value);
    this.#position += 4;
  }

  u64(value: number): void {
    this.u32(Math.floor(value / 2 ** 32));
    this.u32(value % 2 ** 32);
  }

  bytes(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#position);
    this.#position += bytes.length;
  }
}
