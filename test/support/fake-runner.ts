import type { FfmpegJob } from '../../src/ffmpeg/ffmpeg-job';
import type { FfmpegError, FfmpegExit, FfmpegProcess, FfmpegRunner } from '../../src/ffmpeg/ffmpeg-runner';
import type { InputMedia } from '../../src/ffmpeg/input-media';
import type { SourceInput } from '../../src/ffmpeg/source-input';

/** An ffmpeg that does what the test says. */
export class FakeProcess implements FfmpegProcess {
  readonly ended: Promise<FfmpegExit>;
  /** Gives output. */
  readonly give: (bytes: Uint8Array) => void;
  /** Prints a line. */
  readonly print: (line: string) => void;
  /** Ends the process. */
  end!: (how?: Partial<FfmpegExit>) => void;
  stops = 0;

  constructor(take: (bytes: Uint8Array) => void, printed: (line: string) => void = () => undefined) {
    this.give = take;
    this.print = printed;
    this.ended = new Promise((resolve) => {
      this.end = (how) => resolve({ clean: false, lines: [], ...how });
    });
  }

  stop(): void {
    this.stops++;
  }
}

/** Runs no ffmpeg, and notes what should run. */
export class FakeRunner implements FfmpegRunner {
  readonly jobs: FfmpegJob[] = [];
  readonly processes: FakeProcess[] = [];
  /** What every input has, or why it can't be read. */
  media: InputMedia | FfmpegError = {
    finite: false,
    video: { index: 0, codec: 'h264', playable: true, inMp4: true },
    audio: { index: 1, codec: 'aac', playable: true, inMp4: true },
  };
  probes = 0;
  /** Whether a probe waits until it is stopped. */
  stuck = false;

  /** The newest process. */
  get process(): FakeProcess {
    return this.processes.at(-1)!;
  }

  async probe(_input: SourceInput, signal: AbortSignal): Promise<InputMedia> {
    this.probes++;
    if (this.stuck) await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('Stopped'))));
    if (this.media instanceof Error) throw this.media;
    return this.media;
  }

  run(job: FfmpegJob, take: (bytes: Uint8Array) => void, printed?: (line: string) => void): FfmpegProcess {
    this.jobs.push(job);
    this.processes.push(new FakeProcess(take, printed));
    return this.process;
  }
}
