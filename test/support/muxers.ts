import { ALL_FORMATS, BufferSource, Conversion, Input, Mp4OutputFormat, Output, StreamTarget, WebMOutputFormat, type OutputFormat } from 'mediabunny';
import { createFile, MP4BoxBuffer } from 'mp4box';
import { joinBytes } from './container-parser-contract';

/** Fragmented MP4 by mediabunny, with half a second a fragment, of the tracks of `media`. */
export async function mediabunnyMp4(media: Uint8Array): Promise<Uint8Array> {
  return convert(media, new Mp4OutputFormat({ fastStart: 'fragmented', minimumFragmentDuration: 0.5 }));
}

/** WebM by mediabunny, as for a stream that can't be sought in. */
export async function mediabunnyWebm(media: Uint8Array): Promise<Uint8Array> {
  return convert(media, new WebMOutputFormat({ appendOnly: true, minimumClusterDuration: 0.5 }));
}

/** Passes all packets on without decoding them, in the order in which the muxer writes. */
async function convert(media: Uint8Array, format: OutputFormat): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let end = 0;
  const writable = new WritableStream<{ data: Uint8Array; position: number }>({
    write: ({ data, position }) => {
      if (position !== end) throw new Error(`mediabunny goes back to byte ${position}`);
      end += data.length;
      pieces.push(data.slice());
    },
  });
  const input = new Input({ source: new BufferSource(media), formats: ALL_FORMATS });
  const conversion = await Conversion.init({ input, output: new Output({ format, target: new StreamTarget(writable) }) });
  await conversion.execute();
  return joinBytes(pieces);
}

/** An init segment and fragments of 15 samples by mp4box.js, of the tracks of a plain MP4. Like all its segmentation, one track a `moof`. */
export function mp4boxFragments(media: Uint8Array): Uint8Array {
  const file = createFile();
  const pieces: Uint8Array[] = [];
  file.onReady = ({ tracks }) => {
    for (const { id } of tracks) file.setSegmentOptions(id, undefined, { nbSamples: 15 });
    pieces.push(new Uint8Array(file.initializeSegmentation().buffer));
    file.start();
  };
  file.onSegment = (_id, _user, buffer) => pieces.push(new Uint8Array(buffer));
  file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(media.slice().buffer, 0));
  file.flush();
  return joinBytes(pieces);
}
