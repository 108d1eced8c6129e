import type { InitSegment } from '../../../src/media/chunk';
import { MediaParser } from '../../../src/media/media-parser';
import { SHARED_FROM } from '../../../src/media/patched-media';
import { MediaTimes, TimeShift } from '../../../src/media/time-shift';
import { joinBytes, parsePieces, type ParseResult } from '../../support/container-parser-contract';
import { joined, movedBy } from '../../support/moved-media';
import { AUDIO, AV_MOOV, box, fragment, FTYP, fullBox, NON_SYNC, tfhd, tfdt, u32, VIDEO } from '../../support/mp4-boxes';
import { findBoxes, textOf } from '../../support/mp4-parse';
import { audio, CLUSTER, HEAD, KEY, simpleBlock, timestamp, toHex, video } from '../../support/webm-elements';

function parse(...parts: readonly Uint8Array[]): ParseResult {
  const result = parsePieces((sink) => new MediaParser(sink), parts);
  if (result.error !== undefined) throw result.error;
  return result;
}

function initOf({ inits }: ParseResult): InitSegment {
  return inits[0]!;
}

/** A `moof` of a picture and a sound whose times have 32 bits, with its `mdat`. */
function narrowFragment(times: { video: number; audio: number }): Uint8Array {
  const run = (data: string, offset: number): Uint8Array => fullBox('trun', 0, 0x301, u32(1), u32(offset), u32(10), u32(data.length));
  const build = (offset: number): Uint8Array =>
    box(
      'moof',
      fullBox('mfhd', 0, 0, u32(1)),
      box('traf', tfhd(VIDEO), tfdt(times.video, 0), run('picture', offset)),
      box('traf', tfhd(AUDIO), run('sound', offset + 7), tfdt(times.audio, 0)),
    );
  return joinBytes([build(build(0).length + 8), box('mdat', new TextEncoder().encode('picturesound'))]);
}

/** The data of the one sample of each track, as its `trun` says where it is. */
function dataOf(chunk: Uint8Array): string[] {
  return findBoxes(chunk, 'moof/traf/trun').map((trun) => {
    const view = new DataView(trun.buffer, trun.byteOffset);
    const at = view.getInt32(16);
    return textOf(chunk.subarray(at, at + view.getUint32(24)));
  });
}

function spansOf({ chunks }: ParseResult): (readonly [number, number])[] {
  return chunks.flatMap(({ spans }) => spans.map(({ trackId, time }) => [trackId, time] as const));
}

describe('media whose times are moved', () => {
  it('keeps its length where the new times have room, and everything but the times', () => {
    const fragments = fragment([
      { id: VIDEO, time: 5000, samples: [{ data: 'key' }, { data: 'next', flags: NON_SYNC, cts: 20 }] },
      { id: AUDIO, time: 490, samples: [{ data: 'sound' }] },
    ]);
    const result = parse(FTYP, AV_MOOV, fragments);
    const moved = movedBy(initOf(result), fragments, -4.9);
    expect(moved.length).toBe(fragments.length);
    expect(spansOf(parse(FTYP, AV_MOOV, moved))).toEqual([[VIDEO, 100], [AUDIO, 0]]);
    expect([...moved].filter((byte, at) => byte !== fragments[at]).length).toBeLessThanOrEqual(4);
  });

  it('gets 64 bits for a time that has outgrown 32, and its data is still found', () => {
    const narrow = narrowFragment({ video: 4_294_967_000, audio: 5 });
    const result = parse(FTYP, AV_MOOV, narrow);
    const moved = movedBy(initOf(result), narrow, 1);
    expect(moved.length).toBe(narrow.length + 4);
    expect(spansOf(parse(FTYP, AV_MOOV, moved))).toEqual([[VIDEO, 4_294_968_000], [AUDIO, 105]]);
    expect(dataOf(moved)).toEqual(['picture', 'sound']);
    const wider = movedBy(initOf(result), narrow, 1e8);
    expect(wider.length).toBe(narrow.length + 8);
    expect(spansOf(parse(FTYP, AV_MOOV, wider))).toEqual([[VIDEO, 4_294_967_000 + 1e11], [AUDIO, 5 + 1e10]]);
    expect(dataOf(wider)).toEqual(['picture', 'sound']);
    expect(spansOf(parse(FTYP, AV_MOOV, movedBy(initOf(result), wider, -1e8)))).toEqual([[VIDEO, 4_294_967_000], [AUDIO, 5]]);
  });

  it('keeps the size of its sizes where a box has 64 bits for it', () => {
    const narrow = narrowFragment({ video: 4_294_967_000, audio: 5 });
    const [moof] = findBoxes(narrow, 'moof');
    const large = joinBytes([u32(1), new TextEncoder().encode('moof'), u32(0), u32(moof!.length + 8), moof!.subarray(8)]);
    const view = new DataView(large.buffer);
    // Data offsets count over the longer header.
    for (let at = 0; at < large.length - 4; at++) if (textOf(large.subarray(at, at + 4)) === 'trun') view.setInt32(at + 12, view.getInt32(at + 12) + 8);
    const chunk = joinBytes([large, narrow.subarray(moof!.length)]);
    const moved = movedBy(initOf(parse(FTYP, AV_MOOV, chunk)), chunk, 1);
    expect(spansOf(parse(FTYP, AV_MOOV, moved))).toEqual([[VIDEO, 4_294_968_000], [AUDIO, 105]]);
  });

  it('of WebM keeps its length where the new times need no more bytes, and grows where they do', () => {
    const result = parse(...HEAD, CLUSTER, timestamp(200), video(0, KEY), audio(10));
    const [picture, sound] = result.chunks.map(({ bytes }) => bytes);
    const move = (bytes: Uint8Array, seconds: number): Uint8Array => movedBy(initOf(result), bytes, seconds);
    expect(move(picture!, -0.2).length).toBe(picture!.length);
    expect(spansOf(parse(...HEAD, move(picture!, -0.2), move(sound!, -0.2)))).toEqual([[1, 0], [2, 10]]);
    for (const [seconds, bytes] of [[0.05, 0], [0.1, 1], [100, 2], [1e5, 3], [9e10, 5]] as const) {
      const moved = move(picture!, seconds);
      expect([seconds, moved.length - picture!.length]).toEqual([seconds, bytes]);
      expect(spansOf(parse(...HEAD, moved))).toEqual([[1, 200 + seconds * 1000]]);
      expect(spansOf(parse(...HEAD, move(moved, -seconds)))).toEqual([[1, 200]]);
    }
  });

  it('of a WebM frame that outgrows the size of its Cluster’s size is whole', () => {
    for (let size = 95; size < 130; size++) {
      const result = parse(...HEAD, CLUSTER, timestamp(200), simpleBlock({ track: 1, flags: KEY, data: new Uint8Array(size).fill(7) }));
      const moved = movedBy(initOf(result), result.chunks[0]!.bytes, 1e6);
      const again = parse(...HEAD, moved);
      expect(spansOf(again)).toEqual([[1, 200 + 1e9]]);
      expect(toHex(again.chunks[0]!.bytes.subarray(-size))).toBe(toHex(result.chunks[0]!.bytes.subarray(-size)));
    }
  });

  it('is moved in each chunk of a message that is joined of several', () => {
    const parts = [0, 1, 2].map((at) => fragment([{ id: VIDEO, time: at * 100, samples: [{ data: `frame ${at}`, duration: 100 }] }]));
    const result = parse(FTYP, AV_MOOV, ...parts);
    expect(spansOf(parse(FTYP, AV_MOOV, movedBy(initOf(result), joinBytes(parts), 3)))).toEqual([[VIDEO, 3000], [VIDEO, 3100], [VIDEO, 3200]]);
    const clusters = parse(...HEAD, CLUSTER, timestamp(0), video(0, KEY), audio(0), video(40)).chunks.map(({ bytes }) => bytes);
    expect(spansOf(parse(...HEAD, movedBy(initOf(parse(...HEAD, ...clusters)), joinBytes(clusters), 300)))).toEqual([[1, 300_000], [2, 300_000], [1, 300_040]]);
  });

  it('has no time before the earliest, and none above 2^53 - 1', () => {
    const fragments = fragment([
      { id: VIDEO, time: 50, samples: [{ data: 'key' }] },
      { id: AUDIO, time: 3, samples: [{ data: 'sound' }] },
    ]);
    const moved = (ticks: number, earliest = 0): (readonly [number, number])[] => {
      const shift = new TimeShift(new MediaTimes('mp4'), new Map([VIDEO, AUDIO].map((id) => [id, { ticks, earliest }])));
      return spansOf(parse(FTYP, AV_MOOV, joined(shift.move(fragments))));
    };
    expect(moved(-10)).toEqual([[VIDEO, 40], [AUDIO, 0]]);
    expect(moved(1, 20)).toEqual([[VIDEO, 51], [AUDIO, 20]]);
    const far = joined(new TimeShift(new MediaTimes('mp4'), new Map([[VIDEO, { ticks: 1e300, earliest: 0 }]])).move(fragments));
    expect(Number(new DataView(far.buffer).getBigUint64(findBoxes(far, 'moof/traf/tfdt')[0]!.byteOffset + 12))).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('shares its payload with the original, and is the same pieces for all who move it alike', () => {
    const large = fragment([{ id: VIDEO, time: 5000, samples: [{ data: 'x'.repeat(100_000) }] }]);
    const shift = new TimeShift(new MediaTimes('mp4'), new Map([[VIDEO, { ticks: 7, earliest: 0 }]]));
    const pieces = shift.move(large);
    expect(pieces.map(({ length }) => length >= 100_000)).toEqual([false, true]);
    expect(pieces[1]?.buffer).toBe(large.buffer);
    expect(pieces[0].buffer).not.toBe(large.buffer);
    expect(shift.move(large)).toBe(pieces);
  });

  it('is read once for all who move it, each by another time', () => {
    const times = new MediaTimes('mp4');
    const [one, other] = [0, 100].map((time) => fragment([{ id: VIDEO, time, samples: [{ data: 'key' }] }]));
    const movedTo = (bytes: Uint8Array): number[] => [7, 9].map((ticks) => spansOf(parse(FTYP, AV_MOOV, joined(new TimeShift(times, new Map([[VIDEO, { ticks, earliest: 0 }]])).move(bytes))))[0]![1]);
    const read = times.in(one!);
    expect(movedTo(one!)).toEqual([7, 9]);
    expect(times.in(one!)).toBe(read);
    expect(movedTo(other!)).toEqual([107, 109]);
    expect(times.in(one!)).not.toBe(read);
  });

  it('copies no more than what lies around the times, however large a moof is', () => {
    const padding = box('free', new Uint8Array(1 << 20));
    const [moof, mdat] = ['moof', 'mdat'].map((type) => findBoxes(fragment([{ id: VIDEO, time: 50, samples: [{ data: 'key' }] }]), type)[0]!);
    const padded = joinBytes([box('moof', padding, moof!.subarray(8), padding), mdat!]);
    const pieces = new TimeShift(new MediaTimes('mp4'), new Map([[VIDEO, { ticks: 7, earliest: 0 }]])).move(padded);
    const own = pieces.filter(({ buffer }) => buffer !== padded.buffer).reduce((size, { length }) => size + length, 0);
    expect(own).toBeLessThan(2 * SHARED_FROM);
    expect(joined(pieces).length).toBe(padded.length);
  });
});
