import { type Chunk, HEAD_ROOM } from '../../../../src/media/chunk';
import { DEFAULT_MEDIA_LIMITS, MAX_TRACKS, type MediaLimits } from '../../../../src/media/container-parser';
import { MAX_TIME } from '../../../../src/media/webm/block-assembler';
import { clusterLayout, MAX_DURATION } from '../../../../src/media/webm/cluster-writer';
import { Element, MAX_CHILD_ELEMENTS } from '../../../../src/media/webm/element';
import { MAX_SECONDS } from '../../../../src/protocol/time-bounds';
import { WebmParser } from '../../../../src/media/webm/webm-parser';
import { joinBytes, parsePieces, type ParseResult } from '../../../support/container-parser-contract';
import * as webm from '../../../support/webm-elements';

const { CLUSTER, HEAD, KEY, SEGMENT, ebml, element, hex, number, simpleBlock, timestamp, tracks, video } = webm;

function parse(parts: readonly Uint8Array[], limits?: MediaLimits): ParseResult {
  return parsePieces((sink, given) => new WebmParser(sink, given), [joinBytes(parts)], limits);
}

/** What the parser says of `parts`: its error's code and path. */
function refusal(...parts: readonly Uint8Array[]): [string, string] | undefined {
  const { error } = parse(parts);
  return error && [error.code, error.path];
}

const inCluster = (...parts: readonly Uint8Array[]): [string, string] | undefined => refusal(...HEAD, CLUSTER, timestamp(0), ...parts);
const times = ({ chunks }: ParseResult): (number | undefined)[] => chunks.map(({ spans }) => spans[0]?.time);
/** A number of 8 bytes. */
const wide = (name: 'Timestamp' | 'BlockDuration', value: number): Uint8Array => element(name, hex(value.toString(16).padStart(16, '0')));
/** Header with a size of 8 bytes. */
const sized = (id: string, size: string): Uint8Array => hex(`${id} 01${size}`);

describe('WebmParser bounds', () => {
  it('an init segment at 1 MiB', () => {
    const entries = tracks(webm.VP8);
    const padded = (size: number): Uint8Array[] => [ebml(), SEGMENT, element('Info', number('TimestampScale', 1_000_000), element('Void', new Uint8Array(size))), entries];
    const withVoid = (size: number): [string, string] | undefined => refusal(...padded(size));
    // Behind the headers of EBML (5 bytes), Info and Tracks.
    const fill = DEFAULT_MEDIA_LIMITS.maxInit - (ebml().length - 5) - webm.VP8.length - 8 - 5 + 1;
    expect(withVoid(fill - 1)).toBeUndefined();
    expect(withVoid(fill)).toBeUndefined();
    expect(withVoid(fill + 1)).toEqual(['init-too-large', 'Segment/Tracks']);
  });

  it('a chunk at 16 MiB', () => {
    const limit = DEFAULT_MEDIA_LIMITS.maxChunk;
    const room = limit - (clusterLayout({ track: 1, time: 0, flags: 0, payloadSize: limit - 100 }).size - (limit - 100));
    const sizes = [room - 1, room].map((payload) => parse([...HEAD, CLUSTER, timestamp(0), quick(payload)]).chunks[0]?.bytes.length);
    expect(sizes).toEqual([limit - 1, limit]);
    expect(inCluster(quick(room + 1))).toEqual(['chunk-too-large', 'Segment/Cluster/SimpleBlock']);
  });

  it('its tracks at 16, those that are dropped among them', () => {
    const entries = (count: number): Uint8Array[] =>
      Array.from({ length: count }, (_, i) => (i % 2 === 0 ? webm.trackEntry(i + 1, 1, 'V_VP8', webm.SIZE) : webm.trackEntry(i + 1, 17, 'S_TEXT/UTF8')));
    const refused = (count: number): [string, string] | undefined => refusal(ebml(), SEGMENT, webm.INFO, tracks(...entries(count)));
    expect(refused(MAX_TRACKS - 1)).toBeUndefined();
    expect(refused(MAX_TRACKS)).toBeUndefined();
    expect(refused(MAX_TRACKS + 1)).toEqual(['unsupported-layout', 'Segment/Tracks']);
  });

  it('elements side by side in one that is held', () => {
    const info = (count: number): Uint8Array => element('Info', ...Array<Uint8Array>(count).fill(element('Void')));
    const refused = (count: number): [string, string] | undefined => refusal(ebml(), SEGMENT, info(count), tracks(webm.VP8));
    expect(refused(MAX_CHILD_ELEMENTS)).toBeUndefined();
    expect(refused(MAX_CHILD_ELEMENTS + 1)).toEqual(['malformed-media', 'Segment/Info']);
  });

  it('reads the elements in an element once, however often it is asked for them', () => {
    const info = new Element(0, number('TimestampScale', 1), { offset: 0, path: 'Info' });
    expect(info.children()).toBe(info.children());
  });

  it('takes sizes of 1 to 8 bytes, and none of 9', () => {
    for (let length = 1; length <= 8; length++) {
      const size = Uint8Array.from({ length }, (_, i) => (i === 0 ? 0x80 >> (length - 1) : 0) | (i === length - 1 ? 7 : 0));
      const { chunks, error } = parse([...HEAD, CLUSTER, timestamp(0), hex('a3'), size, hex('81 0000 80 c0ffee')]);
      expect(error).toBeUndefined();
      expect(chunks).toHaveLength(1);
    }
    expect(inCluster(hex('a3 00'))).toEqual(['malformed-media', 'Segment/Cluster']);
  });

  it.each([
    ['at the end of 2^53 - 1', sized('ec', '1fffffffffff00'), undefined],
    ['of 2^53 - 1, which ends beyond it', sized('ec', '1fffffffffffff'), 'malformed-media'],
    ['of 2^53', sized('ec', '20000000000000'), 'malformed-media'],
    ['of 2^56 - 2', sized('ec', 'fffffffffffffe'), 'malformed-media'],
    ['of a block of 2^53 - 256', sized('a3', '1fffffffffff00'), undefined],
  ])('a size %s', (_, bytes, code) => {
    // What is skipped, or has only begun, is no error yet.
    expect(inCluster(bytes)?.[0]).toBe(code ?? (bytes[0] === 0xa3 ? 'incomplete-media' : undefined));
  });

  it.each([
    ['Void', [element('Void'), video(0, KEY)], undefined],
    ['Timestamp, which is 0 then', [element('Timestamp'), video(0, KEY)], undefined],
    ['Cluster, which has no block', [element('Cluster')], undefined],
    ['SimpleBlock', [element('SimpleBlock')], 'malformed-media'],
    ['BlockGroup', [element('BlockGroup')], 'malformed-media'],
    ['Block', [element('BlockGroup', element('Block'))], 'malformed-media'],
    ['EncryptedBlock', [element('EncryptedBlock')], 'unsupported-codec'],
  ])('a size of 0 of a %s', (_, parts, code) => {
    expect(inCluster(...parts)?.[0]).toBe(code);
  });

  it('a size of 0 of what the head is made of', () => {
    expect(refusal(element('EBML'))?.[0]).toBe('not-a-container');
    expect(refusal(ebml(), element('Segment'))?.[0]).toBe('incomplete-media');
    expect(refusal(ebml(), SEGMENT, element('Info'), element('Tracks'))).toEqual(['malformed-media', 'Segment/Tracks']);
    expect(refusal(ebml(), SEGMENT, webm.INFO, tracks(element('TrackEntry')))).toEqual(['malformed-media', 'Segment/Tracks/TrackEntry']);
  });

  it('lets a Cluster of unknown size end with the Segment of known size around it', () => {
    const first = element('Segment', webm.INFO, tracks(webm.VP8), CLUSTER, timestamp(5), video(0, KEY));
    const result = parse([ebml(), first, element('Void'), ...HEAD, CLUSTER, timestamp(7), video(0, KEY)]);
    expect(result.error).toBeUndefined();
    expect(result.inits).toHaveLength(2);
    expect(times(result)).toEqual([5, 7]);
    const reaching = joinBytes([first.subarray(0, -1), video(0).subarray(0, 1)]);
    expect(refusal(ebml(), reaching, video(0))).toBeDefined();
  });

  it('a lace of 256 frames', () => {
    const frames = (count: number, flags: number, sizes: Uint8Array, data: Uint8Array): ParseResult =>
      parse([...HEAD, CLUSTER, timestamp(0), simpleBlock({ track: 2, flags: KEY | flags, data: joinBytes([Uint8Array.of(count - 1), sizes, data]) })]);
    const ones = new Uint8Array(256).fill(0xf8);
    expect(frames(256, 0x02, new Uint8Array(255).fill(1), ones).chunks).toHaveLength(256);
    expect(frames(256, 0x04, new Uint8Array(0), ones).chunks).toHaveLength(256);
    expect(frames(256, 0x06, joinBytes([hex('81'), new Uint8Array(254).fill(0xbf)]), ones).chunks).toHaveLength(256);
    expect(frames(1, 0x02, new Uint8Array(0), ones).chunks).toHaveLength(1);
    expect(frames(256, 0x02, new Uint8Array(255).fill(1), ones.subarray(2)).error).toMatchObject({ code: 'malformed-media', path: 'Segment/Cluster/SimpleBlock' });
    expect(frames(256, 0x02, new Uint8Array(254).fill(1), new Uint8Array(0)).error?.code).toBe('malformed-media');
  });

  it.each([
    ['at 2^52 ticks of a microsecond', 1_000, MAX_TIME],
    ['at 10^11 s, in ticks of a millisecond', 1_000_000, MAX_SECONDS * 1_000],
  ])('a time %s', (_where, scale, latest) => {
    const head = [ebml(), SEGMENT, element('Info', number('TimestampScale', scale)), tracks(webm.VP8), CLUSTER];
    expect(times(parse([...head, wide('Timestamp', latest - 1), video(0, KEY)]))).toEqual([latest - 1]);
    expect(times(parse([...head, wide('Timestamp', latest), video(0, KEY)]))).toEqual([latest]);
    expect(refusal(...head, wide('Timestamp', latest), video(1, KEY))).toEqual(['malformed-media', 'Segment/Cluster/SimpleBlock']);
    expect(times(parse([...head, wide('Timestamp', latest + 1), video(-1, KEY)]))).toEqual([latest]);
  });

  it('the times of a lace, whose frames follow one another', () => {
    const second = 1_000_000_000;
    const lace = element('BlockGroup', element('Block', webm.block({ track: 1, flags: 0x04, data: hex('02 c0 ff ee') })), wide('BlockDuration', MAX_DURATION));
    const refused = (from: number): [string, string] | undefined => refusal(ebml(), SEGMENT, element('Info', number('TimestampScale', second)), tracks(webm.VP8), CLUSTER, wide('Timestamp', from), lace);
    expect(refused(MAX_SECONDS - 2 * MAX_DURATION)).toBeUndefined();
    expect(refused(MAX_SECONDS - 2 * MAX_DURATION + 1)).toEqual(['malformed-media', 'Segment/Cluster/BlockGroup/Block']);
  });

  it('relative times of 16 bits with a sign, and none before zero', () => {
    const result = parse([...HEAD, CLUSTER, timestamp(40_000), video(0x7fff, KEY), video(-0x8000), timestamp(10), video(-10), video(-11)]);
    expect(times(result)).toEqual([72_767, 7_232, 0, 0]);
  });

  it('a duration at 2^32 - 1 ticks', () => {
    const group = (duration: number): Uint8Array => element('BlockGroup', element('Block', webm.block({ track: 1, data: hex('c0') })), wide('BlockDuration', duration));
    const duration = (stated: number): unknown => parse([...HEAD, CLUSTER, timestamp(0), group(stated)]).chunks[0]?.spans[0];
    expect(duration(MAX_DURATION - 1)).toMatchObject({ duration: MAX_DURATION - 1, estimated: false });
    expect(duration(MAX_DURATION)).toMatchObject({ duration: MAX_DURATION, estimated: false });
    expect(duration(MAX_DURATION + 1)).toMatchObject({ duration: MAX_DURATION });
    expect(duration(0)).toMatchObject({ duration: 33, estimated: true });
    expect(inCluster(element('BlockGroup', hex('9b 88 0020000000000000')))).toEqual(['malformed-media', 'Segment/Cluster/BlockGroup/BlockDuration']);
  });

  it('takes the duration of audio from its BlockGroup where packets do not tell', () => {
    const head = [ebml(), SEGMENT, webm.INFO, tracks(webm.VORBIS)];
    const group = (duration: number): Uint8Array => element('BlockGroup', element('Block', webm.block({ track: 2, data: hex('01') })), number('BlockDuration', duration));
    const { chunks } = parse([...head, CLUSTER, timestamp(0), group(23)]);
    expect(chunks[0]?.spans).toEqual([{ trackId: 2, time: 0, duration: 23, estimated: false }]);
    expect(webm.toHex(chunks[0]!.bytes)).toContain('9b8400000017');
  });

  it('guesses that audio lasts a second at most, whatever the gap', () => {
    const head = [ebml(), SEGMENT, webm.INFO, tracks(webm.VORBIS)];
    const { chunks } = parse([...head, CLUSTER, timestamp(0), webm.audio(0), timestamp(3_600_000), webm.audio(0)]);
    expect(chunks[1]?.spans[0]).toMatchObject({ duration: 1000, estimated: true });
  });

  it.each([
    ['0', 0, 'malformed-media'],
    ['1', 1, undefined],
    ['a second', 1e9, undefined],
    ['more than a second', 1e9 + 1, 'malformed-media'],
  ])('a tick of %s', (_, scale, code) => {
    expect(refusal(ebml(), SEGMENT, element('Info', number('TimestampScale', scale)), tracks(webm.VP8))?.[0]).toBe(code);
  });

  it('refuses video without width or height, and sound without channels or a rate', () => {
    const sized = (width: number, height: number): Uint8Array => webm.trackEntry(1, 1, 'V_VP8', element('Video', number('PixelWidth', width), number('PixelHeight', height)));
    const sound = (channels: number, rate: string): Uint8Array => webm.trackEntry(1, 2, 'A_OPUS', element('Audio', number('Channels', channels), element('SamplingFrequency', hex(rate))));
    const only = (entry: Uint8Array): string | undefined => refusal(ebml(), SEGMENT, webm.INFO, tracks(entry))?.[0];
    expect([only(sized(1, 1)), only(sized(0, 1)), only(sized(1, 0))]).toEqual([undefined, 'malformed-media', 'malformed-media']);
    expect([only(sound(1, '473b8000')), only(sound(0, '473b8000'))]).toEqual([undefined, 'malformed-media']);
    // 0, -1, not a number, and infinity.
    for (const rate of ['00000000', 'bf800000', '7fc00000', '7f800000']) expect(only(sound(1, rate))).toBe('malformed-media');
  });
});

/** A SimpleBlock of track 1, without a second copy of its payload. */
function quick(payload: number): Uint8Array {
  const bytes = new Uint8Array(9 + payload);
  bytes.set(hex('a3'));
  new DataView(bytes.buffer).setUint32(1, 0x10000000 + 4 + payload);
  bytes.set(hex('81 0000 80'), 5);
  return bytes;
}

describe('the path of a byte through WebmParser', () => {
  it('is one copy, into the array that is passed on behind its head room', () => {
    const seen: Chunk[] = [];
    const parser = new WebmParser({ init: () => undefined, chunk: (chunk) => seen.push(chunk) });
    parser.push(joinBytes([...HEAD, CLUSTER, timestamp(0)]));
    const input = video(0, KEY);
    parser.push(input.subarray(0, -2));
    input.fill(0, 0, -2); // What was taken is the parser's own.
    parser.push(input.subarray(-2));
    input.fill(0);
    const { bytes } = seen[0]!;
    expect(webm.toHex(bytes)).toMatch(/c0ffee9b84000003e8ec8100$/);
    expect(bytes.byteOffset).toBe(HEAD_ROOM);
  });
});
