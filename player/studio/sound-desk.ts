/** What the page does with sound: mixes it, measures it, and makes silence. The audio context is made at the first use. */
export class SoundDesk {
  #context: AudioContext | undefined;

  /** Lets sound flow: browsers hold it until the visitor has touched the page. */
  wake(): void {
    if (this.#context?.state === 'suspended') void this.#context.resume();
  }

  /** One track of all, of which nothing stops while they go on; the track itself if it is the only one. */
  mix(tracks: readonly MediaStreamTrack[]): MediaStreamTrack | undefined {
    if (tracks.length < 2) return tracks[0];
    const { context, destination, track } = this.#output();
    for (const input of tracks) context.createMediaStreamSource(new MediaStream([input])).connect(destination);
    return track;
  }

  /** A track of silence. */
  silence(): MediaStreamTrack | undefined {
    return this.#output().track;
  }

  /** Reads how loud a track is just now: 0 to 1, in steps that the ear takes as even; undefined while the browser lets no sound flow. */
  level(track: MediaStreamTrack): () => number | undefined {
    const context = this.#running();
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    return () => {
      if (context.state !== 'running') return undefined;
      analyser.getFloatTimeDomainData(samples);
      return loudness(samples);
    };
  }

  /** Lets go of the audio context. */
  close(): void {
    if (this.#context !== undefined && this.#context.state !== 'closed') void this.#context.close();
  }

  #output(): { context: AudioContext; destination: MediaStreamAudioDestinationNode; track: MediaStreamTrack | undefined } {
    const context = this.#running();
    const destination = context.createMediaStreamDestination();
    return { context, destination, track: destination.stream.getAudioTracks()[0] };
  }

  #running(): AudioContext {
    this.#context ??= new AudioContext();
    this.wake();
    return this.#context;
  }
}

/** Of samples from -1 to 1: 0 at -60 dB, 1 at full scale. */
export function loudness(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  if (power === 0) return 0;
  return Math.min(1, Math.max(0, 1 + (10 * Math.log10(power)) / 60));
}
