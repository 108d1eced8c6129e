import type { RawTracks } from './engine-message';

/** https://w3c.github.io/mediacapture-transform/#track-processor, in Chromium's form, which also takes sound, and in pages. */
type TrackProcessor = new (init: { track: MediaStreamTrack; maxBufferSize?: number }) => { readonly readable: ReadableStream<never> };

/** Frames that may wait to be read: more would only be late. */
const FRAMES = 3;
/** Pieces of sound that may wait: none is to be lost while the reader is busy. */
const SOUNDS = 50;

function processor(): TrackProcessor | undefined {
  return (globalThis as unknown as { MediaStreamTrackProcessor?: TrackProcessor }).MediaStreamTrackProcessor;
}

/** Whether this browser gives pages the raw frames of tracks. */
export function hasRawTracks(): boolean {
  return processor() !== undefined;
}

/** Raw frames and sound of a stream's first tracks. @throws Error if `hasRawTracks` isn't so. */
export function rawTracks(stream: MediaStream): RawTracks {
  const Processor = processor();
  if (Processor === undefined) throw new Error('This browser gives no raw frames of tracks');
  const read = (track: MediaStreamTrack | undefined, maxBufferSize: number): ReadableStream<never> | undefined => (track === undefined ? undefined : new Processor({ track, maxBufferSize }).readable);
  return { video: read(stream.getVideoTracks()[0], FRAMES), audio: read(stream.getAudioTracks()[0], SOUNDS) };
}
