import type { Track } from '../../../../src/media/chunk';
import { WebmParser } from '../../../../src/media/webm/webm-parser';
import { joinBytes, parsePieces } from '../../../support/container-parser-contract';
import * as webm from '../../../support/webm-elements';

const { element, hex, number } = webm;
const audio = element('Audio', number('Channels', 2), element('SamplingFrequency', hex('472c4400')));
const config = (digits: string): Uint8Array => element('CodecPrivate', hex(digits));

const vorbis = (channels: string, rate: string): string => `02 1e 05 01 766f72626973 00000000 ${channels} ${rate} 00000000 00000000 00000000 b8 01 0506070809`;

/** The one track of a file with such a TrackEntry, or the message of what refuses it. */
function track(type: number, codec: string, ...more: Uint8Array[]): Track | string {
  const head = joinBytes([webm.ebml(), webm.SEGMENT, webm.INFO, webm.tracks(webm.trackEntry(1, type, codec, ...more))]);
  const { inits, error } = parsePieces((sink) => new WebmParser(sink), [head]);
  return inits[0]?.tracks[0] ?? error?.message ?? '';
}

describe('a track of WebM', () => {
  it.each([
    ['V_VP8', [], { codec: 'vp8', width: 160, height: 120 }],
    ['V_VP8', [number('DefaultDuration', 33_366_667)], { codec: 'vp8', frameRate: 29.97 }],
    ['V_VP9', [], { codec: 'vp9' }],
    ['V_VP9', [config('010102 02010a 03010a 040101')], { codec: 'vp09.02.10.10' }],
    ['V_VP9', [config('010102')], { codec: 'vp9' }],
    ['V_AV1', [], { codec: 'av01.0.04M.08' }],
    ['V_AV1', [config('81 08 4c 00')], { codec: 'av01.0.08M.10' }],
  ])('is video of %s with its own fields', (codec, more, expected) => {
    expect(track(1, codec, webm.SIZE, ...more)).toMatchObject(expected);
  });

  it.each([
    ['A_OPUS', [], { codec: 'opus', channels: 1, sampleRate: 8000 }],
    ['A_OPUS', [audio], { codec: 'opus', channels: 2, sampleRate: 44_100 }],
    ['A_OPUS', [audio, config('4f70757348656164 01 06 3801 80bb0000 0000 01 04 02 000401020305')], { codec: 'opus', channels: 6, sampleRate: 48_000 }],
    ['A_VORBIS', [audio, config(vorbis('01', '80bb0000'))], { codec: 'vorbis', channels: 1, sampleRate: 48_000 }],
  ])('is sound of %s by its CodecPrivate rather than its own fields', (codec, more, expected) => {
    expect(track(2, codec, ...more)).toMatchObject(expected);
  });

  it('says nothing of an alpha channel, since its BlockAdditions are left out', () => {
    const video = element('Video', number('PixelWidth', 160), number('PixelHeight', 120), hex('53c0 81 01'));
    const { inits, error } = parsePieces((sink) => new WebmParser(sink), [joinBytes([webm.ebml(), webm.SEGMENT, webm.INFO, webm.tracks(webm.trackEntry(1, 1, 'V_VP9', video))])]);
    expect(error).toBeUndefined();
    expect(webm.toHex(inits[0]!.bytes)).not.toContain('53c0');
  });

  it('leaves with what browsers know of it', () => {
    // LanguageBCP47, which Chromium refuses, and FieldOrder in Video.
    const video = element('Video', number('PixelWidth', 160), number('PixelHeight', 120), hex('9d 81 01'), number('DisplayWidth', 320));
    const entry = webm.trackEntry(1, 1, 'V_VP8', hex('22b59d 83 756e64'), element('Language', hex('756e64')), video);
    const known = element('Video', number('PixelWidth', 160), number('PixelHeight', 120), number('DisplayWidth', 320));
    const { inits } = parsePieces((sink) => new WebmParser(sink), [joinBytes([webm.ebml(), webm.SEGMENT, webm.INFO, webm.tracks(entry)])]);
    const written = webm.toHex(inits[0]!.bytes);
    expect(written.endsWith(webm.toHex(webm.tracks(webm.trackEntry(1, 1, 'V_VP8', element('Language', hex('756e64')), known))))).toBe(true);
  });

  it.each([
    ['no size', 1, 'V_VP8', [], 'Video of 0×0 pixels (at byte 44, in Segment/Tracks/TrackEntry)'],
    ['an AV1 configuration of another version', 1, 'V_AV1', [webm.SIZE, config('82 08 4c 00')], /^Not the first version .*CodecPrivate\)$/],
    ['an Opus header that is none', 2, 'A_OPUS', [config('4f70757348656165 01 02')], /begins with "OpusHead" .*CodecPrivate\)$/],
    ['Vorbis of no channels', 2, 'A_VORBIS', [config(vorbis('00', '80bb0000'))], /^Vorbis with 0 channels at 48000 Hz/],
    ['Vorbis of no rate', 2, 'A_VORBIS', [config(vorbis('01', '00000000'))], /^Vorbis with 1 channels at 0 Hz/],
    ['Vorbis with one header', 2, 'A_VORBIS', [config('00 01')], /^Vorbis wants three headers/],
    ['Vorbis that is none', 2, 'A_VORBIS', [config('02 1e 05 01 746865 6f7261')], /^A Vorbis header begins with "vorbis"/],
  ])('is refused with %s', (_name, type, codec, more, message) => {
    expect(track(type, codec, ...more)).toEqual(message instanceof RegExp ? expect.stringMatching(message) : message);
  });
});
