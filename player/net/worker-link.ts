/** How long a worker may be in coming, ms. */
const PATIENCE = 3_000;

/** Does what it is told: in a worker, or here. */
export interface Servant<Command> {
  take(command: Command): void;
  close?(): void;
}

interface WorkerLinkOptions<Command, Event> {
  /** What the worker runs, which tells `ready` once it listens. Without it, all is done here. */
  readonly script: string | undefined;
  /** What debuggers call the worker. */
  readonly name: string;
  /** Makes what does the same here. */
  readonly here: (tell: (event: Event) => void) => Servant<Command>;
  readonly hear: (event: Event) => void;
  /** What of a command is given away to the worker. */
  readonly transfer?: (command: Command) => Transferable[];
}

/** The way to what works in a worker, or, where the page's policy forbids that or its script doesn't come, in the page. */
export class WorkerLink<Command, Event extends { readonly type: string }> {
  readonly #options: WorkerLinkOptions<Command, Event>;
  #worker: Worker | undefined;
  #here: Servant<Command> | undefined;
  /** What waits for the worker. */
  #waiting: Command[] = [];
  #patience: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: WorkerLinkOptions<Command, Event>) {
    this.#options = options;
    this.#worker = options.script === undefined ? undefined : startWorker(options.script, options.name);
    if (this.#worker === undefined) {
      this.#goOnHere();
      return;
    }
    this.#worker.onmessage = ({ data }: MessageEvent<Event>) => (data.type === 'ready' ? this.#stopWaiting() : this.#hear(data));
    this.#worker.onerror = (event) => {
      event.preventDefault();
      if (this.#patience !== undefined) this.#goOnHere();
    };
    this.#patience = setTimeout(() => this.#goOnHere(), PATIENCE);
  }

  /** Whether it is done in a worker. */
  get inWorker(): boolean {
    return this.#worker !== undefined;
  }

  send(command: Command): void {
    if (this.#patience !== undefined) this.#waiting.push(command);
    else if (this.#here !== undefined) this.#here.take(command);
    else this.#worker?.postMessage(command, this.#options.transfer?.(command) ?? []);
  }

  /** Ends it: nothing more is heard. May be called twice. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#patience);
    this.#patience = undefined;
    this.#waiting = [];
    this.#here?.close?.();
    this.#worker?.terminate();
    this.#here = this.#worker = undefined;
  }

  #hear(event: Event): void {
    if (!this.#closed) this.#options.hear(event);
  }

  #goOnHere(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#here = this.#options.here((event) => this.#hear(event));
    this.#stopWaiting();
  }

  #stopWaiting(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    for (const command of this.#waiting.splice(0)) this.send(command);
  }
}

/** Starts a script as a worker, from another origin too; undefined where the page's policy forbids it. */
function startWorker(url: string, name: string): Worker | undefined {
  const options = { type: 'module', name } as const;
  try {
    if (new URL(url).origin === location.origin) return new Worker(url, options);
    const address = URL.createObjectURL(new Blob([`import ${JSON.stringify(url)}`], { type: 'text/javascript' }));
    return new Worker(address, options);
  } catch {
    return undefined;
  }
}
