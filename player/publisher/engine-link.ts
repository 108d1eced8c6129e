import { startWorker } from '../net/start-worker';
import type { EngineCommand, EngineEvent } from './engine-message';
import { PublishEngine } from './publish-engine';

/** How long a worker may be in coming, ms. */
const PATIENCE = 3_000;

let script: string | undefined;

/** Says where the script is that a worker runs. Without it, engines run in the page. */
export function setEngineScript(url: string | undefined): void {
  script = url;
}

/** The way to an engine: one in a worker, or, where the page's policy forbids that, one in the page. */
export class EngineLink {
  readonly #hear: (event: EngineEvent) => void;
  #worker: Worker | undefined;
  #engine: PublishEngine | undefined;
  /** What waits for the worker. */
  #waiting: EngineCommand[] = [];
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(hear: (event: EngineEvent) => void) {
    this.#hear = hear;
    this.#worker = script === undefined ? undefined : startWorker(script, 'sluice-publisher');
    if (this.#worker === undefined) {
      this.#goOnHere();
      return;
    }
    this.#worker.onmessage = ({ data }: MessageEvent<EngineEvent>) => (data.type === 'ready' ? this.#begin() : this.#hear(data));
    this.#worker.onerror = (event) => {
      event.preventDefault();
      if (this.#patience !== undefined) this.#goOnHere();
    };
    this.#patience = setTimeout(() => this.#goOnHere(), PATIENCE);
  }

  send(command: EngineCommand): void {
    if (this.#patience !== undefined) this.#waiting.push(command);
    else if (this.#engine !== undefined) this.#engine.take(command);
    else this.#worker?.postMessage(command, streamsOf(command));
  }

  /** Ends the worker, once its engine is over. May be called twice. */
  close(): void {
    clearTimeout(this.#patience);
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  #begin(): void {
    this.#stopWaiting();
  }

  #goOnHere(): void {
    this.close();
    this.#engine = new PublishEngine({ tell: this.#hear });
    this.#stopWaiting();
  }

  #stopWaiting(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    for (const command of this.#waiting.splice(0)) this.send(command);
  }
}

/** Frames come straight to who has the stream: the page that gave it away has no part in it. */
function streamsOf(command: EngineCommand): Transferable[] {
  if (command.type !== 'open' && command.type !== 'tracks') return [];
  return [command.tracks.video, command.tracks.audio].filter((stream) => stream !== undefined);
}
