import { isDeepStrictEqual } from 'node:util';
import { MediaParser } from '../../../src/media/media-parser';
import { Work, WorkMeter } from '../../../src/media/work-meter';
import { joinBytes, type MediaEvent, parsePieces } from '../../support/container-parser-contract';
import { acceptedMedia } from '../../support/fixture-files';
import { annexB, IDR, pps, SLICE, sps } from '../../support/h264';
import * as mp4 from '../../support/mp4-boxes';
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
const H264 = [webm.ebml('matroska'), webm.SEGMENT, webm.INFO, webm.tracks(webm.trackEntry(1, 1, 'V_MPEG4/ISO/AVC')), webm.CLUSTER, webm.timestamp(0)];
/** A fragment of samples of a byte, without their time: it is written anew. */
const timeless = (samples: number): Uint8Array => mp4.fragment([{ id: mp4.VIDEO, time: undefined, samples: Array.from({ length: samples }, () => ({ data: 'x' })) }]);

describe('the work of a parser', () => {
  it.each<[string, Uint8Array, number]>([
    ['boxes', joinBytes([...MP4, many(10_000, mp4.box('free'))]), 10_000 * Work.step],
    ['fragments', joinBytes([...MP4, many(1_000, mp4.fragment([{ id: mp4.VIDEO, time: 0, samples: [{ data: 'x' }] }]))]), 1_000 * Work.chunk],
    ['samples that are written anew', joinBytes([...MP4, many(20, timeless(500))]), 20 * 500 * Work.sample],
    ['elements', joinBytes([...WEBM, many(10_000, webm.element('Void'))]), 10_000 * Work.step],
    ['blocks', joinBytes([...WEBM, many(1_000, webm.video(0))]), 1_000 * Work.chunk],
    ['frames in laces', joinBytes([...WEBM, many(20, lace)]), 20 * 256 * Work.chunk],
    ['NAL units', joinBytes([...H264, many(20, webm.simpleBlock({ track: 1, data: annexB(sps({ reorder: 0 }), pps(), IDR, ...Array<Uint8Array>(200).fill(SLICE)) }))]), 20 * 200 * Work.nalUnit],
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
