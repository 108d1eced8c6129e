import { SingleBar } from 'cli-progress';
import { formatBitrate, formatTime, inputFields, inputLines } from './input-words';
import type { PushProgress, PushReport, Reporter } from './push-event';

/** Time between two lines of progress where there is no terminal, s. */
const LINE_INTERVAL = 10;

/** A line for all that happens, and one of progress every 10 s. */
export class LineReporter implements Reporter {
  readonly #write: (text: string) => void;
  #toldAt = 0;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  tell(report: PushReport): void {
    if (report.type === 'progress') {
      if (report.elapsed - this.#toldAt < LINE_INTERVAL) return;
      this.#toldAt = report.elapsed;
      this.#write(`${progressWords(report)}\n`);
    } else for (const line of words(report)) this.#write(`${line}\n`);
  }

  close(): void {
    // Nothing is held.
  }
}

/** A bar at the bottom of a terminal, and lines above it. */
export class BarReporter implements Reporter {
  readonly #stream: NodeJS.WriteStream;
  #bar: SingleBar | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  tell(report: PushReport): void {
    if (report.type === 'progress') {
      this.#show(report);
      return;
    }
    this.close();
    for (const line of words(report)) this.#stream.write(`${line}\n`);
  }

  /** The bar goes; it is drawn again with the next progress. */
  close(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }

  #show(progress: PushProgress): void {
    const { duration, time } = progress;
    const total = duration === undefined || duration === 0 ? 1 : duration;
    const payload = { words: progressWords(progress) };
    if (this.#bar === undefined) {
      this.#bar = new SingleBar({
        ...{ stream: this.#stream, clearOnComplete: true, hideCursor: true, stopOnComplete: false, barsize: 20, linewrap: false, gracefulExit: false },
        format: duration === undefined ? '{words}' : '{bar} {percentage} % | {words}',
        ...{ barCompleteChar: '█', barIncompleteChar: '░' },
      });
      this.#bar.start(total, Math.min(time, total), payload);
    } else this.#bar.update(Math.min(time, total), payload);
  }
}

/** A line of JSON for all that happens, and for each second. */
export class JsonReporter implements Reporter {
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  tell(report: PushReport): void {
    this.#write(`${JSON.stringify(report.type === 'input' ? { type: 'input', input: report.input, url: report.url, ...inputFields(report) } : report)}\n`);
  }

  close(): void {
    // Nothing is held.
  }
}

function progressWords({ state, time, duration, speed, bitrate, viewers, lag, dropped }: PushProgress): string {
  return [
    state,
    duration === undefined ? formatTime(time) : `${formatTime(time)} of ${formatTime(duration)}`,
    `${speed.toFixed(2)}x`,
    formatBitrate(bitrate),
    `${viewers} watching`,
    `lag ${lag.toFixed(1)} s`,
    ...(dropped > 0 ? [`${dropped.toFixed(1)} s dropped`] : []),
  ].join(' | ');
}

function words(report: Exclude<PushReport, PushProgress>): string[] {
  switch (report.type) {
    case 'input':
      return [`Publishing ${report.input} at ${report.url}`, ...inputLines(report)];
    case 'live':
      return [report.again ? 'Live again' : `Live: ${report.mime}`];
    case 'lost':
      return [`The relay is lost: ${report.reason}. Trying again in ${(report.wait / 1000).toFixed(1)} s`];
    case 'dropped':
      return [`Too slow: ${report.seconds.toFixed(1)} s dropped so far, in ${report.gops} piece${report.gops === 1 ? '' : 's'}; a lower --bitrate needs less`];
    case 'warning':
      return [report.message];
    case 'ended':
      return [report.reason];
    default:
      return report satisfies never;
  }
}
