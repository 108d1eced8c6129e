import type { Chunk } from '../../../../src/media/chunk';
import { recording } from '../../../support/recording';
import * as mp4 from '../../../support/mp4-boxes';
import { findBoxes, parseMp4, textOf } from '../../../support/mp4-parse';

/** An Opus packet of 20 ms, CELT; the audio of these tests has 100 ticks a second. */
const PACKET = '\xf8!';

/** A fragment of one packet. */
function packet(time: number, duration: number): Uint8Array {
  return mp4.fragment([{ id: mp4.AUDIO, time, samples: [{ duration, data: PACKET }] }]);
}

function parse(durations: readonly number[]): Chunk {
  const samples = durations.map((duration) => ({ duration, data: PACKET }));
  const { chunks, error } = parseMp4([mp4.FTYP, mp4.AUDIO_MOOV, mp4.fragment([{ id: mp4.AUDIO, time: 50, samples }])]);
  expect(error).toBeUndefined();
  return chunks[0]!;
}

describe('the last Opus packet of a fragment', () => {
  it('lasts as long as it says itself, where less is stated', () => {
    const chunk = parse([2, 2, 1]);
    expect(chunk.spans).toEqual([{ trackId: mp4.AUDIO, time: 50, duration: 6, estimated: false }]);
    expect(textOf(findBoxes(chunk.bytes, 'mdat')[0]?.subarray(8))).toBe(PACKET.repeat(3));
  });

  it('lasts as stated, where that is as long or longer', () => {
    expect(parse([2, 2]).spans[0]?.duration).toBe(4);
    expect(parse([2, 9]).spans[0]?.duration).toBe(11);
  });

  it('lies before what follows, where ffmpeg gives it the time of that and no duration', () => {
    const { chunks } = parseMp4([mp4.FTYP, mp4.AUDIO_MOOV, packet(0, 2), packet(4, 0), packet(4, 2), packet(6, 2)]);
    expect(chunks.map(({ spans }) => [spans[0]?.time, spans[0]?.duration])).toEqual([[0, 2], [2, 2], [4, 2], [6, 2]]);
  });

  it('is not overlapped by the next one, where ffmpeg gives that its time and the durations of both', () => {
    const { chunks } = parseMp4([mp4.FTYP, mp4.AUDIO_MOOV, packet(0, 2), packet(2, 0), packet(2, 4), packet(6, 2)]);
    expect(chunks.map(({ spans }) => [spans[0]?.time, spans[0]?.duration])).toEqual([[0, 2], [2, 2], [4, 2], [6, 2]]);
  });

  it('stays where it is said to be, where none came for longer than a packet', () => {
    const { chunks } = parseMp4([mp4.FTYP, mp4.AUDIO_MOOV, packet(0, 2), packet(6, 0)]);
    expect(chunks.map(({ spans }) => [spans[0]?.time, spans[0]?.duration])).toEqual([[0, 2], [6, 2]]);
  });

  it("leaves no gap in what Chromium's recorder writes", () => {
    const { chunks } = parseMp4([recording('mp4-avc1-opus-kf1s')]);
    const sound = chunks.flatMap(({ spans }) => spans).filter(({ trackId }) => trackId === 2);
    expect(sound).toHaveLength(4);
    sound.slice(1).forEach(({ time }, i) => expect(time).toBe(sound[i]!.time + sound[i]!.duration));
  });
});
