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

/** Raw frames or sound of a track, of which so many may wait. @throws Error if `hasRawTracks` isn't so. */
export function rawTrack(track: MediaStreamTrack, maxBufferSize: number): ReadableStream<never> {
  const Processor = processor();
  if (Processor === undefined) throw new Error('This browser gives no raw frames of tracks');
  return new Processor({ track, maxBufferSize }).readable;
}

/** Raw frames and sound of a stream's first tracks that haven't ended: browsers refuse to read the others. @throws Error if `hasRawTracks` isn't so. */
export function rawTracks(stream: MediaStream): RawTracks {
  const [video, audio] = [stream.getVideoTracks(), stream.getAudioTracks()].map((tracks) => tracks.find(({ readyState }) => readyState === 'live'));
  return { video: video && rawTrack(video, FRAMES), audio: audio && rawTrack(audio, SOUNDS) };
}

/** Hands on what a track gives, until it is refused, which closes it, or the track is gone. What `take` throws is thrown on. */
export async function readRaw<Raw extends { close(): void }>(reader: ReadableStreamDefaultReader<Raw>, take: (raw: Raw) => boolean): Promise<void> {
  for (;;) {
    // Some tracks fail at their end. Whoever has the track tells that.
    const raw = await reader.read().then(
      ({ value }) => value,
      () => undefined,
    );
    if (raw === undefined) break;
    if (!take(raw)) {
      raw.close();
      break;
    }
  }
  void reader.cancel().catch(() => undefined);
}
