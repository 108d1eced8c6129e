import { WorkerLink } from '../net/worker-link';
import type { EngineCommand, EngineEvent } from './engine-message';
import { PublishEngine } from './publish-engine';

let script: string | undefined;

/** Says where the script is that a worker runs. Without it, engines run in the page. */
export function setEngineScript(url: string | undefined): void {
  script = url;
}

/** The way to an engine: one in a worker, or, where the page's policy forbids that, one in the page. */
export class EngineLink extends WorkerLink<EngineCommand, EngineEvent> {
  constructor(hear: (event: EngineEvent) => void) {
    super({ script, name: 'sluice-publisher', here: (tell) => new PublishEngine({ tell }), hear, transfer: streamsOf });
  }
}

/** Frames come straight to who has the stream: the page that gave it away has no part in it. */
function streamsOf(command: EngineCommand): Transferable[] {
  if (command.type !== 'open' && command.type !== 'tracks') return [];
  return [command.tracks.video, command.tracks.audio].filter((stream) => stream !== undefined);
}
