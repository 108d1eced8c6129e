import { Backoff } from '../net/backoff';
import type { ErrorEvent } from '../../src/protocol/watch-message';
import { CaptureClock } from './capture-clock';
import { fittingSize } from './codec-choice';
import type { EngineCommand, EngineEvent, EngineSetup, RawTracks } from './engine-message';
import { FrameMeter } from './frame-meter';
import { FramePacer } from './frame-pacer';
import { type EncodedPicture, LiveMuxer } from './live-muxer';
import { type CreateVideoEncoder, PictureEncoder } from './picture-encoder';
import { type ConnectionEnd, PublishConnection } from './publish-connection';
import type { VideoSettings } from './publisher-options';
import type { PublisherErrorCode, PublisherState, PublisherStats, WarningCode } from './publisher-state';
import { readRaw } from './raw-tracks';
import { RelayClock } from './relay-clock';
import { SoundEncoder, type SoundEncoderOptions } from './sound-encoder';
import { UploadController } from './upload-controller';
import { UploadMeter } from './upload-meter';

/** How often the engine looks how it gets on, and tells it, ms. */
const TICK = 250;
/** How often the relay is told when something was captured, and asked for its time, ms. */
const CLOCK_PACE = 1_000;
/** How long encoding goes on without a connection, ms. */
const OUTAGE = 5_000;
/** What the upload carries is seen by so much of what arrived, ms: more would tell of the time before it was slow. */
const CARRIED_SPAN = 1_250;
/** A connection in which nothing has moved for so long is given up, ms. */
const STANDSTILL = 3_000;
/** So far behind, what waits is given up, however it moves, ms. */
const TOO_LATE = 6_000;
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

export interface EngineHost {
  readonly tell: (event: EngineEvent) => void;
  /** Make what the browser has; replaced in tests. */
  readonly connect?: (url: string) => WebSocket;
  readonly createVideo?: CreateVideoEncoder;
  readonly createAudio?: NonNullable<SoundEncoderOptions['create']>;
  readonly backoff?: Backoff;
}

/**
 * Encodes frame by frame and sends, in a worker where it can, so that a busy page drops nothing. Keeps the connection until it is
 * stopped: a lost one is made again, and viewers go on with a keyframe, in the next epoch.
 */
export class PublishEngine {
  readonly #host: EngineHost;
  readonly #backoff: Backoff;
  readonly #base = performance.now();
  readonly #relayClock = new RelayClock();
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
  #connection: PublishConnection | undefined;
  #ready = false;
  #meter = new UploadMeter();
  #lostAt: number | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #failures: number[] = [];
  #keyAt = -Infinity;
  #clockAt = -Infinity;
  #pingAt = -Infinity;
  #codec = '';
  #viewers = 0;
  #latency: number | undefined;
  #dropped = 0;
  #slowFrames = 0;

  constructor(host: EngineHost) {
    this.#host = host;
    this.#backoff = host.backoff ?? new Backoff();
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
    this.#ticker = setInterval(() => this.#tick(performance.now()), TICK);
    this.#connect();
  }

  #setTracks({ video, audio }: RawTracks): void {
    const turn = ++this.#turn;
    const hasSound = audio !== undefined && this.#setup?.codecs.sound !== undefined;
    if (audio !== undefined && !hasSound) this.#warn('no-sound', 'This browser cannot encode the sound: only the picture is sent');
    const old = this.#muxer;
    if (hasSound !== this.#hasSound || video === undefined || !old.begun) this.#muxer = new LiveMuxer({ video: video !== undefined, audio: hasSound });
    this.#hasSound = hasSound;
    this.#dropSound();
    this.#picture?.wantKey();
    if (video !== undefined) void this.#read(video, turn, this.#frameTaker());
    if (hasSound) void this.#read(audio, turn, this.#soundTaker());
    else void audio?.cancel();
  }

  /** Hands on what comes, until other tracks were given. */
  #read<Raw extends { close(): void }>(stream: ReadableStream<Raw>, turn: number, take: (raw: Raw) => void): Promise<void> {
    return readRaw(stream.getReader(), (raw) => {
      if (turn !== this.#turn) return false;
      take(raw);
      return true;
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
    const paused = this.#lostAt !== undefined && now - this.#lostAt > OUTAGE;
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
    this.#tellClock(captured, now);
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
          sound: (packet) => this.#send(this.#muxer.sound(packet)),
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
    else this.#warn('encoder-restarted', 'The encoder failed, and was made anew');
  }

  #sendPicture(picture: EncodedPicture): void {
    if (!this.#ready) {
      // Before the first connection nothing is lost that anybody could have seen.
      if (this.#lostAt !== undefined) this.#dropped++;
      return;
    }
    const bytes = this.#muxer.picture(picture);
    if (bytes.length > 0) this.#frames.count(performance.now());
    this.#send(bytes);
    if (!this.#muxer.begun) this.#picture?.wantKey();
  }

  #send(pieces: readonly Uint8Array[]): void {
    if (!this.#ready) return;
    const now = performance.now();
    for (const piece of pieces) {
      this.#connection?.send(piece as Uint8Array<ArrayBuffer>);
      this.#meter.send(piece.length, now);
    }
  }

  #tellClock(captured: number, now: number): void {
    const wall = this.#relayClock.wall(captured);
    if (wall === undefined || !this.#ready || !this.#muxer.begun || now - this.#clockAt < CLOCK_PACE) return;
    this.#clockAt = now;
    this.#connection?.tell({ type: 'clock', media: (captured - this.#base) / 1000, wall });
  }

  #connect(): void {
    if (this.#setup === undefined) return;
    this.#meter = new UploadMeter();
    this.#ready = false;
    this.#connection = new PublishConnection(
      this.#setup.url,
      {
        ready: () => this.#begin(),
        live: (codec) => this.#live(codec),
        received: (bytes, viewers, latency) => {
          this.#viewers = viewers;
          this.#latency = latency === undefined ? undefined : latency * 1000;
          this.#meter.receive(bytes, performance.now());
        },
        keyframe: () => this.#keyframe(),
        pong: (id, wall) => this.#relayClock.answer(id, wall, performance.now()),
        closed: (end) => this.#closed(end),
      },
      this.#host.connect,
    );
  }

  /** The relay listens: the next keyframe begins. */
  #begin(): void {
    if (this.#lostAt !== undefined) {
      // Another epoch: its sound begins where its picture does.
      this.#dropSound();
      this.#soundEnd = undefined;
    }
    this.#ready = true;
    this.#lostAt = undefined;
    this.#clockAt = -Infinity;
    this.#muxer.restart();
    this.#controller.reconnected();
    this.#picture?.wantKey();
    this.#ping();
  }

  #live(codec: string): void {
    this.#codec = codec;
    this.#backoff.reset();
    if (!this.#isOver) this.#enter('live');
  }

  #keyframe(): void {
    const now = performance.now();
    if (now - this.#keyAt < KEY_PACE) return;
    this.#keyAt = now;
    this.#picture?.wantKey();
  }

  #closed(end: ConnectionEnd): void {
    this.#connection = undefined;
    this.#ready = false;
    if (end.kind === 'ended' || this.#isOver) this.#end('ended');
    else if (end.kind === 'refused') this.#fail(end.error.code, end.error.message);
    else this.#lost(end.error);
  }

  #lost(error?: ErrorEvent): void {
    const now = performance.now();
    this.#connection?.discard();
    this.#connection = undefined;
    this.#ready = false;
    this.#lostAt ??= now;
    if (this.#state === 'live') this.#enter('reconnecting');
    if (error === undefined) this.#warn('connection-lost', 'The connection to the relay is lost, and is made again');
    else this.#warn('relay-busy', error.message);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#connect(), (error?.retryAfter ?? 0) * 1000 + this.#backoff.next());
  }

  #tick(now: number): void {
    if (this.#ready) {
      if (now - this.#pingAt >= CLOCK_PACE) this.#ping();
      this.#watchUpload(now);
    }
    if (this.#slowFrames > SLOW_FRAMES) this.#warn('encoder-slow', 'This computer cannot encode as many frames as come: choose a smaller picture, or close other programs');
    this.#slowFrames = 0;
    this.#host.tell({ type: 'stats', stats: this.#stats(now) });
  }

  #ping(): void {
    const now = performance.now();
    this.#pingAt = now;
    this.#connection?.tell({ type: 'ping', id: this.#relayClock.ask(now) });
  }

  #watchUpload(now: number): void {
    const behind = this.#meter.behind(now);
    const before = this.#controller.bitrate;
    this.#controller.see({ now, lag: behind - (this.#relayClock.roundTrip ?? 0), received: this.#meter.bitrate(now, CARRIED_SPAN) });
    if (this.#controller.bitrate < before) this.#warn('upload-slow', 'The upload is too slow: the picture is lowered until there is room again');
    if (behind > TOO_LATE || (behind > STANDSTILL && !this.#meter.moves(now, STANDSTILL))) this.#lost();
  }

  #setVideo(video: VideoSettings): void {
    if (this.#setup === undefined) return;
    this.#setup = { ...this.#setup, video };
    this.#controller.want(video.bitrate);
  }

  async #stop(): Promise<void> {
    if (this.#isOver) return;
    this.#turn++;
    clearTimeout(this.#retry);
    await Promise.all([this.#picture?.flush(), this.#sound?.flush()]);
    if (this.#connection === undefined) this.#end('ended');
    else this.#connection.end();
  }

  #fail(code: PublisherErrorCode, message: string): void {
    this.#end('failed');
    this.#host.tell({ type: 'error', error: { code, message } });
  }

  #end(state: 'ended' | 'failed'): void {
    if (this.#isOver) return;
    this.#turn++;
    clearTimeout(this.#retry);
    clearInterval(this.#ticker);
    this.#enter(state);
    this.#connection?.discard();
    this.#picture?.close();
    this.#sound?.close();
  }

  get #isOver(): boolean {
    return this.#state === 'ended' || this.#state === 'failed';
  }

  #stats(now: number): PublisherStats {
    return {
      encoder: 'webcodecs',
      codec: this.#codec,
      bitrate: this.#meter.bitrate(now),
      targetBitrate: this.#controller.bitrate,
      frameRate: this.#frames.rate(now),
      droppedFrames: this.#dropped,
      lag: this.#meter.behind(now),
      roundTrip: this.#relayClock.roundTrip,
      viewers: this.#viewers,
      ...(this.#latency !== undefined && { latency: this.#latency }),
    };
  }

  #warn(code: WarningCode, message: string): void {
    const now = performance.now();
    if (now - (this.#warned.get(code) ?? -Infinity) < WARNING_PACE) return;
    this.#warned.set(code, now);
    this.#host.tell({ type: 'warning', warning: { code, message } });
  }

  #enter(state: PublisherState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#host.tell({ type: 'state', state });
  }
}
