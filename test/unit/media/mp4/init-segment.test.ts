import * as mp4 from '../../../support/mp4-boxes';
import { findBoxes, parseMp4 } from '../../../support/mp4-parse';

const { AUDIO, VIDEO } = mp4;

/** An init segment with durations everywhere. */
function finite(version: number, duration: number): Uint8Array {
  const video = mp4.trak({ id: VIDEO, handler: 'vide', entry: mp4.AVC_ENTRY, version, duration });
  const mehd = mp4.fullBox('mehd', version, 0, version === 1 ? mp4.u64(duration) : mp4.u32(duration));
  return mp4.box('moov', mp4.mvhd(version, duration), video, mp4.box('mvex', mehd, mp4.trex(VIDEO)));
}

describe('an init segment', () => {
  it.each([0, 1])('says "live", whatever durations it had in version %d', (version) => {
    const { inits, error } = parseMp4([mp4.FTYP, finite(version, 123456)]);
    expect(error).toBeUndefined();
    const timeless = finite(version, 0);
    const mehdSize = version === 1 ? 20 : 16;
    expect(inits[0]?.bytes).toHaveLength(mp4.FTYP.length + timeless.length - mehdSize);
    expect(findBoxes(inits[0]!.bytes, 'moov/mvex/mehd')).toEqual([]);
    for (const path of ['moov/mvhd', 'moov/trak/tkhd', 'moov/trak/mdia/mdhd', 'moov/mvex/trex']) {
      expect([...findBoxes(inits[0]!.bytes, path)[0]!]).toEqual([...findBoxes(timeless, path)[0]!]);
    }
  });

  it('keeps the bytes of one that says "live" already', () => {
    const { inits } = parseMp4([mp4.FTYP, mp4.box('free'), mp4.AV_MOOV]);
    expect([...inits[0]!.bytes]).toEqual([...mp4.FTYP, ...mp4.AV_MOOV]);
    expect([...parseMp4([mp4.AV_MOOV]).inits[0]!.bytes]).toEqual([...mp4.AV_MOOV]);
  });

  it('describes its tracks, and names video first', () => {
    const moov = mp4.box('moov', mp4.mvhd(), mp4.audioTrak, mp4.videoTrak, mp4.box('mvex', mp4.trex(AUDIO), mp4.trex(VIDEO)));
    expect(parseMp4([moov]).inits[0]).toMatchObject({
      container: 'mp4',
      mime: 'video/mp4; codecs="avc1.42C01E, opus"',
      tracks: [
        { id: AUDIO, kind: 'audio', codec: 'opus', timescale: 100, channels: 2, sampleRate: 48000 },
        { id: VIDEO, kind: 'video', codec: 'avc1.42C01E', timescale: 1000, width: 160, height: 120 },
      ],
    });
  });

  it('is audio/mp4 without video', () => {
    expect(parseMp4([mp4.AUDIO_MOOV]).inits[0]?.mime).toBe('audio/mp4; codecs="opus"');
  });

  it.each(['tmcd', 'text', 'sbtl', 'subt', 'meta', 'hint', 'what'])('drops a track of "%s" with its defaults', (handler) => {
    const other = mp4.trak({ id: 7, handler, entry: mp4.TIMECODE_ENTRY });
    const moov = mp4.box('moov', mp4.mvhd(), other, mp4.videoTrak, mp4.box('mvex', mp4.trex(7), mp4.trex(VIDEO)));
    expect([...parseMp4([moov]).inits[0]!.bytes]).toEqual([...mp4.VIDEO_MOOV]);
  });

  const withEntry = (handler: string, entry: Uint8Array): Uint8Array =>
    mp4.box('moov', mp4.mvhd(), mp4.trak({ id: VIDEO, handler, entry }), mp4.box('mvex', mp4.trex(VIDEO)));

  it.each([
    ['encrypted video', withEntry('vide', mp4.box('encv', new Uint8Array(78))), 'unsupported-codec'],
    ['encrypted audio', withEntry('soun', mp4.box('enca', new Uint8Array(28))), 'unsupported-codec'],
    ['an unknown codec', withEntry('vide', mp4.box('mjpg', new Uint8Array(78))), 'unsupported-codec'],
    ['a codec with the name of a method of objects', withEntry('vide', mp4.box('toSt', new Uint8Array(78))), 'unsupported-codec'],
    ['no video and no audio', withEntry('text', mp4.TIMECODE_ENTRY), 'unsupported-codec'],
    ['sound in the manner of QuickTime', withEntry('soun', mp4.box('mp4a', mp4.hex('000000000000 0001 0001'), new Uint8Array(34))), 'unsupported-layout'],
    ['a codec without its configuration', withEntry('vide', mp4.box('avc1', new Uint8Array(78))), 'malformed-media'],
    ['a codec with an empty configuration', withEntry('vide', mp4.box('avc1', new Uint8Array(78), mp4.box('avcC'))), 'unsupported-layout'],
    ['the same track twice', mp4.box('moov', mp4.videoTrak, mp4.videoTrak, mp4.box('mvex', mp4.trex(VIDEO))), 'malformed-media'],
    ['a track without trex', mp4.box('moov', mp4.videoTrak, mp4.box('mvex')), 'malformed-media'],
    ['the timescale 0', mp4.box('moov', mp4.trak({ id: VIDEO, handler: 'vide', entry: mp4.AVC_ENTRY, timescale: 0 }), mp4.box('mvex', mp4.trex(VIDEO))), 'malformed-media'],
  ])('is refused with %s', (_name, moov, code) => {
    expect(parseMp4([mp4.FTYP, moov]).error?.code).toBe(code);
  });

  describe('with several tracks of a kind', () => {
    const ENABLED = 3;
    const DISABLED = 0;
    const moovOf = (...traks: [id: number, handler: string, flags?: number, entry?: Uint8Array][]): Uint8Array =>
      mp4.box(
        'moov',
        mp4.mvhd(),
        ...traks.map(([id, handler, flags = ENABLED, entry = handler === 'vide' ? mp4.AVC_ENTRY : mp4.OPUS_ENTRY]) => mp4.trak({ id, handler, entry, flags })),
        mp4.box('mvex', ...traks.map(([id]) => mp4.trex(id))),
      );
    const passedOn = (moov: Uint8Array): number[] | undefined => parseMp4([moov]).inits[0]?.tracks.map(({ id }) => id);

    it('passes on the first of each kind, and names the others', () => {
      const { inits, error } = parseMp4([moovOf([1, 'vide'], [2, 'soun'], [3, 'soun'], [4, 'vide'])]);
      expect(error).toBeUndefined();
      expect(inits[0]).toMatchObject({
        mime: 'video/mp4; codecs="avc1.42C01E, opus"',
        tracks: [{ id: 1 }, { id: 2 }],
        dropped: [{ id: 3, kind: 'audio', codec: 'Opus' }, { id: 4, kind: 'video', codec: 'avc1' }],
      });
      expect(findBoxes(inits[0]!.bytes, 'moov/trak')).toHaveLength(2);
      expect(findBoxes(inits[0]!.bytes, 'moov/mvex/trex')).toHaveLength(2);
    });

    it('prefers the one that is enabled', () => {
      expect(passedOn(moovOf([1, 'vide'], [2, 'soun', DISABLED], [3, 'soun']))).toEqual([1, 3]);
      expect(passedOn(moovOf([1, 'vide'], [2, 'soun', DISABLED], [3, 'soun', DISABLED]))).toEqual([1, 2]);
    });

    it('does not mind a codec that it does not know in a track that it drops', () => {
      const other = mp4.box('zzzz', new Uint8Array(28));
      expect(passedOn(moovOf([1, 'vide'], [2, 'soun'], [3, 'soun', ENABLED, other]))).toEqual([1, 2]);
    });

    it('does not take a cover for video, as ffmpeg copies it: with a type that is no name', () => {
      const cover = mp4.box('\r\0\0\0', new Uint8Array(78));
      const { inits, error } = parseMp4([moovOf([1, 'soun'], [2, 'vide', ENABLED, cover])]);
      expect(error).toBeUndefined();
      expect(inits[0]).toMatchObject({ mime: 'audio/mp4; codecs="opus"', tracks: [{ id: 1 }], dropped: [{ id: 2, kind: 'video', codec: 'cover' }] });
      expect(passedOn(moovOf([1, 'vide', ENABLED, cover], [2, 'vide', DISABLED]))).toEqual([2]);
    });

    it('refuses a cover alone by a code that says what it is', () => {
      const cover = mp4.box('\r\0\0\0', new Uint8Array(78));
      const { error } = parseMp4([moovOf([1, 'vide', ENABLED, cover])]);
      expect(error?.code).toBe('unsupported-codec');
    });

    it('drops their media from fragments', () => {
      const moov = moovOf([1, 'vide'], [2, 'soun'], [3, 'soun']);
      const { chunks, error } = parseMp4([moov, mp4.fragment([1, 2, 3].map((id) => ({ id, time: 0, samples: [{ data: `track${id}` }] })))]);
      expect(error).toBeUndefined();
      expect(chunks[0]?.spans.map(({ trackId }) => trackId)).toEqual([1, 2]);
      expect(Buffer.from(chunks[0]!.bytes).toString('latin1')).not.toContain('track3');
    });
  });

  describe('with edit lists', () => {
    const moovOf = (video: Uint8Array, audio: Uint8Array): Uint8Array =>
      mp4.box(
        'moov',
        mp4.mvhd(),
        mp4.trak({ id: VIDEO, handler: 'vide', entry: mp4.AVC_ENTRY, edits: video }),
        mp4.trak({ id: AUDIO, handler: 'soun', entry: mp4.OPUS_ENTRY, timescale: 100, edits: audio }),
        mp4.box('mvex', mp4.trex(VIDEO), mp4.trex(AUDIO)),
      );
    const media = [
      mp4.fragment([{ id: VIDEO, time: 0, samples: [{ data: 'v' }] }]),
      mp4.fragment([{ id: AUDIO, time: 0, samples: [{ data: 'a' }] }]),
      mp4.fragment([{ id: VIDEO, time: 10, samples: [{ data: 'v' }] }, { id: AUDIO, time: 1, samples: [{ data: 'a' }] }]),
    ];
    const NONE = new Uint8Array(0);

    it.each<[string, Uint8Array, Uint8Array, number, number]>([
      ['an empty edit delays a track', NONE, mp4.edts(0, { duration: 3000, mediaTime: -1 }), 0, 300],
      ['an empty edit of 64 bits delays a track', NONE, mp4.edts(1, { duration: 3000, mediaTime: -1 }, { duration: 0, mediaTime: 0 }), 0, 300],
      ['the start edit of B-frames delays the other track', mp4.edts(0, { duration: 0, mediaTime: 200 }), NONE, 0, 20],
      ['an empty edit and a start edit add up', mp4.edts(0, { duration: 1000, mediaTime: -1 }, { duration: 0, mediaTime: 200 }), NONE, 800, 0],
      ['the same edit of both changes nothing', mp4.edts(0, { duration: 0, mediaTime: 200 }), mp4.edts(0, { duration: 0, mediaTime: 20 }), 0, 0],
    ])('moves times instead: %s', (_, video, audio, videoTicks, audioTicks) => {
      const { inits, chunks, error } = parseMp4([moovOf(video, audio), ...media]);
      expect(error).toBeUndefined();
      expect(findBoxes(inits[0]!.bytes, 'moov/trak/edts')).toEqual([]);
      expect(chunks.map(({ spans }) => spans.map(({ time }) => time))).toEqual([[videoTicks], [audioTicks], [videoTicks + 10, audioTicks + 1]]);
      // What viewers are sent says the same.
      expect(parseMp4([inits[0]!.bytes, ...chunks.map(({ bytes }) => bytes)]).chunks.map(({ spans }) => spans)).toEqual(chunks.map(({ spans }) => spans));
    });

    it('moves times of 32 bits', () => {
      const narrow = (dataOffset: number): Uint8Array =>
        mp4.box('moof', mp4.fullBox('mfhd', 0, 0, mp4.u32(1)), mp4.box('traf', mp4.tfhd(AUDIO), mp4.tfdt(7, 0), mp4.fullBox('trun', 0, 0x301, mp4.u32(1), mp4.u32(dataOffset), mp4.u32(2), mp4.u32(1))));
      const { chunks, error } = parseMp4([moovOf(NONE, mp4.edts(0, { duration: 500, mediaTime: -1 })), narrow(narrow(0).length + 8), mp4.box('mdat', mp4.hex('00'))]);
      expect(error?.message ?? chunks[0]?.spans[0]?.time).toBe(57);
    });

    it('is refused where an edit delays a track by years', () => {
      expect(parseMp4([moovOf(mp4.edts(0, ...Array.from({ length: 30 }, () => ({ duration: 0xfffffff0, mediaTime: -1 }))), NONE)]).error?.code).toBe('malformed-media');
    });
  });
});
