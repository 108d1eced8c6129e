import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MediaParser } from '../../../src/media/media-parser';
import { joinBytes, parsePieces } from '../../support/container-parser-contract';
import { fixture, recording } from '../../support/recording';
import { type Sample, samplesOf } from '../../support/samples-of';

/** The same, with times that may be off by less than 50 µs: a moved time is rounded to ticks. */
function withinTicks(tracks: Record<string, Sample[]>): Record<string, object[]> {
  const loosen = (samples: readonly Sample[]): object[] => samples.map((sample) => ({ ...sample, time: expect.closeTo(sample.time, 4) as number }));
  return Object.fromEntries(Object.entries(tracks).map(([name, samples]) => [name, loosen(samples)]));
}

/** Our output as one file. */
function relayed(bytes: Uint8Array): Uint8Array {
  const { inits, chunks, error } = parsePieces((sink) => new MediaParser(sink), [bytes]);
  expect(error).toBeUndefined();
  expect(inits).toHaveLength(1);
  return joinBytes([inits[0]!.bytes, ...chunks.map((chunk) => chunk.bytes)]);
}

const FIXTURES = join(__dirname, '../../fixtures');
// In every-frame.mp4, ffmpeg has given one packet the time of the next, which Sluice mends.
const mp4 = readdirSync(join(FIXTURES, 'mp4')).filter((name) => name.endsWith('.mp4') && name !== 'every-frame.mp4');
const recorded = ['mp4-avc1-opus-kf1s', 'webm-vp8-opus-kf1s', 'webm-vp9-opus-kf1s', 'webm-av1-opus', 'x-vp8-noaudio-ts100'];
const webm = ['vp9-opus.webm', 'vp8-vorbis.webm', 'opus.webm', 'vp8-seekable.webm', 'subtitles.mkv'];

describe('chunks behind their init segment are a file of the same samples, for a reader that is not ours', () => {
  it.each([
    ...mp4.map((name) => ({ name, bytes: fixture(`mp4/${name}`) })),
    ...webm.map((name) => ({ name, bytes: fixture(`webm/${name}`) })),
    ...recorded.map((name) => ({ name, bytes: recording(name) })),
  ])('$name', async ({ bytes }) => {
    const [expected, given] = await Promise.all([samplesOf(bytes), samplesOf(relayed(bytes))]);
    expect(Object.keys(expected).length).toBeGreaterThan(0);
    expect(given).toEqual(withinTicks(expected));
  });
});
