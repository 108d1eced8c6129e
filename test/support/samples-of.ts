import { createHash } from 'node:crypto';
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';

/** A sample as a reader that isn't ours sees it. */
export interface Sample {
  /** Seconds from the first of any track on: edit lists may begin before 0, and what Sluice writes can't. */
  readonly time: number;
  readonly keyframe: boolean;
  readonly data: string;
}

/** All samples of the video and audio tracks, by kind and number. */
export async function samplesOf(bytes: Uint8Array): Promise<Record<string, Sample[]>> {
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) });
  const all = [...(await input.getVideoTracks()), ...(await input.getAudioTracks())];
  const first = Math.min(...(await Promise.all(all.map((track) => track.getFirstTimestamp()))));
  const tracks: Record<string, Sample[]> = {};
  for (const track of all) {
    const samples: Sample[] = [];
    for await (const packet of new EncodedPacketSink(track).packets()) {
      const data = createHash('md5').update(packet.data).digest('hex');
      samples.push({ time: packet.timestamp - first, keyframe: packet.type === 'key', data });
    }
    tracks[`${track.type} ${track.id}`] = samples;
  }
  return tracks;
}
