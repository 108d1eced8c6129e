import { setEngineScript } from './engine-link';
import { serveEngine } from './engine-worker';
import { SluicePublisher } from './sluice-publisher';

export { setEngineScript, SluicePublisher };

/** The name of the built script. Under another one it is part of a larger one, which no worker should run. */
const OWN_NAME = /\/sluice-publisher\.js([?#].*)?$/;

// The same file is page and worker: nothing can be out of step, and the worker comes from the cache.
// On a server, where pages are rendered, there is neither, and nothing is to be done.
if ('WorkerGlobalScope' in globalThis) serveEngine(globalThis);
else if (typeof document !== 'undefined' && OWN_NAME.test(import.meta.url)) setEngineScript(import.meta.url);
