/** A track of a browser's camera, microphone or screen, which the test can take away. */
export class FakeTrack extends EventTarget {
  readonly kind: 'audio' | 'video';
  readonly deviceId: string;
  readyState: 'live' | 'ended' = 'live';
  enabled = true;

  constructor(kind: 'audio' | 'video', deviceId: string) {
    super();
    this.kind = kind;
    this.deviceId = deviceId;
  }

  getSettings(): MediaTrackSettings {
    return { deviceId: this.deviceId, ...(this.kind === 'video' && { width: 1280, height: 720 }) };
  }

  /** As the page does it: without an event. */
  stop(): void {
    this.readyState = 'ended';
  }

  /** As a device does it that is unplugged. */
  unplug(): void {
    this.stop();
    this.dispatchEvent(new Event('ended'));
  }
}

/** A browser's MediaStream, which Node doesn't have. */
export class FakeStream {
  readonly #tracks: readonly FakeTrack[];

  constructor(tracks: readonly FakeTrack[] = []) {
    this.#tracks = tracks;
  }

  getTracks(): readonly FakeTrack[] {
    return this.#tracks;
  }

  getVideoTracks(): readonly FakeTrack[] {
    return this.#tracks.filter(({ kind }) => kind === 'video');
  }

  getAudioTracks(): readonly FakeTrack[] {
    return this.#tracks.filter(({ kind }) => kind === 'audio');
  }
}

/** A browser's `navigator.mediaDevices`. What it is asked for is kept; what `faults` names can't be opened. */
export class FakeDevices {
  readonly asked: MediaStreamConstraints[] = [];
  readonly given: FakeTrack[] = [];
  readonly #faults: { readonly video?: string; readonly audio?: string; readonly screen?: string };
  readonly #kinds: readonly MediaDeviceKind[];

  constructor(faults: { video?: string; audio?: string; screen?: string } = {}, kinds: readonly MediaDeviceKind[] = ['videoinput', 'audioinput']) {
    this.#faults = faults;
    this.#kinds = kinds;
  }

  enumerateDevices(): Promise<{ kind: MediaDeviceKind }[]> {
    return Promise.resolve(this.#kinds.map((kind) => ({ kind })));
  }

  getUserMedia(constraints: MediaStreamConstraints): Promise<FakeStream> {
    this.asked.push(constraints);
    const { video, audio } = constraints;
    return this.#give([...(video === undefined ? [] : ['video' as const]), ...(audio === undefined ? [] : ['audio' as const])], { video: this.#faults.video, audio: this.#faults.audio });
  }

  getDisplayMedia(): Promise<FakeStream> {
    return this.#give(['video'], { video: this.#faults.screen, audio: undefined });
  }

  #give(kinds: readonly ('video' | 'audio')[], faults: Record<'video' | 'audio', string | undefined>): Promise<FakeStream> {
    const fault = kinds.map((kind) => faults[kind]).find((name) => name !== undefined);
    if (fault !== undefined) return Promise.reject(new DOMException('', fault));
    const tracks = kinds.map((kind) => new FakeTrack(kind, `some ${kind}`));
    this.given.push(...tracks);
    return Promise.resolve(new FakeStream(tracks));
  }
}
