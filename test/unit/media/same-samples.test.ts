import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';
import { MediaParser } from '../../../src/media/media-parser';
import { joinBytes, parsePieces } from '../../support/container-parser-contract';
import { fixture, recording } from '../../support/recording';

/** A sample as a reader that isn't ours sees it. */
interface Sample {
  readonly time: number;
  readonly keyframe: boolean;
  readonly data: string;
}

/** All samples of the video and audio tracks, by kind and number. */
async function samplesOf(bytes: Uint8Array): Promise<Record<string, Sample[]>> {
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) });
  const tracks: Record<string, Sample[]> = {};
  for (const track of [...(await input.getVideoTracks()), ...(await input.getAudioTracks())]) {
    const samples: Sample[] = [];
    for await (const packet of new EncodedPacketSink(track).packets()) {
      const data = createHash('md5').update(packet.data).digest('hex');
      samples.push({ time: Math.round(packet.timestamp * 1e6), keyframe: packet.type === 'key', data });
    }
    tracks[`${track.type} ${track.id}`] = samples;
  }
  return tracks;
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
    expect(given).toEqual(expected);
  });
});
