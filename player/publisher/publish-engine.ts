import type { Backoff } from '../../src/protocol/backoff';
import type { ErrorEvent } from '../../src/protocol/watch-message';
import { CaptureClock } from './capture-clock';
import type { EngineCommand, EngineEvent, EngineSetup, RawTracks } from './engine-message';
import { FrameMeter } from './frame-meter';
import { FramePacer } from './frame-pacer';
import { type EncodedPicture, type EncodedSound, LiveMuxer } from './live-muxer';
import { type CreateVideoEncoder, PictureEncoder } from './picture-encoder';
import { fittingSize } from './picture-size';
import type { VideoSettings } from './publisher-options';
import { lossWarning, type PublisherErrorCode, type PublisherState, type PublisherStats, type PublisherWarning, UPLOAD_SLOW, type WarningCode } from './publisher-state';
import { readRaw } from './raw-tracks';
import { SoundEncoder, type SoundEncoderOptions } from './sound-encoder';
import { Uplink } from './uplink';
import { UploadController, type UploadSight } from './upload-controller';

/** How often the engine looks how it gets on, and tells it, ms. */
const TICK = 250;
/** How long encoding goes on without a connection, ms. */
const OUTAGE = 5_000;
/** Sound that is behind the picture by so much isn't coming: silence stands in; and how far it reaches, seconds. */
const SOUND_LATE = 0.4;
const SOUND_REACH = 0.25;
/** So many failures of encoders within this time are too many, ms. */
const FAILURES = 3;
const FAILURE_SPAN = 10_000;
/** Keyframes on request are apart by so much, ms. */
const KEY_PACE = 500;
/** The same warning again is told after this time, ms. */
const WARNING_PACE = 10_000;
/** Of the frames in one tick, more than these left out by a slow encoder are told. */
const SLOW_FRAMES = 3;
const ENCODER_SLOW: PublisherWarning = { code: 'encoder-slow', message: 'This computer cannot encode as many frames as come: choose a smaller picture, or close other programs' };

interface EngineHost {
  readonly tell: (event: EngineEvent) => void;
  /** Make what the browser has; replaced in tests. */
  readonly connect?: (url: string) => WebSocket;
  readonly createVideo?: CreateVideoEncoder;
  readonly createAudio?: NonNullable<SoundEncoderOptions['create']>;
  readonly backoff?: Backoff;
}

/**
 * Encodes frame by frame and sends, in a worker where it can, so that a busy page drops nothing. Where a connection is made again,
 * viewers go on with a keyframe, in the next epoch.
 */
export class PublishEngine {
  readonly #host: EngineHost;
  readonly #base = performance.now();
  readonly #frames = new FrameMeter();
  readonly #pacer = new FramePacer();
  readonly #warned = new Map<WarningCode, number>();
  #setup: EngineSetup | undefined;
  #state: PublisherState = 'idle';
  /** Counts the tracks that were given: those of before are read no more. */
  #turn = 0;
  #hasSound = false;
  #muxer = new LiveMuxer({ video: true, audio: false });
  #controller = new UploadController(1);
  #picture: PictureEncoder | undefined;
  #sound: SoundEncoder | undefined;
  /** Up to where sound was encoded that went to this muxer, seconds: what follows is to join it. */
  #soundEnd: number | undefined;
  #uplink: Uplink | undefined;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #failures: number[] = [];
  #keyAt = -Infinity;
  #dropped = 0;
  #slowFrames = 0;

  constructor(host: EngineHost) {
    this.#host = host;
  }

  take(command: EngineCommand): void {
    switch (command.type) {
      case 'open':
        this.#open(command.setup, command.tracks);
        return;
      case 'tracks':
        this.#setTracks(command.tracks);
        return;
      case 'video':
        this.#setVideo(command.video);
        return;
      case 'stop':
        void this.#stop();
        return;
      default:
        command satisfies never;
    }
  }

  #open(setup: EngineSetup, tracks: RawTracks): void {
    this.#setup = setup;
    this.#controller = new UploadController(setup.video.bitrate);
    this.#enter('connecting');
    this.#setTracks(tracks);
    const uplink = this.#connect(setup.url);
    this.#uplink = uplink;
    this.#ticker = setInterval(() => this.#tick(uplink, performance.now()), TICK);
  }

  #setTracks({ video, audio }: RawTracks): void {
    const turn = ++this.#turn;
    const hasSound = audio !== undefined && this.#setup?.codecs.sound !== undefined;
    if (audio !== undefined && !hasSound) this.#warn({ code: 'no-sound', message: 'This browser cannot encode the sound: only the picture is sent' });
    const old = this.#muxer;
    if (hasSound !== this.#hasSound || video === undefined || !old.begun) this.#muxer = new LiveMuxer({ video: video !== undefined, audio: hasSound });
    this.#hasSound = hasSound;
    this.#dropSound();
    this.#picture?.wantKey();
    if (video !== undefined) this.#read(video, turn, this.#frameTaker());
    if (hasSound) this.#read(audio, turn, this.#soundTaker());
    else void audio?.cancel();
  }

  /** Hands on what comes, until other tracks were given. */
  #read<Raw extends { close(): void }>(stream: ReadableStream<Raw>, turn: number, take: (raw: Raw) => void): void {
    readRaw(stream.getReader(), (raw) => {
      if (turn !== this.#turn) return false;
      take(raw);
      return true;
    }).catch((error: unknown) => {
      // Nothing more is read: without an end it would be on air with nothing.
      if (!this.#isOver) this.#fail('encoder-failed', `Cannot encode what was captured: ${error instanceof Error ? error.message : String(error)}`);
    });
  }

  #frameTaker(): (frame: VideoFrame) => void {
    const clock = new CaptureClock();
    return (frame) => {
      const now = performance.now();
      this.#takeFrame(frame, clock.captured(frame.timestamp, now), now);
    };
  }

  #soundTaker(): (data: AudioData) => void {
    const clock = new CaptureClock();
    // A piece comes when its last sample is there.
    return (data) => this.#takeSound(data, clock.captured(data.timestamp, performance.now()) - (data.numberOfFrames / data.sampleRate) * 1000);
  }

  #takeFrame(frame: VideoFrame, captured: number, now: number): void {
    const { video } = this.#setup ?? {};
    const paused = now - (this.#uplink?.lostAt ?? now) > OUTAGE;
    if (video === undefined || paused || !this.#pacer.keep(captured, video.frameRate * this.#controller.frameShare)) {
      frame.close();
      return;
    }
    const picture = this.#pictureEncoder();
    if (picture === undefined || this.#controller.hold || picture.busy) {
      if (picture?.busy === true) this.#slowFrames++;
      this.#dropped++;
      frame.close();
      return;
    }
    const time = (captured - this.#base) / 1000;
    if (this.#hasSound) this.#coverSilence(time);
    if (this.#muxer.begun) this.#uplink?.tellClock({ media: time, captured }, now);
    const size = fittingSize({ width: frame.displayWidth, height: frame.displayHeight }, video);
    picture.encode(frame, time, { ...size, bitrate: this.#controller.bitrate, frameRate: video.frameRate });
  }

  #takeSound(data: AudioData, captured: number): void {
    const time = (captured - this.#base) / 1000;
    if (this.#sound?.takes(data) === false) this.#dropSound();
    this.#sound ??= this.#soundEncoder({ sampleRate: data.sampleRate, channels: data.numberOfChannels, start: time });
    if (this.#sound === undefined) data.close();
    else this.#sound.encode(data, time);
  }

  /** A microphone that gives nothing doesn't stop the picture. */
  #coverSilence(time: number): void {
    this.#sound ??= time > SOUND_LATE ? this.#soundEncoder({ sampleRate: 48_000, channels: 1, start: time - SOUND_REACH }) : undefined;
    if (this.#sound !== undefined && this.#sound.end < time - SOUND_LATE) this.#sound.fill(time - SOUND_REACH);
  }

  #pictureEncoder(): PictureEncoder | undefined {
    if (this.#setup === undefined || this.#isOver) return undefined;
    return (this.#picture ??= new PictureEncoder(
      this.#setup.codecs.picture,
      { picture: (picture) => this.#sendPicture(picture), failed: (error) => this.#encoderFailed(error, () => (this.#picture = undefined)) },
      this.#host.createVideo,
    ));
  }

  #soundEncoder(shape: Pick<SoundEncoderOptions, 'sampleRate' | 'channels' | 'start'>): SoundEncoder | undefined {
    const { codecs, audio } = this.#setup ?? {};
    if (codecs?.sound === undefined || audio === undefined || this.#isOver) return undefined;
    try {
      return new SoundEncoder(
        { ...shape, start: Math.max(0, this.#soundEnd ?? shape.start), codec: codecs.sound, bitrate: audio.bitrate, ...(this.#host.createAudio !== undefined && { create: this.#host.createAudio }) },
        {
          described: (description) => {
            const { begun } = this.#muxer;
            this.#muxer.describeSound(description);
            if (begun && !this.#muxer.begun) this.#picture?.wantKey();
          },
          sound: (packet) => this.#sendSound(packet),
          failed: (error) => this.#encoderFailed(error, () => this.#dropSound()),
        },
      );
    } catch (error) {
      this.#encoderFailed(error, () => undefined);
      return undefined;
    }
  }

  /** Another encoder takes the next sound, and joins it to what there is. */
  #dropSound(): void {
    this.#soundEnd = this.#sound?.end ?? this.#soundEnd;
    this.#sound?.close();
    this.#sound = undefined;
  }

  /** Another encoder takes the next frame, unless they fail again and again. */
  #encoderFailed(error: unknown, forget: () => void): void {
    forget();
    if (this.#isOver) return;
    const now = performance.now();
    this.#failures = [...this.#failures.filter((at) => at > now - FAILURE_SPAN), now];
    if (this.#failures.length > FAILURES) this.#fail('encoder-failed', `The encoder fails again and again: ${error instanceof Error ? error.message : String(error)}`);
    else this.#warn({ code: 'encoder-restarted', message: 'The encoder failed, and was made anew' });
  }

  #sendPicture(picture: EncodedPicture): void {
    const uplink = this.#uplink;
    if (uplink?.ready !== true) {
      // Before the first connection nothing is lost that anybody could have seen.
      if (uplink?.lostAt !== undefined) this.#dropped++;
      return;
    }
    const bytes = this.#muxer.picture(picture);
    if (bytes.length > 0) this.#frames.count(performance.now());
    uplink.send(bytes);
    if (!this.#muxer.begun) this.#picture?.wantKey();
  }

  #sendSound(packet: EncodedSound): void {
    this.#uplink?.send(this.#muxer.sound(packet));
  }

  #connect(url: string): Uplink {
    const { connect, backoff } = this.#host;
    return new Uplink(
      { url, connect, backoff },
      {
        ready: (again) => this.#begin(again),
        live: () => this.#live(),
        keyframe: () => this.#keyframe(),
        lost: (error) => this.#lost(error),
        over: (end) => {
          if (end.kind === 'refused') this.#fail(end.error.code, end.error.message);
          else this.#end('ended');
        },
      },
    );
  }

  /** The relay listens: the next keyframe begins. */
  #begin(again: boolean): void {
    if (again) {
      // Another epoch: its sound begins where its picture does.
      this.#dropSound();
      this.#soundEnd = undefined;
    }
    this.#muxer.restart();
    this.#controller.reconnected();
    this.#picture?.wantKey();
  }

  #live(): void {
    if (!this.#isOver) this.#enter('live');
  }

  #keyframe(): void {
    const now = performance.now();
    if (now - this.#keyAt < KEY_PACE) return;
    this.#keyAt = now;
    this.#picture?.wantKey();
  }

  #lost(error: ErrorEvent | undefined): void {
    if (this.#state === 'live') this.#enter('reconnecting');
    this.#warn(lossWarning(error));
  }

  #tick(uplink: Uplink, now: number): void {
    if (uplink.ready) this.#watchUpload(uplink.sight(now));
    uplink.look(now);
    if (this.#slowFrames > SLOW_FRAMES) this.#warn(ENCODER_SLOW);
    this.#slowFrames = 0;
    this.#host.tell({ type: 'stats', stats: this.#stats(uplink, now) });
  }

  #watchUpload(sight: UploadSight): void {
    const before = this.#controller.bitrate;
    this.#controller.see(sight);
    if (this.#controller.bitrate < before) this.#warn(UPLOAD_SLOW);
  }

  #setVideo(video: VideoSettings): void {
    if (this.#setup === undefined) return;
    this.#setup = { ...this.#setup, video };
    this.#controller.want(video.bitrate);
  }

  async #stop(): Promise<void> {
    if (this.#isOver) return;
    this.#turn++;
    await Promise.all([this.#picture?.flush(), this.#sound?.flush()]);
    this.#uplink?.end();
  }

  #fail(code: PublisherErrorCode, message: string): void {
    this.#end('failed');
    this.#host.tell({ type: 'error', error: { code, message } });
  }

  #end(state: 'ended' | 'failed'): void {
    if (this.#isOver) return;
    this.#turn++;
    clearInterval(this.#ticker);
    this.#enter(state);
    this.#uplink?.close();
    this.#picture?.close();
    this.#sound?.close();
  }

  get #isOver(): boolean {
    return this.#state === 'ended' || this.#state === 'failed';
  }

  #stats(uplink: Uplink, now: number): PublisherStats {
    return {
      encoder: 'webcodecs',
      targetBitrate: this.#controller.bitrate,
      frameRate: this.#frames.rate(now),
      droppedFrames: this.#dropped,
      ...uplink.figures(now),
    };
  }

  #warn(warning: PublisherWarning): void {
    const { code } = warning;
    const now = performance.now();
    if (now - (this.#warned.get(code) ?? -Infinity) < WARNING_PACE) return;
    this.#warned.set(code, now);
    this.#host.tell({ type: 'warning', warning });
  }

  #enter(state: PublisherState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#host.tell({ type: 'state', state });
  }
}
