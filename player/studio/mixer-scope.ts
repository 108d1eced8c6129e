import type { Corner } from './picture-layout';
import { type MixerInput, PictureMixer } from './picture-mixer';

/** What the page tells the worker. */
export type MixerMessage =
  | { readonly type: 'open'; readonly input: MixerInput }
  | { readonly type: 'corner'; readonly corner: Corner }
  | { readonly type: 'close' };

/** A worker's global scope, as much of it as is needed here. */
interface MixerScope {
  postMessage(message: 'ready'): void;
  onmessage: ((event: MessageEvent<MixerMessage>) => void) | null;
  close(): void;
}

/** Serves one mixer for the page, which hears when it is ready. */
export function serveMixer(scope: MixerScope): void {
  let mixer: PictureMixer | undefined;
  scope.onmessage = ({ data }) => {
    switch (data.type) {
      case 'open':
        mixer = new PictureMixer(data.input);
        return;
      case 'corner':
        if (mixer !== undefined) mixer.corner = data.corner;
        return;
      case 'close':
        mixer?.close();
        scope.close();
        return;
      default:
        data satisfies never;
    }
  };
  scope.postMessage('ready');
}
