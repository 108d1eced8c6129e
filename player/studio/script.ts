import { setMixerWorker } from './mixed-picture';
import MixerWorker from './mixer-worker?worker&inline';
import { SluiceStudioElement } from './sluice-studio';

export { SluiceStudioElement };

setMixerWorker(() => new MixerWorker());
