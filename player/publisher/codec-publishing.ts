import { EngineLink } from './engine-link';
import type { EngineSetup } from './engine-message';
import type { VideoSettings } from './publisher-options';
import type { HearPublishing, Publishing } from './publishing';
import { rawTracks } from './raw-tracks';

/** Publishes by WebCodecs: raw frames go to an engine, which encodes and sends them. */
export class CodecPublishing implements Publishing {
  readonly #setup: EngineSetup;
  readonly #link: EngineLink;

  constructor(setup: EngineSetup, hear: HearPublishing) {
    this.#setup = setup;
    this.#link = new EngineLink((event) => {
      if (event.type === 'ready') return;
      // A worker is closed behind its last word.
      if (event.type === 'error' || (event.type === 'state' && event.state === 'ended')) this.#link.close();
      hear(event);
    });
  }

  start(stream: MediaStream): void {
    this.#link.send({ type: 'open', setup: this.#setup, tracks: rawTracks(stream) });
  }

  replace(stream: MediaStream): Promise<void> {
    this.#link.send({ type: 'tracks', tracks: rawTracks(stream) });
    return Promise.resolve();
  }

  setVideo(video: VideoSettings): Promise<void> {
    this.#link.send({ type: 'video', video });
    return Promise.resolve();
  }

  stop(): void {
    this.#link.send({ type: 'stop' });
  }
}
