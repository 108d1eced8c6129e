import fc from 'fast-check';
import type { Chunk } from '../../../../src/media/chunk';
import type { MediaLimits } from '../../../../src/media/container-parser';
import { MediaParser } from '../../../../src/media/media-parser';
import { MAX_PARAMETER_SETS } from '../../../../src/media/codecs/h264-parameter-sets';
import { joinBytes, parsePieces, type ParseResult } from '../../../support/container-parser-contract';
import { annexB, AUD, avcConfiguration, IDR, lengthPrefixed, pps, SLICE, sps } from '../../../support/h264';
import { findBoxes, u32At } from '../../../support/mp4-parse';
import * as webm from '../../../support/webm-elements';

const { CLUSTER, element, hex, KEY, simpleBlock, timestamp, toHex } = webm;

const SPS = sps({ reorder: 0 });
const PPS = pps();
const AVC = 'V_MPEG4/ISO/AVC';
const privateData = (bytes: Uint8Array): Uint8Array => element('CodecPrivate', bytes);
const IN_BAND = webm.trackEntry(1, 1, AVC);
const WITH_CONFIG = webm.trackEntry(1, 1, AVC, privateData(avcConfiguration(SPS, PPS)));
/** AAC-LC, 48 kHz, stereo. */
const AAC = webm.trackEntry(2, 2, 'A_AAC', privateData(hex('1190')));

function parse(parts: readonly Uint8Array[], limits?: MediaLimits): ParseResult {
  return parsePieces((sink, given) => new MediaParser(sink, given), [joinBytes(parts)], limits);
}

const head = (...entries: Uint8Array[]): Uint8Array[] => [webm.ebml('matroska'), webm.SEGMENT, webm.INFO, webm.tracks(...entries), CLUSTER, timestamp(0)];
const frame = (time: number, data: Uint8Array, flags = 0): Uint8Array => simpleBlock({ track: 1, time, flags, data });
const keyframe = (time: number): Uint8Array => frame(time, annexB(AUD, SPS, PPS, IDR), KEY);
const slice = (time: number): Uint8Array => frame(time, annexB(AUD, SLICE));
const dataOf = (chunk: Chunk | undefined): string => toHex(findBoxes(chunk!.bytes, 'mdat')[0]!.subarray(8));
const avcC = (init: { bytes: Uint8Array } | undefined): string => toHex(init!.bytes).split(toHex(hex('61766343')))[1] ?? '';

describe('the remux', () => {
  it('takes SPS and PPS out of keyframes into the init segment, drops delimiters, and writes lengths', () => {
    const { inits, chunks, error } = parse([...head(IN_BAND), keyframe(0), slice(40)]);
    expect(error).toBeUndefined();
    expect(inits).toHaveLength(1);
    expect(inits[0]).toMatchObject({ container: 'mp4', mime: 'video/mp4; codecs="avc1.4D001E"', tracks: [{ id: 1, timescale: 90_000, width: 160, height: 128 }] });
    expect(avcC(inits[0])).toMatch(new RegExp(`^${toHex(avcConfiguration(SPS, PPS))}`));
    expect(chunks.map(dataOf)).toEqual([toHex(lengthPrefixed([IDR])), toHex(lengthPrefixed([SLICE]))]);
  });

  it('passes on one sound track, and names the other', () => {
    const { inits, error } = parse([...head(IN_BAND, AAC, webm.trackEntry(3, 2, 'A_AC3')), keyframe(0)]);
    expect(error).toBeUndefined();
    expect(inits[0]).toMatchObject({ mime: 'video/mp4; codecs="avc1.4D001E, mp4a.40.2"', dropped: [{ id: 3, kind: 'audio', codec: 'A_AC3' }] });
  });

  it('moves the picture where sound states a CodecDelay, so that they are in step', () => {
    const late = webm.trackEntry(2, 2, 'A_AAC', privateData(hex('1190')), webm.number('CodecDelay', 20_000_000));
    const { chunks, error } = parse([...head(IN_BAND, late), keyframe(0), simpleBlock({ track: 2, time: 20, flags: KEY, data: hex('21') })]);
    expect(error).toBeUndefined();
    expect(chunks.map(({ start }) => start)).toEqual([0.02, 0.02]);
  });

  it('moves the picture where Opus states a CodecDelay, which its header then states no more', () => {
    const opus = webm.trackEntry(2, 2, 'A_OPUS', privateData(hex('4f707573486561640102380180bb0000000000')), webm.number('CodecDelay', 6_500_000));
    const { inits, chunks, error } = parse([...head(IN_BAND, opus), keyframe(0), simpleBlock({ track: 2, time: 0, flags: KEY, data: hex('fc') })]);
    expect(error).toBeUndefined();
    expect(chunks.map(({ start }) => start)).toEqual([0.0065, 0]);
    // Version and channels, no samples to skip, and the rate.
    expect(toHex(inits[0]!.bytes)).toContain(toHex(hex('644f7073000200000000bb80')));
  });

  it('leaves Opus without a CodecDelay what its header states', () => {
    const opus = webm.trackEntry(2, 2, 'A_OPUS', privateData(hex('4f707573486561640102380180bb0000000000')));
    const { inits, chunks } = parse([...head(IN_BAND, opus), keyframe(0)]);
    expect(chunks[0]?.start).toBe(0);
    expect(toHex(inits[0]!.bytes)).toContain(toHex(hex('644f7073000201380000bb80')));
  });

  it('refuses a CodecDelay that no encoder has', () => {
    const odd = webm.trackEntry(2, 2, 'A_AAC', privateData(hex('1190')), element('CodecDelay', hex('ffffffffffff')));
    expect(parse(head(IN_BAND, odd)).error?.code).toBe('malformed-media');
  });

  it('states times exactly, and a second where a duration is a guess', () => {
    const { chunks } = parse([...head(IN_BAND), keyframe(0), slice(40), slice(90)]);
    expect(chunks.map(({ joinable, start, spans }) => ({ joinable, start, ...spans[0] }))).toEqual([
      { joinable: true, start: 0, trackId: 1, time: 0, duration: 3000, estimated: true },
      { joinable: false, start: 0.04, trackId: 1, time: 3600, duration: 3600, estimated: true },
      { joinable: false, start: 0.09, trackId: 1, time: 8100, duration: 4500, estimated: true },
    ]);
    expect(chunks.map(({ bytes }) => u32At(findBoxes(bytes, 'moof/traf/trun')[0], 20))).toEqual([90_000, 90_000, 90_000]);
    expect(chunks.map(({ bytes }) => u32At(findBoxes(bytes, 'moof/traf/tfhd')[0], 16))).toEqual([3000, 3600, 4500]);
  });

  it('states a duration that a BlockGroup states', () => {
    const group = element('BlockGroup', element('Block', webm.block({ track: 1, data: annexB(SPS, PPS, IDR) })), webm.number('BlockDuration', 50));
    const { chunks } = parse([...head(IN_BAND), group]);
    expect(chunks[0]?.spans).toEqual([{ trackId: 1, time: 0, duration: 4500, estimated: false }]);
    expect(u32At(findBoxes(chunks[0]!.bytes, 'moof/traf/trun')[0], 20)).toBe(4500);
  });

  it('puts composition offsets where frames are reordered, and lets none wait', () => {
    const reordered = annexB(sps({ reorder: 1 }), PPS, IDR);
    const { chunks, error } = parse([...head(IN_BAND), frame(100, reordered, KEY), slice(180), slice(140), slice(260), slice(220)]);
    expect(error).toBeUndefined();
    expect(chunks.map(({ spans }) => spans[0]?.time)).toEqual([6000, 9000, 12_600, 16_200, 19_800]);
    const shown = chunks.map(({ bytes, spans }) => ((spans[0]?.time ?? 0) + u32At(findBoxes(bytes, 'moof/traf/trun')[0], 32)) / 90);
    expect(shown).toEqual([100, 180, 140, 260, 220]);
  });

  it('loses no frame where a new EBML header begins another timeline, in the middle of reordered frames', () => {
    const reordered = annexB(sps({ reorder: 1 }), PPS, IDR);
    const { events, error } = parse([...head(IN_BAND), frame(100, reordered, KEY), slice(180), slice(140), ...head(IN_BAND), keyframe(0), slice(40)]);
    expect(error).toBeUndefined();
    expect(events.map((event) => Object.keys(event)[0])).toEqual(['init', 'chunk', 'chunk', 'chunk', 'init', 'chunk', 'chunk']);
  });

  it('gives the init segment at once if CodecPrivate has the parameter sets, and takes lengths of any size', () => {
    expect(parse(head(WITH_CONFIG)).inits).toHaveLength(1);
    for (const size of [1, 2, 4]) {
      const entry = webm.trackEntry(1, 1, AVC, privateData(avcConfiguration(SPS, PPS, size)));
      const { chunks, error } = parse([...head(entry), frame(0, lengthPrefixed([IDR], size), KEY), frame(40, lengthPrefixed([SLICE], size))]);
      expect(error).toBeUndefined();
      expect(chunks.map(dataOf)).toEqual([toHex(lengthPrefixed([IDR])), toHex(lengthPrefixed([SLICE]))]);
    }
  });

  it('takes start codes in CodecPrivate, and in frames whatever that says', () => {
    const entry = webm.trackEntry(1, 1, AVC, privateData(annexB(SPS, PPS)));
    expect(parse([...head(entry), frame(0, annexB(IDR), KEY)]).chunks.map(dataOf)).toEqual([toHex(lengthPrefixed([IDR]))]);
    expect(parse([...head(WITH_CONFIG), frame(0, annexB(IDR), KEY)]).chunks.map(dataOf)).toEqual([toHex(lengthPrefixed([IDR]))]);
  });

  it('gives another init segment where a keyframe brings other parameter sets, and not where it repeats them', () => {
    const wider = annexB(sps({ columns: 20, reorder: 0 }), PPS, IDR);
    const { inits, events, error } = parse([...head(IN_BAND), keyframe(0), keyframe(40), frame(80, wider, KEY), slice(120)]);
    expect(error).toBeUndefined();
    expect(inits.map(({ tracks }) => tracks[0]?.width)).toEqual([160, 320]);
    expect(events.map((event) => Object.keys(event)[0])).toEqual(['init', 'chunk', 'chunk', 'init', 'chunk', 'chunk']);
  });

  it('leaves parameter sets in a frame that is no keyframe, and describes them with the next that is', () => {
    const other = pps(1);
    const { inits, chunks } = parse([...head(IN_BAND), keyframe(0), frame(40, annexB(other, SLICE)), frame(80, annexB(IDR), KEY)]);
    expect(dataOf(chunks[1])).toBe(toHex(lengthPrefixed([other, SLICE])));
    expect(inits).toHaveLength(2);
    expect(avcC(inits[1])).toContain(toHex(other));
  });

  it('hides recovery points in pictures that are no IDR, which Chromium would take for keyframes, whatever Matroska calls them', () => {
    const sei = hex('060601c480');
    const { chunks, error } = parse([...head(IN_BAND), frame(0, annexB(SPS, PPS, sei, IDR), KEY), frame(40, annexB(sei, SLICE), KEY)]);
    expect(error).toBeUndefined();
    expect(chunks.map(({ joinable }) => joinable)).toEqual([true, false]);
    expect(chunks.map(dataOf)).toEqual([toHex(lengthPrefixed([sei, IDR])), toHex(lengthPrefixed([hex('06fe01c480'), SLICE]))]);
  });

  it('leaves nothing in a keyframe of a parameter set that it brings twice, the last of which is described', () => {
    const [first, last] = [pps(0, 0, 1), pps(0, 0, 2)];
    const { inits, chunks } = parse([...head(IN_BAND), frame(0, annexB(SPS, first, last, IDR), KEY)]);
    expect(dataOf(chunks[0])).toBe(toHex(lengthPrefixed([IDR])));
    expect(avcC(inits[0])).toMatch(new RegExp(`^${toHex(avcConfiguration(SPS, last))}`));
  });

  it('says again in a frame what another has said otherwise, though it is in the description', () => {
    const other = pps(0, 0, 1);
    const { chunks } = parse([...head(IN_BAND), keyframe(0), frame(40, annexB(PPS, SLICE)), frame(80, annexB(other, SLICE)), frame(120, annexB(PPS, SLICE))]);
    expect(chunks.slice(1).map(dataOf)).toEqual([[SLICE], [other, SLICE], [PPS, SLICE]].map((units) => toHex(lengthPrefixed(units))));
  });

  it('keeps 64 KiB of parameter sets, those of frames that are no keyframes and of CodecPrivate among them', () => {
    const padded = (id: number, size: number): Uint8Array => joinBytes([pps(id), new Uint8Array(size - pps(id).length).fill(0x55)]);
    const room = MAX_PARAMETER_SETS - SPS.length - PPS.length;
    const refused = (...frames: readonly Uint8Array[]): string | undefined => parse([...head(IN_BAND), keyframe(0), ...frames]).error?.code;
    expect(refused(frame(40, annexB(padded(1, room), IDR), KEY))).toBeUndefined();
    expect(refused(frame(40, annexB(padded(1, room + 1), IDR), KEY))).toBe('init-too-large');
    expect(refused(frame(40, annexB(padded(1, room / 2), SLICE)), frame(80, annexB(padded(2, room / 2 + 1), SLICE)))).toBe('init-too-large');
    // One that takes the place of another takes its room.
    expect(refused(frame(40, annexB(padded(1, room), IDR), KEY), frame(80, annexB(padded(1, room - 1), IDR), KEY))).toBeUndefined();
    const entry = webm.trackEntry(1, 1, AVC, privateData(annexB(SPS, PPS, padded(1, room + 1))));
    expect(parse(head(entry)).error?.code).toBe('init-too-large');
  });

  it('refuses a frame with more parameter sets than a description has, new or not', () => {
    const refused = (...sets: readonly Uint8Array[]): string | undefined => parse([...head(IN_BAND), keyframe(0), frame(40, annexB(...sets, IDR), KEY)]).error?.code;
    expect(refused(...Array<Uint8Array>(286).fill(SPS))).toBeUndefined();
    expect(refused(...Array<Uint8Array>(287).fill(SPS))).toBe('malformed-media');
    const large = joinBytes([pps(1), new Uint8Array(20_000).fill(0x55)]);
    expect(refused(...Array<Uint8Array>(3).fill(large))).toBeUndefined();
    expect(refused(...Array<Uint8Array>(4).fill(large))).toBe('init-too-large');
  });

  it('makes small init segments of what one large frame has brought, however often a small one changes it', () => {
    const sets = Array.from({ length: 200 }, (_, id) => joinBytes([pps(id), new Uint8Array(4_790).fill(0x55)]));
    const changes = Array.from({ length: 100 }, (_, i) => frame(i, annexB(pps(255, 0, i), IDR), KEY));
    const { inits, error } = parse([...head(IN_BAND), keyframe(0), frame(0, annexB(...sets, IDR), KEY), ...changes]);
    expect(error?.code).toBe('init-too-large');
    expect(inits.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan(2 * MAX_PARAMETER_SETS);
  });

  it('drops what comes before the first keyframe, and what has no picture', () => {
    const opus = webm.audio(0);
    const { chunks, inits, error } = parse([...head(IN_BAND, webm.OPUS), slice(0), opus, frame(20, annexB(AUD, SPS, PPS)), keyframe(40), webm.audio(40)]);
    expect(error).toBeUndefined();
    expect(inits[0]?.mime).toBe('video/mp4; codecs="avc1.4D001E, opus"');
    expect(chunks.map(({ hasVideo, start }) => [hasVideo, start])).toEqual([[true, 0.04], [false, 0.04]]);
  });

  it('counts sound in samples, exactly where Matroska rounds, and joins nowhere but at video', () => {
    const packet = (time: number): Uint8Array => simpleBlock({ track: 2, time, flags: KEY, data: hex('21') });
    const { chunks, inits } = parse([...head(WITH_CONFIG, AAC), packet(0), packet(21), packet(43), packet(64), packet(900)]);
    expect(inits[0]).toMatchObject({ mime: 'video/mp4; codecs="avc1.4D001E, mp4a.40.2"', tracks: [{ kind: 'video' }, { kind: 'audio', channels: 2, sampleRate: 48_000 }] });
    expect(chunks.map(({ spans }) => spans[0]?.time)).toEqual([0, 1024, 2048, 3072, 43_200]);
    expect(chunks.some(({ joinable }) => joinable)).toBe(false);
  });

  it('parts the frames of a block with lacing', () => {
    const laced = simpleBlock({ track: 2, flags: KEY | 0x04, data: hex('02 f80102 f80304 f80506') });
    const { chunks } = parse([...head(WITH_CONFIG, webm.OPUS), laced]);
    expect(chunks.map(({ spans }) => spans[0]?.time)).toEqual([0, 960, 1920]);
  });

  it('keeps ticks that are finer or coarser than a millisecond', () => {
    const withScale = (scale: number): Uint8Array[] => {
      const info = element('Info', webm.number('TimestampScale', scale));
      return [webm.ebml('matroska'), webm.SEGMENT, info, webm.tracks(WITH_CONFIG), CLUSTER, timestamp(0), frame(3, lengthPrefixed([IDR]), KEY)];
    };
    const timing = (scale: number): unknown => {
      const { inits, chunks } = parse(withScale(scale));
      return [inits[0]?.tracks[0]?.timescale, chunks[0]?.spans[0]?.time];
    };
    expect(timing(100_000)).toEqual([90_000, 27]);
    expect(timing(100)).toEqual([10_000_000, 3]);
    expect(timing(1)).toEqual([90_000, 0]);
    expect(timing(1_000_000_000)).toEqual([90_000, 270_000]);
  });

  describe('refuses', () => {
    const refused = (parts: readonly Uint8Array[], limits?: MediaLimits): unknown => parse(parts, limits).error?.code;

    it.each<[string, Uint8Array[], string]>([
      ['a keyframe without parameter sets', [...head(IN_BAND), frame(0, annexB(IDR), KEY)], 'unsupported-layout'],
      ['a frame that is framed in no way', [...head(WITH_CONFIG), frame(0, hex('deadbeef'), KEY)], 'malformed-media'],
      ['a broken SPS', [...head(IN_BAND), frame(0, annexB(hex('674d'), PPS, IDR), KEY)], 'malformed-media'],
      ['a CodecPrivate that is cut off', head(webm.trackEntry(1, 1, AVC, privateData(hex('014d001e ffe1 0010 67')))), 'malformed-media'],
      ['Vorbis beside it', head(IN_BAND, webm.VORBIS), 'unsupported-codec'],
      ['AAC without its configuration', head(IN_BAND, webm.trackEntry(2, 2, 'A_AAC')), 'malformed-media'],
      ['AAC of an object type that browsers do not know', head(IN_BAND, webm.trackEntry(2, 2, 'A_AAC', privateData(hex('b990')))), 'unsupported-codec'],
      ['Opus with a broken header', head(IN_BAND, webm.trackEntry(2, 2, 'A_OPUS', privateData(hex('00')))), 'malformed-media'],
      ['two tracks of one number', head(IN_BAND, webm.trackEntry(1, 2, 'A_OPUS')), 'malformed-media'],
      ['an end before the first keyframe', [...head(IN_BAND), slice(0)], 'incomplete-media'],
    ])('%s', (_, parts, code) => {
      expect(refused(parts)).toBe(code);
    });

    it('an init segment, and a chunk, over the limit', () => {
      expect(refused([...head(IN_BAND), keyframe(0)], { maxInit: 500, maxChunk: 1000 })).toBe('init-too-large');
      const many = annexB(SPS, PPS, ...Array.from({ length: 200 }, () => Uint8Array.of(0x65)));
      expect(refused([...head(IN_BAND), frame(0, many, KEY)], { maxInit: 2000, maxChunk: 1100 })).toBe('chunk-too-large');
      expect(parse([...head(IN_BAND), keyframe(0)], { maxInit: 2000, maxChunk: 1100 }).error).toBeUndefined();
    });
  });

  it('gives chunks or a coded error for any frames, and any CodecPrivate', () => {
    const unit = fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.constantFrom(SPS, PPS, IDR, SLICE, AUD));
    const frames = fc.array(fc.record({ time: fc.integer({ min: -32_768, max: 32_767 }), units: fc.array(unit, { maxLength: 5 }), raw: fc.boolean() }), { maxLength: 8 });
    fc.assert(
      fc.property(frames, fc.option(fc.uint8Array({ maxLength: 30 }), { nil: undefined }), (all, config) => {
        const entry = config ? webm.trackEntry(1, 1, AVC, privateData(config)) : IN_BAND;
        parse([...head(entry, webm.OPUS), ...all.map(({ time, units, raw }) => frame(time, raw ? joinBytes(units) : annexB(...units)))]);
      }),
      { numRuns: 1000 },
    );
  });
});
