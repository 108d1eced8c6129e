import { setEngineScript } from '../publisher/engine-link';
import { setMixerWorker } from './mixed-picture';
import MixerWorker from './mixer-worker?worker&inline';
import { SluiceStudioElement } from './sluice-studio';

export { SluiceStudioElement };

setMixerWorker(() => new MixerWorker());
// The publisher's own file serves as its worker, and lies beside this one; without it, encoders run in the page.
setEngineScript(new URL(/* @vite-ignore */ 'sluice-publisher.js', import.meta.url).href);
