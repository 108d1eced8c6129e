import { BitReader } from '../../../../src/media/bit-reader';
import { readAacConfig, type AacConfig } from '../../../../src/media/codecs/aac-config';
import { codeOf } from '../../../support/code-of';
import { hex } from '../../../support/mp4-boxes';

const read = (digits: string): AacConfig => readAacConfig(new BitReader(hex(digits), { offset: 7, path: 'esds' }));

/** Groups of binary digits, filled up with zeros. */
function wholeBytes(digits: string): string {
  const packed = digits.replaceAll(/\s/g, '');
  return packed.padEnd(Math.ceil(packed.length / 8) * 8, '0');
}

/** Such groups as bytes in hex. */
function bits(digits: string): string {
  const bytes = wholeBytes(digits).match(/.{8}/g) ?? [];
  return bytes.map((byte) => Number.parseInt(byte, 2).toString(16).padStart(2, '0')).join('');
}

describe('an AudioSpecificConfig', () => {
  it.each([
    ['AAC-LC', '1190', 2, 48_000, 2],
    ['AAC-LC of 5.1 channels', '11b0', 2, 48_000, 6],
    ['AAC-LC of 7.1 channels', '11b8', 2, 48_000, 8],
    ['AAC-LC that says that it has no SBR, as ffmpeg writes it', '119056e500', 2, 48_000, 2],
    ['HE-AAC that says so first', '2b118800', 5, 48_000, 2],
    ['HE-AAC at 44.1 kHz', '2b920800', 5, 44_100, 2],
    ['HE-AAC that says so behind its core', '139056e5a0', 5, 44_100, 2],
    ['HE-AAC version 2 that says so first', 'eb8a0800', 29, 44_100, 2],
    ['HE-AAC version 2 that says so behind its core', '138856e5a54880', 29, 44_100, 2],
    ['AAC-LC of a low rate, whose frames may have SBR nevertheless', '1390', 2, 22_050, 2],
  ])('of %s (%s) is read', (_name, digits, objectType, sampleRate, channels) => {
    expect(read(digits)).toMatchObject({ objectType, sampleRate, channels });
  });

  it('tells the core beneath SBR and PS', () => {
    expect(read('eb8a0800').core).toEqual({ objectType: 2, sampleRate: 22_050, channels: 1, packetLength: 1024 });
    expect(read(bits('00010 0011 0010 1 0 0')).core.packetLength).toBe(960);
  });

  it('may spell out its sample rates', () => {
    const rate = (value: number): string => `1111 ${value.toString(2).padStart(24, '0')}`;
    expect(read(bits(`00010 ${rate(12_345)} 0001 000`))).toMatchObject({ objectType: 2, sampleRate: 12_345, channels: 1 });
    expect(read(bits(`00101 ${rate(20_000)} 0010 ${rate(40_000)} 00010 000`))).toMatchObject({ objectType: 5, sampleRate: 40_000, core: { sampleRate: 20_000 } });
  });

  it('may have an object type above 31', () => {
    expect(read(bits('11111 001010 0011 0010'))).toMatchObject({ objectType: 42, sampleRate: 48_000, channels: 2 });
    expect(read(bits('11111 001010 0011 0000'))).toMatchObject({ objectType: 42, channels: undefined });
  });

  it('reads the fields that stand before SBR', () => {
    const sbr = '01010110111 00101 1 0011';
    // A core coder with its delay; scalable layers; what resilience to errors adds.
    expect(read(bits(`00010 0110 0010 0 1 00000000000001 0 ${sbr}`))).toMatchObject({ objectType: 5, sampleRate: 48_000 });
    expect(read(bits(`00110 0110 0010 000 101 ${sbr}`))).toMatchObject({ objectType: 5, sampleRate: 48_000 });
    expect(read(bits(`10001 0110 0010 001 111 0 ${sbr}`))).toMatchObject({ objectType: 5, sampleRate: 48_000 });
    expect(read(bits(`10110 0110 0010 001 0000000000000000 0 ${sbr}`))).toMatchObject({ objectType: 5, sampleRate: 48_000 });
  });

  it('counts the channels that a program_config_element lists', () => {
    // Front: one and a pair; back: a pair; one low-frequency channel. With all mixdowns and a comment of one byte.
    const counts = '0000 01 0011 0010 0000 0001 01 000 0000';
    const mixdowns = '1 0000 1 0000 1 000';
    const elements = '0 0000 1 0000 1 0000 0000';
    const head = `00010 0110 0000 000 ${counts} ${mixdowns} ${elements}`;
    const sbr = '01010110111 00101 1 0011';
    expect(read(bits(`${wholeBytes(head)} 00000001 01000001 ${sbr}`))).toMatchObject({ objectType: 5, sampleRate: 48_000, channels: 6 });
  });

  it.each([
    ['nothing', '', /5 bits wanted/],
    ['half of itself', '11', /wanted/],
    ['a sample rate that is reserved', bits('00010 1101 0010 000'), /The sample rate 13/],
    ['a sample rate of 0', bits(`00010 1111 ${'0'.repeat(24)} 0010 000`), /sample rate of 0/],
    ['a channel configuration that is reserved', bits('00010 0011 1001 000'), /channel configuration 9/],
    ['a program without channels', bits(`00010 0011 0000 000 ${'0'.repeat(60)}`), /0 channels/],
  ])('is refused with %s', (_name, digits, message) => {
    expect(() => read(digits)).toThrow(message);
    expect(codeOf(() => read(digits))).toBe('malformed-media');
  });
});
