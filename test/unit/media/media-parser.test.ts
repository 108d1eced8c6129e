import { MediaParser } from '../../../src/media/media-parser';
import { containerParserContract, cutEvery, parsePieces, type ParseResult } from '../../support/container-parser-contract';
import * as mp4 from '../../support/mp4-boxes';
import { fixture, recording } from '../../support/recording';
import { hex } from '../../support/webm-elements';

containerParserContract('MediaParser', (sink, limits) => new MediaParser(sink, limits), [
  { name: 'vp9-opus.webm', bytes: fixture('webm/vp9-opus.webm') },
  { name: 'keyframe.mp4', bytes: fixture('mp4/keyframe.mp4') },
]);

const text = (value: string): Uint8Array => Uint8Array.from(value, (character) => character.charCodeAt(0));
const parse = (bytes: Uint8Array, piece = bytes.length): ParseResult => parsePieces((sink, limits) => new MediaParser(sink, limits), cutEvery(bytes, Math.max(1, piece)));

describe('MediaParser', () => {
  it('tells WebM from MP4 by the first bytes, whole or one at a time', () => {
    for (const piece of [1, 3, 1000]) {
      expect(parse(recording('x-vp8-noaudio-ts100'), piece).inits[0]?.container).toBe('webm');
      expect(parse(recording('mp4-avc1-opus-kf1s'), piece).inits[0]?.container).toBe('mp4');
    }
  });

  it.each(['ftyp', 'styp', 'free', 'skip', 'sidx', 'wide', 'uuid'])('takes a first box "%s" for MP4', (type) => {
    expect(parse(mp4.box(type, new Uint8Array(4))).error?.code).toBe('incomplete-media');
  });

  it('leaves it to the MP4 parser to say what is wrong with MP4', () => {
    expect(parse(mp4.box('moof', new Uint8Array(4))).error?.code).toBe('malformed-media');
    expect(parse(mp4.box('mdat', new Uint8Array(4))).error?.code).toBe('not-fragmented');
  });

  it.each([
    ['JPEG', hex('ffd8ffe0 00104a46')],
    ['PNG', hex('89504e47 0d0a1a0a')],
    ['GIF', text('GIF89a..')],
    ['FLV', hex('464c5601 05000000')],
    ['MPEG-TS', hex('47401110 0042f025')],
    ['MPEG-TS in packets of 192 bytes', hex('0ebf4622 47401110')],
    ['Ogg', hex('4f676753 00020000')],
    ['H.264', hex('00000001 67640028')],
    ['MP3', text('ID3\x04\0\0\0\0')],
    ['AVI or WAV', text('RIFF\0\0\0\0')],
    ['IVF', text('DKIF\0\0\x20\0')],
    ['playlist', text('#EXTM3U\n')],
    ['web page', text('<!DOCTYPE html>')],
    ['JSON', text('{"type":"hello"}')],
    ['text', text('hello, relay\n')],
    ['text', text('The Grid\n')],
  ])('says that it looks like %s, as soon as it knows', (name, bytes) => {
    for (const piece of [1, bytes.length]) {
      const { error } = parse(bytes, piece);
      expect(error?.code).toBe('not-a-container');
      expect(error?.message).toContain(name);
      expect(error?.offset).toBe(0);
    }
  });

  it('refuses what it does not know', () => {
    expect(parse(hex('deadbeef 01020304')).error?.code).toBe('not-a-container');
    expect(parse(hex('00000000 00000000')).error?.code).toMatch(/not-a-container|malformed-media/);
  });

  it('refuses to finish on fewer bytes than tell', () => {
    for (let length = 1; length < 8; length++) {
      expect(parse(hex('00000018 667479').subarray(0, length)).error?.code).toBe('incomplete-media');
      expect(parse(hex('1a45dfa3 9f4286').subarray(0, length)).error?.code).toBe('incomplete-media');
    }
  });

  it('throws the same error again for every call after it', () => {
    const parser = new MediaParser({ init: () => undefined, chunk: () => undefined });
    expect(() => parser.push(text('hello, relay'))).toThrow('text');
    expect(() => parser.push(text('!'))).toThrow('text');
    expect(() => parser.finish()).toThrow('text');
  });
});
