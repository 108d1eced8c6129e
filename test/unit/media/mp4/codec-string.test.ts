import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFile, MP4BoxBuffer } from 'mp4box';
import { Box } from '../../../../src/media/mp4/box';
import { audioCodec, videoCodec } from '../../../../src/media/mp4/codec-string';
import * as mp4 from '../../../support/mp4-boxes';
import { parseMp4 } from '../../../support/mp4-parse';

const FOLDER = join(__dirname, '../../../fixtures/mp4');
const visual = (type: string, config: Uint8Array): Box => Box.at(mp4.box(type, new Uint8Array(78), config), 0);
const esds = (digits: string): Box => Box.at(mp4.box('mp4a', new Uint8Array(28), mp4.fullBox('esds', 0, 0, mp4.hex(digits))), 0);

describe('the codec string', () => {
  // mp4box complains of ffmpeg's FLAC description on the console, and reads on.
  beforeAll(() => void jest.spyOn(console, 'error').mockReturnValue());
  afterAll(() => void jest.restoreAllMocks());

  it.each([
    ['avc1', 'avcC', '01 64001f ff', 'avc1.64001F'],
    ['avc3', 'avcC', '01 42e01e ff', 'avc3.42E01E'],
    ['hvc1', 'hvcC', '01 01 60000000 900000000000 5d', 'hvc1.1.6.L93.90'],
    ['hev1', 'hvcC', '01 22 20000000 b00000000000 99', 'hev1.2.4.H153.B0'],
    ['hev1', 'hvcC', '01 41 60000000 000000000000 5d', 'hev1.A1.6.L93'],
    ['av01', 'av1C', '81 08 0c 00', 'av01.0.08M.08'],
    ['av01', 'av1C', '81 2d c0 00', 'av01.1.13H.10'],
    ['av01', 'av1C', '81 4d 60 00', 'av01.2.13M.12'],
    ['vp09', 'vpcC', '01000000 00 1f 82', 'vp09.00.31.08'],
    ['vp09', 'vpcC', '01000000 02 0a a2', 'vp09.02.10.10'],
    ['vp08', 'vpcC', '01000000 00 0a 82', 'vp08.00.10.08'],
  ])('of %s with %s %s is %s', (type, config, digits, codec) => {
    expect(videoCodec(visual(type, mp4.box(config, mp4.hex(digits))))).toBe(codec);
  });

  it.each([
    ['AAC-LC', '03 19 0002 00 04 11 40 15 000000 00000000 00000000 05 02 1190', 'mp4a.40.2'],
    ['HE-AAC', '03 19 0002 00 04 11 40 15 000000 00000000 00000000 05 02 2b11', 'mp4a.40.5'],
    ['xHE-AAC, an object type above 31', '03 19 0002 00 04 11 40 15 000000 00000000 00000000 05 02 f94a', 'mp4a.40.42'],
    ['AAC with long sizes and all optional fields', '03 80808025 0002 e0 1234 02 6162 5678 04 80808011 40 15 000000 00000000 00000000 05 80808002 1190', 'mp4a.40.2'],
    ['MP3', '03 13 0002 00 04 0d 6b 15 000000 00000000 00000000', 'mp4a.6B'],
    ['MPEG-2 AAC', '03 13 0002 00 04 0d 67 15 000000 00000000 00000000', 'mp4a.67'],
  ])('of %s is read from esds', (_name, digits, codec) => {
    expect(audioCodec(esds(digits))).toBe(codec);
  });

  it('is refused for an object type that no browser plays', () => {
    expect(() => audioCodec(esds('03 13 0002 00 04 0d a9 15 000000 00000000 00000000'))).toThrow(/mp4a\.A9/);
  });

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
