/** A browser's MediaRecorder whose pieces the test hands out. */
export class FakeRecorder {
  readonly stream: MediaStream;
  readonly options: MediaRecorderOptions;
  state: 'inactive' | 'recording' = 'inactive';
  timeslice: number | undefined;
  ondataavailable: ((event: { data: Blob }) => void) | null = null;
  onstop: (() => void) | null = null;
  onerror: ((event: { error: unknown }) => void) | null = null;

  constructor(stream: MediaStream, options: MediaRecorderOptions) {
    this.stream = stream;
    this.options = options;
  }

  start(timeslice: number): void {
    this.state = 'recording';
    this.timeslice = timeslice;
  }

  /** The end comes later, by `flush`, as it does in a browser. */
  stop(): void {
    this.state = 'inactive';
  }

  /** A piece of `size` bytes comes out. */
  give(size: number): void {
    this.ondataavailable?.({ data: new Blob([new Uint8Array(size)]) });
  }

  /** The last piece comes out, and the recorder has stopped, by itself or as asked. */
  flush(size = 1): void {
    this.state = 'inactive';
    this.give(size);
    this.onstop?.();
  }

  /** Something is wrong with what is recorded: the recorder gives up. */
  fail(error: Error): void {
    this.onerror?.({ error });
    this.flush();
  }
}
