import { isDeepStrictEqual } from 'node:util';
import { MediaParser } from '../../../src/media/media-parser';
import { Work, WorkMeter } from '../../../src/media/work-meter';
import { joinBytes, type MediaEvent, parsePieces } from '../../support/container-parser-contract';
import { acceptedMedia } from '../../support/fixture-files';
import { annexB, avcConfiguration, IDR, lengthPrefixed, pps, SLICE, sps } from '../../support/h264';
import * as mp4 from '../../support/mp4-boxes';
import { textOf } from '../../support/mp4-parse';
import * as webm from '../../support/webm-elements';

/** What a parser gives, and how much work each of its turns was. */
interface Turns {
  readonly events: readonly MediaEvent[];
  readonly work: readonly number[];
}

/** Pushes `bytes` again and again, without what was taken, with so much work a turn. */
function inTurns(bytes: Uint8Array, perTurn: number): Turns {
  const events: MediaEvent[] = [];
  const work: number[] = [];
  const meter = new WorkMeter(perTurn);
  const parser = new MediaParser({ init: (init) => events.push({ init }), chunk: (chunk) => events.push({ chunk }) }, undefined, meter);
  for (let at = 0; at < bytes.length; ) {
    const taken = parser.push(bytes.subarray(at));
    expect(taken).toBeGreaterThan(0);
    at += taken;
    work.push(meter.spent);
    meter.nextTurn();
  }
  return { events, work };
}

const many = (count: number, part: Uint8Array): Uint8Array => joinBytes(Array<Uint8Array>(count).fill(part));
const MP4 = [mp4.FTYP, mp4.VIDEO_MOOV];
const WEBM = [...webm.HEAD, webm.CLUSTER, webm.timestamp(0)];
const ones = new Uint8Array(256).fill(0xf8);
const lace = webm.simpleBlock({ track: 2, flags: webm.KEY | 0x04, data: joinBytes([Uint8Array.of(255), ones]) });
const emptyLace = webm.simpleBlock({ track: 1, flags: webm.KEY | 0x04, data: Uint8Array.of(255) });
const MP4_INIT = joinBytes(MP4);
const WEBM_INIT = joinBytes(webm.HEAD);
const moofOf = (...runs: readonly Uint8Array[]): Uint8Array => mp4.box('moof', mp4.fullBox('mfhd', 0, 0, mp4.u32(1)), mp4.box('traf', mp4.tfhd(mp4.VIDEO), mp4.tfdt(0), ...runs));
const unwritten = mp4.fragment([{ id: mp4.VIDEO, time: 0, samples: Array.from({ length: 500 }, () => ({ data: 'x' })) }]);
const H264 = [webm.ebml('matroska'), webm.SEGMENT, webm.INFO, webm.tracks(webm.trackEntry(1, 1, 'V_MPEG4/ISO/AVC')), webm.CLUSTER, webm.timestamp(0)];
/** A fragment of samples of a byte, without their time: it is written anew. */
const timeless = (samples: number): Uint8Array => mp4.fragment([{ id: mp4.VIDEO, time: undefined, samples: Array.from({ length: samples }, () => ({ data: 'x' })) }]);
/** A fragment of one picture after so many others of the units in it. */
const pictureAfter = (count: number, unit: Uint8Array): Uint8Array =>
  mp4.fragment([{ id: mp4.VIDEO, time: 0, samples: [{ data: textOf(lengthPrefixed([...Array<Uint8Array>(count).fill(unit), SLICE])) }] }]);
/** MP4 of H.264 whose init segment has two SPS, so that a keyframe may refer to either. */
const [SET, OTHER_SET] = [sps({ reorder: 0 }), sps({ id: 1, reorder: 0 })];
const avcEntry = mp4.box('avc1', mp4.hex('000000000000 0001'), new Uint8Array(16), mp4.hex('00a00080'), new Uint8Array(50), mp4.box('avcC', avcConfiguration(SET, pps())));
const AVC = [mp4.FTYP, mp4.box('moov', mp4.mvhd(), mp4.trak({ id: mp4.VIDEO, handler: 'vide', entry: avcEntry }), mp4.box('mvex', mp4.trex(mp4.VIDEO)))];
/** A fragment of so many keyframes, each after `units`. */
const keyframes = (count: number, ...units: readonly Uint8Array[]): Uint8Array =>
  mp4.fragment([{ id: mp4.VIDEO, time: 0, samples: Array.from({ length: count }, () => ({ data: textOf(lengthPrefixed([...units, IDR])) })) }]);
const seiOf = (size: number): Uint8Array => Uint8Array.of(6, 5, ...Array<number>(15).fill(255), 175, ...new Uint8Array(size), 0x80);

describe('the work of a parser', () => {
  it.each<[string, Uint8Array, number]>([
    ['boxes', joinBytes([...MP4, many(10_000, mp4.box('free'))]), 10_000 * Work.step],
    ['fragments', joinBytes([...MP4, many(1_000, mp4.fragment([{ id: mp4.VIDEO, time: 0, samples: [{ data: 'x' }] }]))]), 1_000 * Work.chunk],
    ['samples that are written anew', joinBytes([...MP4, many(20, timeless(500))]), 20 * 500 * Work.sample],
    ['elements', joinBytes([...WEBM, many(10_000, webm.element('Void'))]), 10_000 * Work.step],
    ['blocks', joinBytes([...WEBM, many(1_000, webm.video(0))]), 1_000 * Work.chunk],
    ['frames in laces', joinBytes([...WEBM, many(20, lace)]), 20 * 256 * Work.chunk],
    ['empty frames in laces', joinBytes([...WEBM, many(100, emptyLace)]), 100 * 256 * Work.laced],
    ['elements that are read', joinBytes([...webm.HEAD, many(1_000, webm.element('Cluster', webm.timestamp(0)))]), 1_000 * 2 * Work.element],
    ['init segments of MP4, the same ones too', many(50, MP4_INIT), 50 * MP4_INIT.length * Work.initByte],
    ['init segments of WebM, the same ones too', many(50, WEBM_INIT), 50 * webm.tracks(webm.VP8, webm.OPUS).length * Work.initByte],
    ['boxes in fragments', joinBytes([...MP4, many(50, moofOf(many(100, mp4.fullBox('trun', 0, 0, mp4.u32(0)))))]), 50 * 100 * Work.fragmentBox],
    ['fragments without samples', joinBytes([...MP4, many(1_000, moofOf())]), 1_000 * Work.fragment],
    ['samples that are passed on as they came', joinBytes([...MP4, many(100, unwritten)]), (100 * 500) / Work.samplesRead],
    ['parameter sets', joinBytes([...H264, many(20, webm.simpleBlock({ track: 1, data: annexB(...Array<Uint8Array>(31).fill(sps({ reorder: 0 })), pps(), IDR) }))]), 20 * 31 * sps({ reorder: 0 }).length * Work.parameterByte],
    ['NAL units', joinBytes([...H264, many(20, webm.simpleBlock({ track: 1, data: annexB(sps({ reorder: 0 }), pps(), IDR, ...Array<Uint8Array>(200).fill(SLICE)) }))]), 20 * 200 * Work.nalUnit],
    ['NAL units before a picture', joinBytes([...MP4, many(20, pictureAfter(2_000, Uint8Array.of(9, 0x80)))]), (20 * 2_000) / Work.unitsRead],
    ['parameter sets that are known', joinBytes([...AVC, many(20, keyframes(100, ...Array<Uint8Array>(100).fill(SET)))]), (20 * 100 * 100 * SET.length) / Work.setBytesCompared],
    ['slices that may refer to several', joinBytes([...AVC, keyframes(1, OTHER_SET), many(20, keyframes(500))]), 20 * 500 * Work.sliceRead],
    ['SEI', joinBytes([...MP4, many(20, pictureAfter(20, seiOf(4_000)))]), (20 * 20 * 4_000) / Work.seiBytesRead],
  ])('is spread over turns by its %s', (_, bytes, least) => {
    const { work } = inTurns(bytes, 1_000);
    const [sum, most] = [work.reduce((total, one) => total + one, 0), Math.max(...work)];
    expect(sum).toBeGreaterThanOrEqual(least);
    // It is over with the box, element or block that passes the bound.
    expect(most).toBeLessThan(1_000 + 500 * Work.sample + 2 * Work.chunk);
    expect(work.length).toBeGreaterThan(sum / (1_000 + most));
  });

  it('makes no difference to what comes out, however little is done in a turn', () => {
    for (const { bytes } of acceptedMedia().filter((media) => media.bytes.length < 40_000)) {
      const { events } = parsePieces((sink, limits) => new MediaParser(sink, limits), [bytes]);
      expect(isDeepStrictEqual(inTurns(bytes, 1).events, events)).toBe(true);
    }
  });

  it('is over at once when it is stopped, until the next turn', () => {
    const meter = new WorkMeter(100);
    expect(meter.over).toBe(false);
    meter.stop();
    expect([meter.over, meter.spent]).toEqual([true, 0]);
    meter.nextTurn();
    meter.spend(99);
    expect([meter.over, meter.spent]).toEqual([false, 99]);
    meter.spend(1);
    expect([meter.over, meter.spent]).toEqual([true, 100]);
  });
});
