import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFile, MP4BoxBuffer } from 'mp4box';
import { Box } from '../../../../src/media/mp4/box';
import { describeAudio, describeVideo } from '../../../../src/media/mp4/sample-description';
import { codeOf } from '../../../support/code-of';
import * as mp4 from '../../../support/mp4-boxes';
import { parseMp4 } from '../../../support/mp4-parse';

const FOLDER = join(__dirname, '../../../fixtures/mp4');
const SIZE = mp4.hex('000000000000 0001 00000000000000000000000000000000 00a00078');
const visual = (type: string, config: Uint8Array, fields = SIZE): Box => Box.at(mp4.box(type, fields, new Uint8Array(78 - fields.length), config), 0);

/** A sample entry of sound that says two channels at 48 kHz. */
function sound(type: string, config: Uint8Array, shape = '0002 0010 00000000 bb80 0000'): Box {
  return Box.at(mp4.box(type, mp4.hex('000000000000 0001'), new Uint8Array(8), mp4.hex(shape), config), 0);
}

const esds = (digits: string): Uint8Array => mp4.fullBox('esds', 0, 0, mp4.hex(digits));
const AAC_HEAD = '03 19 0002 00 04 11 40 15 000000 00000000 00000000';

describe('a sample entry of video', () => {
  it.each([
    ['avc1', 'avcC', '01 64001f ff e0 00', 'avc1.64001F'],
    ['avc3', 'avcC', '01 42e01e ff e0 00', 'avc3.42E01E'],
    ['hvc1', 'hvcC', '01 01 60000000 900000000000 5d f000fcfdf8f8 0000 0f00', 'hvc1.1.6.L93.90'],
    ['hev1', 'hvcC', '01 22 20000000 b00000000000 99 f000fcfdf8f8 0000 0f00', 'hev1.2.4.H153.B0'],
    ['hev1', 'hvcC', '01 41 60000000 000000000000 5d f000fcfdf8f8 0000 0f00', 'hev1.A1.6.L93'],
    ['av01', 'av1C', '81 08 0c 00', 'av01.0.08M.08'],
    ['av01', 'av1C', '81 2d c0 00', 'av01.1.13H.10.0.000.01.01.01.0'],
    ['av01', 'av1C', '81 4d 68 00', 'av01.2.13M.12.0.100.01.01.01.0'],
    ['av01', 'av1C', '81 08 1c 00', 'av01.0.08M.08.1.110.01.01.01.0'],
    ['vp09', 'vpcC', '01000000 00 1f 82 02 02 02', 'vp09.00.31.08'],
    ['vp09', 'vpcC', '01000000 00 1f 80 01 01 01', 'vp09.00.31.08'],
    ['vp09', 'vpcC', '01000000 02 0a a2 09 10 09', 'vp09.02.10.10.01.09.16.09.00'],
    ['vp09', 'vpcC', '01000000 01 0a 86 01 01 01', 'vp09.01.10.08.03.01.01.01.00'],
    ['vp09', 'vpcC', '01000000 00 0a 83 02 02 02', 'vp09.00.10.08.01.02.02.02.01'],
    ['vp08', 'vpcC', '01000000 00 0a 82 02 02 02', 'vp08.00.10.08'],
    // Chromium's recorder states level 0.
    ['vp09', 'vpcC', '01000000 00 00 82 02 02 02', 'vp09.00.10.08'],
    ['vp09', 'vpcC', '01000000 02 00 a2 09 10 09', 'vp09.02.10.10.01.09.16.09.00'],
  ])('%s with %s %s is %s', (type, config, digits, codec) => {
    expect(describeVideo(visual(type, mp4.box(config, mp4.hex(digits))))).toEqual({ codec, width: 160, height: 120 });
  });

  it('tells the frame rate that hvcC states', () => {
    const hvcC = mp4.box('hvcC', mp4.hex('01 01 60000000 900000000000 5d f000fcfdf8f8 1df8 0f00'));
    expect(describeVideo(visual('hvc1', hvcC))).toMatchObject({ frameRate: 29.969 });
  });

  it.each(['keyframe.mp4', 'negative-cts.mp4', 'hvc1.mp4', 'hevc-opus.mp4', 'av1-flac.mp4'])('tells the frame rate in %s only if its SPS states one', (file) => {
    const [track] = parseMp4([new Uint8Array(readFileSync(join(FOLDER, file)))]).inits[0]!.tracks;
    // x264 leaves it open unless it is told that frames come steadily, and libaom says nothing.
    expect(track?.frameRate).toBe(/negative|av1/.test(file) ? undefined : 15);
  });

  it('tells the frame rate and the colours that an AV1 sequence header states', () => {
    // Profile 0; timing of 1001/30000 s in equal intervals; one operating point; 160×120; BT.2020 with PQ.
    const binary = [
      '000 0 0', `1 ${u32Bits(1001)} ${u32Bits(30_000)} 1 1`, '0', '0', '00000', '000000000000 00001',
      '0111 0110 10011111 1110111', '0', '000', '0000 1 00', '1', '1', '111', '000', '0 0 1 00001001 00010000 00001001 0', '00 0 1',
    ].join('');
    const header = binaryBytes(binary);
    const av1C = mp4.box('av1C', mp4.hex('81 01 0c 00'), mp4.hex('12 00'), Uint8Array.of(0x0a, header.length), header);
    expect(describeVideo(visual('av01', av1C))).toEqual({ codec: 'av01.0.01M.08.0.110.09.16.09.0', frameRate: 29.97, width: 160, height: 120 });
  });

  it.each([
    ['no width', visual('avc1', mp4.box('avcC', mp4.hex('01 64001f ff e0 00')), mp4.hex('00'.repeat(26) + '0078')), 'Video of 0×120 pixels (at byte 0, in avc1)'],
    ['another version of avcC', visual('avc1', mp4.box('avcC', mp4.hex('02 64001f ff e0 00'))), 'Not the first version of an H.264 configuration (at byte 94, in avc1/avcC)'],
    ['another version of hvcC', visual('hvc1', mp4.box('hvcC', mp4.hex('00'))), 'Not the first version of an H.265 configuration (at byte 94, in hvc1/hvcC)'],
    ['another version of av1C', visual('av01', mp4.box('av1C', mp4.hex('82 08 0c 00'))), 'Not the first version of an AV1 configuration (at byte 95, in av01/av1C)'],
    ['a vpcC that is cut off', visual('vp09', mp4.box('vpcC', mp4.hex('01000000 00 1f'))), '4 bits wanted, 0 left (at byte 100, in vp09/vpcC)'],
  ])('is refused with %s', (_name, entry, message) => {
    expect(() => describeVideo(entry)).toThrow(message);
    expect(codeOf(() => describeVideo(entry))).toBe('malformed-media');
  });
});

describe('a sample entry of sound', () => {
  it.each([
    ['AAC-LC', `${AAC_HEAD} 05 02 1190`, { codec: 'mp4a.40.2', channels: 2, sampleRate: 48_000 }],
    ['HE-AAC', `${AAC_HEAD} 05 04 2b118800`, { codec: 'mp4a.40.5', channels: 2, sampleRate: 48_000 }],
    ['HE-AAC with its core first', `${AAC_HEAD} 05 05 139056e5a0`, { codec: 'mp4a.40.5', channels: 2, sampleRate: 44_100 }],
    ['HE-AAC version 2', `${AAC_HEAD} 05 07 138856e5a54880`, { codec: 'mp4a.40.29', channels: 2, sampleRate: 44_100 }],
    ['AAC before a descriptor that looks like SBR', `${AAC_HEAD} 05 02 1190 56e5a0`, { codec: 'mp4a.40.2', channels: 2, sampleRate: 48_000 }],
    ['AAC that leaves its channels to the stream', `${AAC_HEAD} 05 03 f94600`, { codec: 'mp4a.40.42', sampleRate: 48_000 }],
    ['AAC with long sizes and all optional fields', '03 80808025 0002 e0 1234 02 6162 5678 04 80808011 40 15 000000 00000000 00000000 05 80808002 1188', { codec: 'mp4a.40.2', channels: 1, sampleRate: 48_000 }],
    ['MP3', '03 13 0002 00 04 0d 6b 15 000000 00000000 00000000', { codec: 'mp4a.6B', sampleRate: 48_000 }],
    ['MPEG-2 AAC', '03 13 0002 00 04 0d 67 15 000000 00000000 00000000', { codec: 'mp4a.67', sampleRate: 48_000 }],
  ])('is %s by its esds', (_name, digits, expected) => {
    expect(describeAudio(sound('mp4a', esds(digits)), 0)).toEqual(expected);
  });

  it.each([
    ['Opus, whatever rate went in', 'Opus', 'dOps', '00 06 0138 00001f40 0000 00', { codec: 'opus', channels: 6, sampleRate: 48_000 }],
    ['FLAC of 96 kHz', 'fLaC', 'dfLa', '00000000 80000022 1000 1000 000000 000000 17700 b70 00000000', { codec: 'flac', channels: 6, sampleRate: 96_000 }],
    ['stereo AC-3', 'ac-3', 'dac3', '10 11 40', { codec: 'ac-3', channels: 2, sampleRate: 48_000 }],
    ['AC-3 of 5.1 channels', 'ac-3', 'dac3', '50 3d e0', { codec: 'ac-3', channels: 6, sampleRate: 44_100 }],
    ['stereo E-AC-3', 'ec-3', 'dec3', '0600 20 04 00', { codec: 'ec-3', channels: 2, sampleRate: 48_000 }],
    ['E-AC-3 of 7.1 channels', 'ec-3', 'dec3', '1800 20 0f 02 02', { codec: 'ec-3', channels: 8, sampleRate: 48_000 }],
  ])('is %s', (_name, type, config, digits, expected) => {
    expect(describeAudio(sound(type, mp4.box(config, mp4.hex(digits))), 0)).toEqual(expected);
  });

  it('is refused for an object type that no browser plays', () => {
    const entry = sound('mp4a', esds('03 13 0002 00 04 0d a9 15 000000 00000000 00000000'));
    expect(() => describeAudio(entry, 0)).toThrow(/Unknown codec "mp4a\.A9"/);
  });

  it('is refused for AAC without its configuration, with both options that help', () => {
    const entry = sound('mp4a', esds('03 12 0002 00 04 0d 40 15 000000 00000000 00000000 06 01 02'));
    expect(() => describeAudio(entry, 0)).toThrow(/aac_adtstoasc.*\+delay_moov/);
    expect(codeOf(() => describeAudio(entry, 0))).toBe('unsupported-layout');
  });

  const silent = '0002 0010 00000000 0000 0000';
  it.each([
    ['no rate', sound('mp4a', esds('03 13 0002 00 04 0d 6b 15 000000 00000000 00000000'), silent), 'Sound at 0 Hz (at byte 0, in mp4a)'],
    ['a descriptor too few', sound('mp4a', esds('03 19 0002 00 05')), 'Descriptor 4 is missing (at byte 53, in mp4a/esds)'],
    ['a configuration larger than its box', sound('mp4a', esds(`${AAC_HEAD} 05 09 1190`)), '9 bytes wanted, 2 left (at byte 70, in mp4a/esds)'],
    ['another version of dOps', sound('Opus', mp4.box('dOps', mp4.hex('01 02'))), 'Not the first version of an Opus configuration (at byte 44, in Opus/dOps)'],
    ['Opus of no channels', sound('Opus', mp4.box('dOps', mp4.hex('00 00'))), 'Opus with 0 channels (at byte 44, in Opus/dOps)'],
    ['FLAC without STREAMINFO', sound('fLaC', mp4.box('dfLa', mp4.hex('00000000 84000022'))), 'FLAC wants STREAMINFO first (at byte 48, in fLaC/dfLa)'],
    ['FLAC of no rate', sound('fLaC', mp4.box('dfLa', mp4.hex('00000000 80000022 1000 1000 000000 000000 00000 b70 00000000'))), 'FLAC with a sample rate of 0 (at byte 64, in fLaC/dfLa)'],
    ['a rate that AC-3 reserves', sound('ac-3', mp4.box('dac3', mp4.hex('c00000'))), 'A sample rate that AC-3 reserves (at byte 44, in ac-3/dac3)'],
  ])('is refused with %s', (_name, entry, message) => {
    expect(() => describeAudio(entry, 0)).toThrow(message);
    expect(codeOf(() => describeAudio(entry, 0))).toBe('malformed-media');
  });
});

function u32Bits(value: number): string {
  return value.toString(2).padStart(32, '0');
}

/** Bytes from binary digits, filled up with zeros; blanks are for the reader. */
function binaryBytes(digits: string): Uint8Array {
  const bytes = digits.replaceAll(/\s/g, '').match(/.{1,8}/g) ?? [];
  return Uint8Array.from(bytes, (byte) => Number.parseInt(byte.padEnd(8, '0'), 2));
}

describe('the codec string', () => {
  // mp4box complains of ffmpeg's FLAC description on the console, and reads on.
  beforeAll(() => void jest.spyOn(console, 'error').mockReturnValue());
  afterAll(() => void jest.restoreAllMocks());

  it.each(readdirSync(FOLDER).filter((file) => file.endsWith('.mp4')))('is what mp4box says of %s', (file) => {
    const bytes = new Uint8Array(readFileSync(join(FOLDER, file)));
    const reader = createFile();
    let expected: string[] = [];
    reader.onReady = ({ tracks }) => (expected = tracks.filter(({ type }) => type === 'video' || type === 'audio').map(({ codec }) => codec));
    reader.appendBuffer(MP4BoxBuffer.fromArrayBuffer(bytes.slice().buffer, 0));
    const ours = parseMp4([bytes]).inits[0]?.tracks.map(({ codec }) => codec);
    // mp4box writes "Opus" and "fLaC" as the sample entries are spelt, and hex digits in small letters.
    expect(ours?.map((codec) => codec.toLowerCase())).toEqual(expected.map((codec) => codec.toLowerCase()));
  });
});
