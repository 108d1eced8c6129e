import type { EngineCommand, EngineEvent } from './engine-message';
import { PublishEngine } from './publish-engine';

/** What is needed of a worker's global scope. */
interface EngineScope {
  onmessage: ((event: MessageEvent<EngineCommand>) => void) | null;
  postMessage(message: EngineEvent): void;
}

/** Runs an engine in this worker, for the page that has made it. */
export function serveEngine(scope: EngineScope): void {
  const engine = new PublishEngine({ tell: (event) => scope.postMessage(event) });
  scope.onmessage = ({ data }) => engine.take(data);
  scope.postMessage({ type: 'ready' });
}
