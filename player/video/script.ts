import { setFeedScript } from './feed-link';
import { serveFeed, type WorkerScope } from './feed-worker';
import { SluiceVideoElement } from './sluice-video';

export { SluiceVideoElement };

/**
 * The names of the built script. Under another name it is part of a larger one, which no worker should run: who bundles it tells by
 * `SluiceVideoElement.workerScript` where a copy of it lies.
 */
const OWN_NAME = /\/sluice-video(\.iife)?\.js([?#].*)?$/;

// The same file is page and worker: nothing can be out of step, and the worker comes from the cache.
// On a server, where pages are rendered, there is neither, and nothing is to be done.
if ('WorkerGlobalScope' in globalThis) serveFeed(globalThis as unknown as WorkerScope);
else if (typeof document !== 'undefined') {
  const url = import.meta.url;
  if (OWN_NAME.test(url)) setFeedScript(url);
}
