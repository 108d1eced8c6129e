interface Chunk {
  /** Where its offset is written. */
  readonly entry: number;
  readonly bytes: Buffer;
  readonly time: number;
  readonly isSound: boolean;
}

/** Lays out the media of a MOV anew as QuickTime does: in pieces of so many seconds, the sound of each before its picture. */
export function interleaveCoarsely(mov: Buffer, seconds: number): Buffer {
  const [ftyp, moov] = [boxAt(mov, ['ftyp']), boxAt(mov, ['moov'])];
  const chunks = boxesIn(mov, moov.content, moov.end).filter(({ type }) => type === 'trak').flatMap((trak) => readChunks(mov, trak));
  const piece = ({ time }: Chunk): number => Math.floor(time / seconds);
  chunks.sort((one, other) => piece(one) - piece(other) || Number(other.isSound) - Number(one.isSound) || one.time - other.time);
  const header = mov.subarray(ftyp.start, ftyp.end);
  const index = Buffer.from(mov.subarray(moov.start, moov.end));
  let at = header.length + 8;
  for (const { entry, bytes } of chunks) {
    index.writeUInt32BE(at, entry - moov.start);
    at += bytes.length;
  }
  const mdat = Buffer.alloc(8);
  mdat.writeUInt32BE(at - header.length);
  mdat.write('mdat', 4);
  return Buffer.concat([header, mdat, ...chunks.map(({ bytes }) => bytes), index]);
}

interface Box {
  readonly type: string;
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

function boxesIn(bytes: Buffer, from: number, to: number): Box[] {
  const boxes: Box[] = [];
  for (let start = from; start < to; start = boxes.at(-1)!.end) {
    const size = bytes.readUInt32BE(start);
    boxes.push({ type: bytes.toString('latin1', start + 4, start + 8), start, content: start + 8, end: start + size });
  }
  return boxes;
}

function boxAt(bytes: Buffer, path: readonly string[], from = 0, to = bytes.length): Box {
  const [type, ...rest] = path;
  const found = boxesIn(bytes, from, to).find((box) => box.type === type)!;
  return rest.length === 0 ? found : boxAt(bytes, rest, found.content, found.end);
}

/** The chunks of a track, by its sample table. */
function readChunks(bytes: Buffer, trak: Box): Chunk[] {
  const stbl = boxAt(bytes, ['mdia', 'minf', 'stbl'], trak.content, trak.end);
  const table = (type: string): number => boxAt(bytes, [type], stbl.content, stbl.end).content;
  const u32 = (at: number): number => bytes.readUInt32BE(at);
  const [stsz, stco] = [table('stsz'), table('stco')];
  const sizes = Array.from({ length: u32(stsz + 8) }, (_none, at) => (u32(stsz + 4) === 0 ? u32(stsz + 12 + 4 * at) : u32(stsz + 4)));
  const durations = rows(bytes, table('stts'), 2).flatMap(([count, duration]) => Array.from({ length: count! }, () => duration!));
  const perChunk = rows(bytes, table('stsc'), 3);
  const timescale = u32(boxAt(bytes, ['mdia', 'mdhd'], trak.content, trak.end).content + 12);
  const handler = boxAt(bytes, ['mdia', 'hdlr'], trak.content, trak.end).content;
  const isSound = bytes.toString('latin1', handler + 8, handler + 12) === 'soun';
  let [sample, ticks] = [0, 0];
  return Array.from({ length: u32(stco + 4) }, (_none, at) => {
    const entry = stco + 8 + 4 * at;
    const count = perChunk.filter(([first]) => first! <= at + 1).at(-1)![1]!;
    const size = sizes.slice(sample, sample + count).reduce((sum, one) => sum + one, 0);
    const chunk = { entry, bytes: bytes.subarray(u32(entry), u32(entry) + size), time: ticks / timescale, isSound };
    for (const duration of durations.slice(sample, sample + count)) ticks += duration;
    sample += count;
    return chunk;
  });
}

function rows(bytes: Buffer, table: number, width: number): number[][] {
  return Array.from({ length: bytes.readUInt32BE(table + 4) }, (_none, row) => Array.from({ length: width }, (_cell, at) => bytes.readUInt32BE(table + 8 + 4 * (row * width + at))));
}
