import { ByteReader } from '../../../src/media/byte-reader';
import { MediaError } from '../../../src/media/media-error';
import { hex } from '../../support/mp4-boxes';

const read = (digits: string): ByteReader => new ByteReader(hex(digits), { offset: 100, path: 'moof/traf' });

describe('ByteReader', () => {
  it('reads big-endian numbers one after the other', () => {
    const reader = read('01 0203 040506 0708090a ffffffff 0000000100000002 61766331 aabb');
    expect([reader.u8(), reader.u16(), reader.u24(), reader.u32(), reader.i32(), reader.u64(), reader.fourCC()]).toEqual([
      0x01, 0x0203, 0x040506, 0x0708090a, -1, 2 ** 32 + 2, 'avc1',
    ]);
    expect([...reader.bytes(1)]).toEqual([0xaa]);
    reader.skip(1);
    expect([reader.position, reader.remaining]).toEqual([28, 0]);
  });

  it('reads inside a larger buffer', () => {
    expect(new ByteReader(hex('ffff 0001 ffff').subarray(2, 4), { offset: 0, path: '' }).u16()).toBe(1);
  });

  it.each<[string, (reader: ByteReader) => unknown]>([
    ['u8', (reader) => reader.u8()],
    ['u16', (reader) => reader.u16()],
    ['u24', (reader) => reader.u24()],
    ['u32', (reader) => reader.u32()],
    ['i32', (reader) => reader.i32()],
    ['u64', (reader) => reader.u64()],
    ['fourCC', (reader) => reader.fourCC()],
    ['bytes', (reader) => reader.bytes(2 ** 40)],
    ['skip', (reader) => reader.skip(1)],
  ])('refuses to read %s past the end, and says where that is', (_name, run) => {
    const reader = read('0000');
    reader.u16();
    expect(() => run(reader)).toThrow(MediaError);
    expect(() => run(reader)).toThrow(/at byte 102, in moof\/traf/);
  });

  it('refuses 64-bit numbers above 2^53', () => {
    expect(read('001fffffffffffff').u64()).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => read('0020000000000000').u64()).toThrow(/above 2\^53/);
  });
});
