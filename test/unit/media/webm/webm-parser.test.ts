import fc from 'fast-check';
import type { Chunk } from '../../../../src/media/chunk';
import type { MediaLimits } from '../../../../src/media/container-parser';
import { WebmParser } from '../../../../src/media/webm/webm-parser';
import { joinBytes, parsePieces, summary, type ParseResult } from '../../../support/container-parser-contract';
import { fixture, recordedBlobs, recording } from '../../../support/recording';
import * as webm from '../../../support/webm-elements';

const { CLUSTER, HEAD, KEY, audio, element, hex, simpleBlock, timestamp, toHex, video } = webm;

function parse(parts: readonly Uint8Array[], limits?: MediaLimits): ParseResult {
  return parsePieces((sink, given) => new WebmParser(sink, given), [joinBytes(parts)], limits);
}

const starts = (chunks: readonly Chunk[]): number[] => chunks.map(({ start }) => start);

describe('WebmParser', () => {
  it('writes an init segment of EBML header, endless Segment, Info and Tracks', () => {
    const { inits, error } = parse(HEAD);
    expect(error).toBeUndefined();
    expect(inits[0]).toMatchObject({
      container: 'webm',
      mime: 'video/webm; codecs="vp8, opus"',
      tracks: [
        { id: 1, kind: 'video', codec: 'vp8', timescale: 1000 },
        { id: 2, kind: 'audio', codec: 'opus', timescale: 1000, channels: 1, sampleRate: 8000 },
      ],
    });
    const header = '1a45dfa39f 42868101 42f78101 42f28104 42f38108 4282847765626d 42878104 42858102 1853806701ffffffffffffff';
    // With a date, Chromium takes it as live.
    const info = '1549a966 93 2ad7b184000f4240 4461 88 0000000000000000';
    expect(toHex(inits[0]!.bytes)).toBe((header + info).replaceAll(' ', '') + toHex(joinBytes(HEAD.slice(3))));
  });

  it('passes on one track of each kind, and names the others', () => {
    const second = webm.trackEntry(3, 2, 'A_PCM/INT/LIT');
    const larger = webm.trackEntry(4, 1, 'V_VP8', element('Video', webm.number('PixelWidth', 320), webm.number('PixelHeight', 240)));
    const { inits, chunks, error } = parse([webm.ebml(), webm.SEGMENT, webm.INFO, webm.tracks(webm.VP8, webm.OPUS, second, larger), CLUSTER, timestamp(0), video(0, KEY), simpleBlock({ track: 4, data: hex('01'), flags: KEY })]);
    expect(error).toBeUndefined();
    expect(inits[0]).toMatchObject({ mime: 'video/webm; codecs="vp8, opus"', tracks: [{ id: 2 }, { id: 4 }], dropped: [{ id: 1, kind: 'video', codec: 'V_VP8' }, { id: 3, kind: 'audio', codec: 'A_PCM/INT/LIT' }] });
    expect(chunks.map(({ spans }) => spans[0]?.trackId)).toEqual([4]);
  });

  it('prefers a track that is marked as default', () => {
    const other = webm.trackEntry(2, 2, 'A_OPUS', webm.number('FlagDefault', 0));
    const { inits } = parse([webm.ebml(), webm.SEGMENT, webm.INFO, webm.tracks(webm.VP8, other, webm.trackEntry(3, 2, 'A_OPUS')), CLUSTER, timestamp(0)]);
    expect(inits[0]?.tracks.map(({ id }) => id)).toEqual([1, 3]);
  });

  it('writes each video block as a cluster of its own that says it lasts a second', () => {
    const { chunks } = parse([...HEAD, CLUSTER, timestamp(256), video(0, KEY), video(40)]);
    expect(chunks.map(({ bytes }) => toHex(bytes))).toEqual([
      '1f43b67598 e7820100 a092 a18781 0000 00 c0ffee 9b84000003e8 ec8100'.replaceAll(' ', ''),
      '1f43b67598 e7820128 a092 a18781 0000 00 c0ffee 9b84000003e8 fb8100'.replaceAll(' ', ''),
    ]);
    expect(chunks[0]).toMatchObject({ joinable: true, hasVideo: true, start: 0.256, spans: [{ trackId: 1, time: 256, duration: 33, estimated: true }] });
    expect(chunks[1]).toMatchObject({ joinable: false, hasVideo: true, start: 0.296, spans: [{ trackId: 1, time: 296, duration: 40, estimated: true }] });
  });

  it('takes the duration of audio from the Opus packet, and joins nowhere but at video', () => {
    const { chunks } = parse([...HEAD, CLUSTER, timestamp(0), audio(0), video(5, KEY), audio(20)]);
    expect(chunks.map(({ joinable }) => joinable)).toEqual([false, true, false]);
    expect(chunks[2]).toMatchObject({ hasVideo: false, start: 0.02, end: 0.04, spans: [{ trackId: 2, time: 20, duration: 20, estimated: false }] });
    expect(toHex(chunks[2]!.bytes)).toContain('9b8400000014ec8100');
  });

  it('joins audio anywhere if there is no video', () => {
    const { chunks, inits } = parse([webm.ebml(), webm.SEGMENT, webm.INFO, webm.tracks(webm.OPUS), CLUSTER, timestamp(0), audio(0), audio(20)]);
    expect(inits[0]?.mime).toBe('audio/webm; codecs="opus"');
    expect(chunks.map(({ joinable }) => joinable)).toEqual([true, true]);
  });

  it('guesses the duration of Vorbis by its spacing, and says at least 100 ms', () => {
    const head = [webm.ebml(), webm.SEGMENT, webm.INFO, webm.tracks(webm.VORBIS)];
    const { chunks } = parse([...head, CLUSTER, timestamp(0), audio(0), audio(12)]);
    expect(chunks.map(({ spans }) => spans[0])).toEqual([
      { trackId: 2, time: 0, duration: 21, estimated: true },
      { trackId: 2, time: 12, duration: 12, estimated: true },
    ]);
    expect(chunks.every(({ bytes }) => toHex(bytes).includes('9b8400000064'))).toBe(true);
  });

  it('lets a chunk go with the last byte of its block', () => {
    const seen: Chunk[] = [];
    const parser = new WebmParser({ init: () => undefined, chunk: (chunk) => seen.push(chunk) });
    const bytes = joinBytes([...HEAD, CLUSTER, timestamp(0), video(0, KEY)]);
    parser.push(bytes.subarray(0, -1));
    expect(seen).toHaveLength(0);
    parser.push(bytes.subarray(-1));
    expect(seen).toHaveLength(1);
  });

  it('gives the init segment with the last byte of Tracks if Info came before, else when the first Cluster begins', () => {
    let inits = 0;
    const sink = { init: () => inits++, chunk: () => undefined };
    new WebmParser(sink).push(joinBytes(HEAD));
    expect(inits).toBe(1);
    const withoutInfo = new WebmParser(sink);
    withoutInfo.push(joinBytes([webm.ebml(), webm.SEGMENT, webm.tracks(webm.VP8)]));
    expect(inits).toBe(1);
    withoutInfo.push(CLUSTER);
    expect(inits).toBe(2);
    new WebmParser(sink).push(joinBytes([webm.ebml(), webm.SEGMENT, webm.tracks(webm.VP8), webm.INFO]));
    expect(inits).toBe(3);
  });

  it('takes clusters and segments of known and unknown size, one behind the other', () => {
    const known = element('Cluster', timestamp(0), video(0, KEY));
    const parts = [known, CLUSTER, timestamp(40), video(0), CLUSTER, timestamp(80), video(0), known, element('Cues', hex('00'))];
    expect(starts(parse([...HEAD, ...parts]).chunks)).toEqual([0, 0.04, 0.08, 0]);
    const segment = element('Segment', webm.INFO, webm.tracks(webm.VP8), ...parts);
    const { chunks, error } = parse([webm.ebml(), segment, element('Void', hex('00'))]);
    expect(error).toBeUndefined();
    expect(starts(chunks)).toEqual([0, 0.04, 0.08, 0]);
  });

  it('begins a new timeline at an EBML header, even in a cluster of unknown size', () => {
    const { inits, chunks, events } = parse([...HEAD, CLUSTER, timestamp(90), video(0, KEY), ...HEAD, CLUSTER, timestamp(0), video(0, KEY)]);
    expect(inits).toHaveLength(2);
    expect(starts(chunks)).toEqual([0.09, 0]);
    expect(events.map((event) => Object.keys(event)[0])).toEqual(['init', 'chunk', 'init', 'chunk']);
  });

  it('skips everything that is no media, without holding or refusing it', () => {
    const parser = new WebmParser({ init: () => undefined, chunk: () => undefined }, { maxInit: 1000, maxChunk: 1000 });
    parser.push(joinBytes([...HEAD, hex('1254c367 0100010000000000')]));
    for (let i = 0; i < 100; i++) parser.push(new Uint8Array(1 << 20));
    const odd = [element('Void', hex('0000')), element('CRC32', hex('01020304')), hex('4fff 82 0000')];
    const { chunks, error } = parse([webm.ebml(), ...odd.slice(0, 1), webm.SEGMENT, ...odd, webm.INFO, ...odd, webm.tracks(webm.VP8), CLUSTER, ...odd, timestamp(0), ...odd, video(0, KEY), ...odd]);
    expect(error).toBeUndefined();
    expect(chunks).toHaveLength(1);
  });

  it('drops subtitles and their blocks', () => {
    const subtitles = webm.trackEntry(3, 17, 'S_TEXT/UTF8');
    const { inits, chunks, error } = parse([webm.ebml('matroska'), webm.SEGMENT, webm.INFO, webm.tracks(subtitles, webm.VP8), CLUSTER, timestamp(0), simpleBlock({ track: 3, data: hex('41') }), video(0, KEY)]);
    expect(error).toBeUndefined();
    expect(inits[0]?.tracks.map(({ id }) => id)).toEqual([1]);
    expect(chunks).toHaveLength(1);
  });

  it('reads a BlockGroup, whose keyframes are those without a reference, in any order', () => {
    const block = element('Block', webm.block({ track: 1, data: hex('c0ffee') }));
    const duration = webm.number('BlockDuration', 50);
    const reference = element('ReferenceBlock', hex('d8'));
    const groups = [[block], [block, duration], [duration, block], [block, reference], [reference, block, duration]];
    const { chunks } = parse([...HEAD, CLUSTER, timestamp(0), ...groups.map((group) => element('BlockGroup', ...group))]);
    expect(chunks.map(({ joinable }) => joinable)).toEqual([true, true, true, false, false]);
    expect(chunks.map(({ spans }) => spans[0]?.estimated)).toEqual([true, false, false, true, false]);
    expect(chunks[1]?.spans[0]?.duration).toBe(50);
    expect(toHex(chunks[1]!.bytes)).toContain('9b84000003e8');
  });

  it('says more than a second of video if its BlockGroup does', () => {
    const group = element('BlockGroup', element('Block', webm.block({ track: 1, data: hex('c0') })), webm.number('BlockDuration', 5000));
    const { chunks } = parse([...HEAD, CLUSTER, timestamp(0), group]);
    expect(toHex(chunks[0]!.bytes)).toContain('9b8400001388');
    expect(chunks[0]).toMatchObject({ end: 5 });
  });

  it('uses the default duration of a track as its guess', () => {
    const entry = webm.trackEntry(1, 1, 'V_VP8', webm.SIZE, webm.number('DefaultDuration', 66_666_666));
    const { inits, chunks } = parse([webm.ebml(), webm.SEGMENT, webm.INFO, webm.tracks(entry), CLUSTER, timestamp(0), video(0, KEY), video(500)]);
    expect(inits[0]?.tracks).toMatchObject([{ width: 160, height: 120, frameRate: 15 }]);
    expect(chunks.map(({ spans }) => spans[0])).toEqual([
      { trackId: 1, time: 0, duration: 67, estimated: true },
      { trackId: 1, time: 500, duration: 67, estimated: true },
    ]);
  });

  it.each([
    ['Xiph', 0x02, '02 03 04 f80102 f8030405 f8'],
    ['EBML', 0x06, '02 83 c0 f80102 f8030405 f8'],
    ['fixed-size', 0x04, '02 f80102 f80304 f80506'],
  ])('parts the frames of a block with %s lacing, since browsers refuse it', (_, flags, data) => {
    const { chunks, error } = parse([...HEAD, CLUSTER, timestamp(100), simpleBlock({ track: 2, flags: KEY | flags, data: hex(data) })]);
    expect(error).toBeUndefined();
    expect(starts(chunks)).toEqual([0.1, 0.12, 0.14]);
    expect(toHex(chunks[0]!.bytes)).toMatch(/a18782000000f801029b84/);
    expect(toHex(chunks[1]!.bytes)).toMatch(/a18.82000000f80304(05)?9b8400000014ec8100$/);
  });

  it('scales times by TimestampScale', () => {
    const info = element('Info', webm.number('TimestampScale', 100_000));
    const { inits, chunks } = parse([webm.ebml(), webm.SEGMENT, info, webm.tracks(webm.VP8, webm.OPUS), CLUSTER, timestamp(50_000), video(0, KEY), audio(1)]);
    expect(inits[0]?.tracks[0]?.timescale).toBe(10_000);
    expect(chunks[0]).toMatchObject({ start: 5, spans: [{ time: 50_000, duration: 333 }] });
    expect(toHex(chunks[0]!.bytes)).toContain('9b8400002710');
    expect(chunks[1]).toMatchObject({ spans: [{ time: 50_001, duration: 200 }] });
  });

  it('reads block times as signed, and counts times before zero as zero', () => {
    const { chunks } = parse([...HEAD, CLUSTER, timestamp(30), video(-10, KEY), audio(-37)]);
    expect(starts(chunks)).toEqual([0.02, 0]);
  });

  it('leaves empty frames out', () => {
    const { chunks, error } = parse([...HEAD, CLUSTER, timestamp(0), simpleBlock({ track: 1, data: hex('') }), video(40, KEY)]);
    expect(error).toBeUndefined();
    expect(chunks).toHaveLength(1);
  });

  it('leaves Duration and tags out of the init segment', () => {
    const { inits } = parse([fixture('webm/vp8-seekable.webm')]);
    const bytes = toHex(inits[0]!.bytes);
    for (const absent of ['4489', '114d9b74', '1254c367', '1c53bb6b', 'ec0100']) expect(bytes).not.toContain(absent);
  });

  describe('refuses', () => {
    const refused = (parts: readonly Uint8Array[], limits?: MediaLimits): { code?: string; message?: string } => {
      const { error } = parse(parts, limits);
      return { ...(error && { code: error.code, message: error.message }) };
    };
    const only = (...entries: Uint8Array[]): Uint8Array[] => [webm.ebml(), webm.SEGMENT, webm.INFO, webm.tracks(...entries)];
    const inCluster = (...parts: Uint8Array[]): Uint8Array[] => [...HEAD, CLUSTER, timestamp(0), ...parts];

    it.each(['V_MPEGH/ISO/HEVC', 'A_AAC', 'A_PCM/INT/LIT', 'V_THEORA', 'constructor'])('the codec "%s"', (codec) => {
      expect(refused(only(webm.trackEntry(1, codec.startsWith('A') ? 2 : 1, codec)))).toMatchObject({ code: 'unsupported-codec' });
    });

    it('media without a video or audio track', () => {
      expect(refused(only())).toMatchObject({ code: 'malformed-media' });
      expect(refused(only(webm.trackEntry(1, 17, 'S_TEXT/UTF8')))).toMatchObject({ code: 'unsupported-codec' });
    });

    it('encrypted and compressed media', () => {
      const encoded = (...parts: Uint8Array[]): Uint8Array => webm.trackEntry(1, 1, 'V_VP8', element('ContentEncodings', element('ContentEncoding', ...parts)));
      expect(refused(only(encoded(element('ContentEncryption'))))).toMatchObject({ code: 'unsupported-codec' });
      expect(refused(only(encoded()))).toMatchObject({ code: 'unsupported-layout' });
      expect(refused(inCluster(element('EncryptedBlock', hex('81000000'))))).toMatchObject({ code: 'unsupported-codec' });
    });

    it('what is no EBML, and EBML that is no WebM', () => {
      expect(refused([hex('18538067 80')])).toMatchObject({ code: 'not-a-container' });
      expect(refused([webm.ebml('other')])).toMatchObject({ code: 'not-a-container' });
    });

    it('an init segment over the limit, before it is held', () => {
      const limits = { maxInit: 100, maxChunk: 100 };
      expect(refused([webm.ebml(), webm.SEGMENT, hex('1654ae6b 10100000')], limits)).toMatchObject({ code: 'init-too-large' });
    });

    it('a block over the limit, before its payload comes', () => {
      const limits = { maxInit: 1000, maxChunk: 1000 };
      const { code, message } = refused(inCluster(hex('a3 10100000 81000000')), limits);
      expect(code).toBe('chunk-too-large');
      expect(message).toContain('in Segment/Cluster/SimpleBlock');
      expect(refused(inCluster(hex('a3 10100000 83000000')), limits)).toMatchObject({ code: 'malformed-media' });
    });

    it.each([
      ['an ID of no length', hex('00')],
      ['an ID of five bytes', hex('08 00 00 00 00')],
      ['a size of no length', hex('a3 00')],
      ['a size above 2^53', hex('ec 01 fffffffffffffe')],
      ['an unknown size of what must have one', hex('a3 ff')],
      ['a block of an unknown track', simpleBlock({ track: 9, data: hex('00') })],
      ['a block of track 0', simpleBlock({ track: 0, data: hex('00') })],
      ['a block too small for its head', hex('a3 83 810000')],
      ['a block that ends inside its head', hex('a3 84 40010000')],
      ['a block with a track number of no length', hex('a3 8c 00000000 00000000 00000000')],
      ['a child larger than its parent', hex('a0 82 a1 84 81000000')],
      ['a group without a block', element('BlockGroup', webm.number('BlockDuration', 1))],
      ['a group with two blocks', element('BlockGroup', element('Block', webm.block({ track: 1, data: hex('00') })), element('Block', webm.block({ track: 1, data: hex('00') })))],
      ['a timestamp of nine bytes', hex('e7 89 000000000000000000')],
      ['a timestamp above 2^53', hex('e7 88 ffffffffffffffff')],
      ['a Cluster in a Cluster of known size', element('Cluster', element('Cluster'))],
      ['Xiph lacing without sizes', simpleBlock({ track: 2, flags: 0x02, data: hex('05 ff') })],
      ['Xiph lacing with frames that are too large', simpleBlock({ track: 2, flags: 0x02, data: hex('01 05 00') })],
      ['fixed-size lacing that does not divide', simpleBlock({ track: 2, flags: 0x04, data: hex('01 000000') })],
      ['EBML lacing with a negative size', simpleBlock({ track: 2, flags: 0x06, data: hex('02 81 80 00') })],
      ['EBML lacing with an unknown size', simpleBlock({ track: 2, flags: 0x06, data: hex('01 ff 00') })],
    ])('%s', (_, bytes) => {
      expect(refused(inCluster(bytes))).toMatchObject({ code: 'malformed-media' });
    });

    it('a cluster before the tracks, a block before its time, two tracks of one number, and no number', () => {
      expect(refused([webm.ebml(), webm.SEGMENT, CLUSTER])).toMatchObject({ code: 'malformed-media' });
      expect(refused([...HEAD, CLUSTER, video(0, KEY)])).toMatchObject({ code: 'malformed-media' });
      expect(refused([...HEAD, CLUSTER, timestamp(0), CLUSTER, video(0, KEY)])).toMatchObject({ code: 'malformed-media' });
      expect(refused(only(webm.VP8, webm.VP8))).toMatchObject({ code: 'malformed-media' });
      expect(refused(only(webm.trackEntry(0, 1, 'V_VP8')))).toMatchObject({ code: 'malformed-media' });
      expect(refused([webm.ebml(), webm.SEGMENT, element('Info', webm.number('TimestampScale', 0)), webm.tracks(webm.VP8)])).toMatchObject({ code: 'malformed-media' });
    });

    it('to finish inside a header, a block, a group or before the tracks, but not between blocks', () => {
      const group = element('BlockGroup', element('Block', webm.block({ track: 1, data: hex('c0') })), webm.number('BlockDuration', 9));
      for (const cut of [hex('a3'), video(0, KEY).subarray(0, -1), group.subarray(0, -1), group.subarray(0, -6)]) {
        expect(refused(inCluster(cut))).toMatchObject({ code: 'incomplete-media' });
      }
      expect(refused([webm.ebml()])).toMatchObject({ code: 'incomplete-media' });
      expect(refused([webm.ebml(), webm.SEGMENT, webm.INFO])).toMatchObject({ code: 'incomplete-media' });
      expect(refused(inCluster(video(0, KEY), webm.ebml()))).toMatchObject({ code: 'incomplete-media' });
      expect(refused(inCluster())).toEqual({});
      expect(refused(inCluster(video(0, KEY)))).toEqual({});
    });

    it('every call after an error with the same error, and bytes after the end', () => {
      const parser = new WebmParser({ init: () => undefined, chunk: () => undefined });
      expect(() => parser.push(hex('00'))).toThrow('Not an element');
      expect(() => parser.push(hex('1a'))).toThrow('Not an element');
      expect(() => parser.finish()).toThrow('Not an element');
      const ended = new WebmParser({ init: () => undefined, chunk: () => undefined });
      ended.push(joinBytes(HEAD));
      ended.finish();
      expect(() => ended.push(hex('1a'))).toThrow('Bytes after the end');
    });
  });

  it("gives the same for a recorder's blobs as for all its bytes at once", () => {
    for (const name of ['webm-vp8-opus-kf1s', 'x-vp8-noaudio-ts100']) {
      const blobs = parsePieces((sink) => new WebmParser(sink), recordedBlobs(name));
      expect(blobs.error).toBeUndefined();
      expect(summary(blobs.events)).toEqual(summary(parse([recording(name)]).events));
    }
  });

  it('gives the same for every cut in two of a small stream, and a coded error for any bytes in a cluster', () => {
    const whole = joinBytes([...HEAD, CLUSTER, timestamp(0), audio(0), video(5, KEY), CLUSTER, timestamp(40), video(0)]);
    const expected = summary(parse([whole]).events);
    for (let at = 0; at <= whole.length; at++) {
      const { events, error } = parsePieces((sink) => new WebmParser(sink), [whole.subarray(0, at), whole.subarray(at)]);
      expect(error).toBeUndefined();
      expect(summary(events)).toEqual(expected);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(0x02, 0x04, 0x06), (bytes, lacing) => {
        parse([...HEAD, CLUSTER, timestamp(0), simpleBlock({ track: 2, flags: lacing, data: bytes }), bytes]);
      }),
      { numRuns: 1000 },
    );
  });
});
