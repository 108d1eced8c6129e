import { MediaParser } from '../../../../src/media/media-parser';
import { Box } from '../../../../src/media/mp4/box';
import { FragmentMerger } from '../../../../src/media/mp4/fragment-merger';
import { joinBytes, parsePieces } from '../../../support/container-parser-contract';
import * as mp4 from '../../../support/mp4-boxes';

const INIT = joinBytes([mp4.FTYP, mp4.AV_MOOV]);

/** A frame of video, at a time in ms. */
function picture(time: number, { duration = 40, data = `p${time}`, cts = 0 } = {}): Uint8Array {
  return mp4.fragment([{ id: mp4.VIDEO, time, samples: [{ duration, data, cts, flags: time === 0 ? mp4.SYNC : mp4.NON_SYNC }] }]);
}

/** A packet of sound, at a time in hundredths of a second. */
function sound(time: number, data = `s${time}`): Uint8Array {
  return mp4.fragment([{ id: mp4.AUDIO, time, samples: [{ duration: 2, data }] }]);
}

function merge(fragments: readonly Uint8Array[], init = INIT): Uint8Array {
  return joinBytes([...new FragmentMerger(init).merge(fragments.map((bytes) => [bytes]))!.pieces]);
}

/** The tracks of each `moof`, in order. */
function tracksOf(bytes: Uint8Array): number[][] {
  const moofs: number[][] = [];
  for (let at = 0; at < bytes.length; ) {
    const box = Box.at(bytes.subarray(at), at);
    if (box.type === 'moof') moofs.push(box.children().filter(({ type }) => type === 'traf').map((traf) => traf.child('tfhd').reader().bytes(8).at(-1) ?? 0));
    at += box.bytes.length;
  }
  return moofs;
}

/** How long each span of each track lasts, ticks, by what the parser makes of it. */
function spansOf(bytes: Uint8Array): string[] {
  const { chunks } = parsePieces((sink) => new MediaParser(sink), [INIT, bytes]);
  return chunks.flatMap(({ spans }) => spans.map(({ trackId, time, duration }) => `${trackId}: ${time} + ${duration}`));
}

describe('fragments of single tracks, merged', () => {
  const FRAMES = [sound(0), picture(0), sound(2), picture(40), sound(4)];

  it('are one fragment whose tracks are in the order of the moov, whichever came first', () => {
    expect(tracksOf(merge(FRAMES))).toEqual([[mp4.VIDEO, mp4.AUDIO]]);
    const soundFirst = box('moov', mp4.mvhd(), mp4.audioTrak, mp4.videoTrak, box('mvex', mp4.trex(mp4.VIDEO), mp4.trex(mp4.AUDIO)));
    expect(tracksOf(merge(FRAMES, joinBytes([mp4.FTYP, soundFirst])))).toEqual([[mp4.AUDIO, mp4.VIDEO]]);
  });

  it('have the same samples at the same times, with the data of each track in one piece', () => {
    const merged = merge(FRAMES);
    expect(spansOf(merged)).toEqual(['1: 0 + 80', '2: 0 + 6']);
    expect(Buffer.from(merged).toString('latin1')).toMatch(/mdatp0p40s0s2s4$/);
  });

  it('share the payload, and are smaller', () => {
    const frames = [picture(0, { data: 'x'.repeat(1_000) }), sound(0), picture(40)];
    const { pieces, written } = new FragmentMerger(INIT).merge(frames.map((bytes) => [bytes]))!;
    expect(pieces[1]!.buffer).toBe(frames[0]!.buffer);
    expect(pieces.slice(1).reduce((sum, { length }) => sum + length, written)).toBeLessThan(joinBytes(frames).length);
  });

  it('are read in pieces, as repackaged WebM is', () => {
    const [one, other] = [picture(0), sound(0)].map((bytes) => [bytes.subarray(0, bytes.length - 2), bytes.subarray(bytes.length - 2)]);
    expect(joinBytes([...new FragmentMerger(INIT).merge([one!, other!])!.pieces])).toEqual(merge([picture(0), sound(0)]));
  });

  it('last until the next begins, also where they state slightly less or more', () => {
    const merged = merge([picture(0), picture(37), picture(80), sound(0)]);
    expect(tracksOf(merged)).toHaveLength(1);
    expect(spansOf(merged)).toEqual(['1: 0 + 120', '2: 0 + 2']);
    expect(trun(merged)).toEqual([37, 43, 40]);
  });

  it.each([
    ['a gap', 400],
    ['a step back', 10],
  ])('are two where a track has %s', (_what, time) => {
    const merged = merge([picture(0), sound(0), picture(40), picture(time), sound(2)]);
    expect(tracksOf(merged)).toEqual([[mp4.VIDEO, mp4.AUDIO], [mp4.VIDEO, mp4.AUDIO]]);
    expect(spansOf(merged)).toEqual(['1: 0 + 80', '2: 0 + 2', `1: ${time} + 40`, '2: 2 + 2']);
  });

  it('stay as they are where they have very many boxes, which take time to read', () => {
    const merger = new FragmentMerger(INIT);
    const boxes = new Array<Uint8Array>(4_000).fill(box('free'));
    const crowded = mp4.fragment([{ id: mp4.VIDEO, time: 0, tfhd: joinBytes([mp4.tfhd(mp4.VIDEO), ...boxes]), samples: [{ data: 'p' }] }]);
    expect(merger.merge([[crowded], [sound(0)]])).toBeDefined();
    expect(merger.merge([[crowded], [crowded], [crowded]])).toBeUndefined();
  });

  it('are two where the time to the next sample does not fit the field for it', () => {
    const merged = merge([picture(0, { duration: 2 ** 32 - 1 }), picture(2 ** 32)]);
    expect(spansOf(merged)).toEqual([`1: 0 + ${2 ** 32 - 1}`, `1: ${2 ** 32} + 40`]);
  });

  it('stay as they are where there are very many, or very many samples', () => {
    const merger = new FragmentMerger(INIT);
    expect(merger.merge(Array.from({ length: 257 }, (_, index) => [picture(index * 40)]))).toBeUndefined();
    const many = mp4.fragment([{ id: mp4.AUDIO, time: 0, samples: new Array(1_024).fill({ duration: 2, data: '' }) }]);
    expect(merger.merge([[picture(0)], [many]])).toBeUndefined();
  });
});

const { box } = mp4;

/** The durations that the first `trun` states. */
function trun(bytes: Uint8Array): number[] {
  const { reader } = Box.at(bytes, 0).child('traf').child('trun').fullBox();
  const count = reader.u32();
  reader.skip(4);
  return Array.from({ length: count }, () => {
    const duration = reader.u32();
    reader.skip(12);
    return duration;
  });
}
