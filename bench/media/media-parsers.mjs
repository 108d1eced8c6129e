import { createRequire } from 'node:module';
import { BufferSource, EncodedPacketSink, Input, WEBM } from 'mediabunny';
import { createFile, MP4BoxBuffer } from 'mp4box';
import { built } from '../../scripts/built.mjs';

/** @typedef {import('./media-streams.mjs').Stream} Stream */

/**
 * Takes a whole stream, and says how many chunks, fragments or packets it gave.
 * @typedef {(stream: Stream) => number | Promise<number>} Contestant
 */

const load = createRequire(import.meta.url);
/** @type {new () => import('node:stream').Transform} */
const Mp4Frag = load('mp4frag');
/**
 * @type {{
 *   EbmlStreamDecoder: new (options: object) => { push(tag: { id: number }): boolean, _transform(piece: Uint8Array, encoding: string, done: () => void): void },
 *   EbmlTagId: Readonly<Record<string, number>>,
 * }}
 */
const { EbmlStreamDecoder, EbmlTagId } = load('ebml-stream');
/** @type {{ MediaParser: typeof import('../../src/media/media-parser.js').MediaParser }} */
const { MediaParser } = built('media/media-parser');

/** Ours. @type {Contestant} */
export function sluice({ pieces }) {
  let count = 0;
  const parser = new MediaParser({ init: () => undefined, chunk: () => count++ });
  for (const piece of pieces) parser.push(piece);
  parser.finish();
  return count;
}

/** What memory allows: joins what arrives, and copies each chunk, whose size it is told. @type {Contestant} */
export function copyLoop({ pieces, sizes }) {
  let rest = Buffer.alloc(0);
  let chunk = 0;
  let copied = 0;
  for (const piece of pieces) {
    rest = Buffer.concat([rest, piece]);
    for (let size = sizes[chunk]; size !== undefined && size <= rest.length; size = sizes[++chunk]) {
      const copy = Buffer.allocUnsafeSlow(size);
      copied += rest.copy(copy, 0, 0, size) > 0 ? 1 : 0;
      rest = rest.subarray(size);
    }
  }
  return copied - 1;
}

/** Called without the stream around it, which favours it. A fragment that lies in one read isn't copied. @type {Contestant} */
export function mp4frag({ pieces }) {
  let count = 0;
  const parser = new Mp4Frag();
  parser.on('segment', () => count++);
  for (const piece of pieces) parser._transform(piece, 'binary', ignore);
  return count;
}

/** With a copy of each fragment, as whoever adds a frame's header or reuses what a socket read into needs it. @type {Contestant} */
export function mp4fragCopying({ pieces }) {
  let copied = 0;
  const parser = new Mp4Frag();
  parser.on('segment', (/** @type {{ segment: Buffer }} */ { segment }) => {
    const copy = Buffer.allocUnsafe(segment.length);
    copied += segment.copy(copy) > 0 ? 1 : 0;
  });
  for (const piece of pieces) parser._transform(piece, 'binary', ignore);
  return copied;
}

/** Reads fragments, and keeps all it has read. @type {Contestant} */
export function mp4boxKeeping(stream) {
  const file = createFile(false);
  appendAll(file, stream);
  return file.moofs.length;
}

/** Hands samples out and is told to let go of them, as it is used for live streams. @type {Contestant} */
export function mp4boxTrimmed(stream) {
  const file = createFile(true);
  let count = 0;
  file.onReady = ({ tracks }) => {
    for (const { id } of tracks) file.setExtractionOptions(id, undefined, { nbSamples: 30 });
    file.start();
  };
  file.onSamples = (id, _user, samples) => {
    count += samples.length;
    file.releaseUsedSamples(id, (samples.at(-1)?.number ?? 0) + 1);
  };
  appendAll(file, stream);
  return count;
}

/**
 * @param {import('mp4box').ISOFile} file
 * @param {Stream} stream
 */
function appendAll(file, { pieces }) {
  let at = 0;
  for (const piece of pieces) {
    // It keeps what it is given, so it has to be given a copy.
    const copy = new Uint8Array(piece);
    file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(copy.buffer, at));
    at += piece.length;
  }
}

/** Called without the stream around it, which favours it. @type {Contestant} */
export function ebmlStream({ pieces }) {
  let count = 0;
  const decoder = new EbmlStreamDecoder({ bufferTagIds: [] });
  decoder.push = (tag) => {
    if (tag.id === EbmlTagId.SimpleBlock) count++;
    return true;
  };
  for (const piece of pieces) decoder._transform(piece, 'buffer', ignore);
  return count;
}

/**
 * Is given the whole file at once: it pulls.
 * @param {Stream} stream
 */
export async function mediabunny({ pieces }) {
  const input = new Input({ formats: [WEBM], source: new BufferSource(new Uint8Array(Buffer.concat(pieces))) });
  const track = await input.getPrimaryVideoTrack();
  if (!track) throw new Error('mediabunny finds no video');
  let count = 0;
  for await (const packet of new EncodedPacketSink(track).packets()) if (packet.data.length > 0) count++;
  return count;
}

function ignore() {
  // Nobody waits for it.
}
