import fc from 'fast-check';
import { type EncodedPicture, LiveMuxer } from '../../../player/publisher/live-muxer';
import { avcConfiguration, IDR, lengthPrefixed, pps, SLICE, sps } from '../../support/h264';
import { parseMp4 } from '../../support/mp4-parse';

const SIZE = { width: 160, height: 128 };
const AVC = avcConfiguration(sps(), pps());
const OPUS_HEAD = Uint8Array.from([...new TextEncoder().encode('OpusHead'), 1, 1, 120, 0, 0x80, 0xbb, 0, 0, 0, 0, 0]);
/** A packet of 20 ms. */
const PACKET = Uint8Array.of(0x08, 1, 2, 3);
const PACKET_TICKS = 960;

function picture(time: number, key: boolean, description = AVC): EncodedPicture {
  return { codec: 'h264', size: SIZE, description, time, key, data: lengthPrefixed([key ? IDR : SLICE]) };
}

function withSound(): LiveMuxer {
  const muxer = new LiveMuxer({ video: true, audio: true });
  muxer.describeSound({ codec: 'opus', channels: 1, sampleRate: 48_000, description: OPUS_HEAD });
  return muxer;
}

describe('LiveMuxer', () => {
  it('writes nothing before a keyframe that has all descriptions beside it', () => {
    const muxer = new LiveMuxer({ video: true, audio: true });
    expect(muxer.picture(picture(0, true))).toEqual([]);
    muxer.describeSound({ codec: 'opus', channels: 1, sampleRate: 48_000, description: OPUS_HEAD });
    expect(muxer.sound({ time: 0, duration: PACKET_TICKS, data: PACKET })).toEqual([]);
    expect(muxer.picture(picture(0.1, false))).toEqual([]);
    const { inits, chunks } = parseMp4(muxer.picture(picture(0.2, true)));
    expect(inits.map(({ mime }) => mime)).toEqual(['video/mp4; codecs="avc1.4D001E, opus"']);
    expect(chunks.map(({ joinable, start }) => [joinable, start])).toEqual([[true, 0.2]]);
  });

  it('begins anew with a keyframe whose description is another, and where it is told to', () => {
    const muxer = new LiveMuxer({ video: true, audio: false });
    const other = avcConfiguration(sps({ level: 31 }), pps());
    const parts = [picture(0, true), picture(0.1, false), picture(0.2, true), picture(0.3, true, other)].map((each) => muxer.picture(each));
    expect(parts.map(({ length }) => length)).toEqual([3, 1, 1, 3]);
    muxer.restart();
    expect(muxer.picture(picture(0.4, false, other))).toEqual([]);
    expect(muxer.picture(picture(0.5, true, other))).toHaveLength(3);
  });

  it('writes sound alone', () => {
    const muxer = new LiveMuxer({ video: false, audio: true });
    muxer.describeSound({ codec: 'mp4a.40.2', channels: 2, sampleRate: 44_100, description: Uint8Array.of(0x12, 0x10) });
    const { inits, chunks } = parseMp4([0, 1, 2].flatMap((index) => muxer.sound({ time: index * 1024, duration: 1024, data: PACKET })));
    expect(inits[0]?.mime).toBe('audio/mp4; codecs="mp4a.40.2"');
    expect(chunks.every(({ joinable }) => joinable)).toBe(true);
    expect(chunks).toHaveLength(3);
  });

  it('writes what the parser of the relay reads: each frame once, at its time, in its order', () => {
    const gaps = fc.array(fc.record({ gap: fc.integer({ min: 1, max: 3_000 }), key: fc.boolean(), sound: fc.nat(3) }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(gaps, (frames) => {
        const muxer = withSound();
        const parts = [...muxer.picture(picture(0, true))];
        const times = [0];
        let [time, ticks] = [0, 0];
        for (const { gap, key, sound } of frames) {
          time += gap / 1000;
          times.push(time);
          parts.push(...muxer.picture(picture(time, key)));
          for (let packet = 0; packet < sound; packet++, ticks += PACKET_TICKS) parts.push(...muxer.sound({ time: ticks, duration: PACKET_TICKS, data: PACKET }));
        }
        const { inits, chunks } = parseMp4(parts);
        expect(inits).toHaveLength(1);
        const pictures = chunks.filter(({ hasVideo }) => hasVideo);
        expect(pictures.map(({ start }) => Math.round(start * 1000))).toEqual(times.map((each) => Math.round(each * 1000)));
        expect(pictures.slice(1).map(({ joinable }) => joinable)).toEqual(frames.map(({ key }) => key));
        const ends = chunks.filter(({ hasVideo }) => !hasVideo).map(({ start, end }) => [start, end]);
        expect(ends.slice(1).every(([start], index) => Math.abs((start ?? 0) - (ends[index]?.[1] ?? 0)) < 1e-9)).toBe(true);
      }),
    );
  });
});
