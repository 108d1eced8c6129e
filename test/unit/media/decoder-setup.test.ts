import type { InitSegment } from '../../../src/media/chunk';
import { haveSameSetup } from '../../../src/media/decoder-setup';
import { MediaParser } from '../../../src/media/media-parser';
import { parsePieces } from '../../support/container-parser-contract';
import { AVC_ENTRY, box, FTYP, mvhd, OPUS_ENTRY, trak, type TrakOptions, trex } from '../../support/mp4-boxes';
import { ebml, element, hex, INFO, number, OPUS, SEGMENT, SIZE, trackEntry, tracks, VP8 } from '../../support/webm-elements';

function init(...parts: readonly Uint8Array[]): InitSegment {
  return parsePieces((sink) => new MediaParser(sink), parts).inits[0]!;
}

function mp4(video: Partial<TrakOptions> = {}, defaults = {}, head = mvhd()): InitSegment {
  const traks = [trak({ id: 1, handler: 'vide', entry: AVC_ENTRY, ...video }), trak({ id: 2, handler: 'soun', entry: OPUS_ENTRY })];
  return init(FTYP, box('moov', head, ...traks, box('mvex', trex(video.id ?? 1, defaults), trex(2))));
}

function webm(video: Uint8Array, info = INFO): InitSegment {
  return init(ebml(), SEGMENT, info, tracks(video, OPUS), hex('1f43b675 01ffffffffffffff'));
}

/** The same profile and level with another SPS. */
function otherSps(): Uint8Array {
  const entry = AVC_ENTRY.slice();
  entry[entry.length - 1] = 1;
  return entry;
}

describe('a player that has one init segment', () => {
  const given = mp4();

  it('needs no other for media after the same, whatever is said of its making', () => {
    expect(haveSameSetup(given, mp4())).toBe(true);
    const later = mvhd();
    later.set(hex('00000001 00000002'), 12);
    expect(haveSameSetup(given, mp4({}, {}, later))).toBe(true);
  });

  it.each([
    ['decoder configuration', mp4({ entry: otherSps() })],
    ['timescale', mp4({ timescale: 90_000 })],
    ['track number', mp4({ id: 3 })],
    ['default of its samples', mp4({}, { duration: 40 })],
    ['codec or container', webm(VP8)],
  ])('needs another for one with another %s', (_what, other) => {
    expect(haveSameSetup(given, other)).toBe(false);
  });

  it('of WebM needs another only for one whose tracks or timescale differ', () => {
    const named = trackEntry(1, 1, 'V_VP8', SIZE, number('TrackUID', 77), element('TrackName', hex('4142')), element('Language', hex('656e67')));
    expect(haveSameSetup(webm(VP8), webm(named))).toBe(true);
    expect(haveSameSetup(webm(VP8), webm(VP8, element('Info', number('TimestampScale', 1_000_000), element('WritingApp', hex('41')))))).toBe(true);
    expect(haveSameSetup(webm(VP8), webm(VP8, element('Info', number('TimestampScale', 100_000))))).toBe(false);
    expect(haveSameSetup(webm(VP8), webm(trackEntry(1, 1, 'V_VP8', element('Video', number('PixelWidth', 320), number('PixelHeight', 120)))))).toBe(false);
  });
});
