import { ERRORS } from '../../src/protocol/error-code';
import type { ErrorEvent } from '../../src/protocol/watch-message';

/** What is wrong, and what can be done about it, in words. */
export interface Trouble {
  readonly title: string;
  readonly remedy: string;
  readonly link?: { readonly href: string; readonly text: string };
}

/** What the page asks the browser for. */
export type Wanted = 'camera' | 'microphone' | 'screen';

/** Why the browser gives no camera, microphone or screen. */
export function captureTrouble(error: unknown, wanted: Wanted): Trouble {
  const { name, message } = errorDetails(error);
  switch (name) {
    case 'NotAllowedError':
      return refusedByUser(message, wanted);
    case 'NotFoundError':
      return missing(wanted);
    case 'NotReadableError':
    case 'AbortError':
      return wanted === 'screen'
        ? { title: 'The screen can’t be captured', remedy: 'Let the browser record the screen in the settings of your system, then share again' }
        : { title: `The ${wanted} can’t be opened: it seems to be in use`, remedy: 'Close other programs and tabs that use it, then try again' };
    case 'OverconstrainedError':
      return { title: `The chosen ${wanted} is no longer there`, remedy: 'Plug it in again, or choose another one' };
    case 'SecurityError':
      return { title: `This browser doesn’t allow the ${wanted} here`, remedy: 'Allow it in the settings of the browser, or use another browser' };
    default:
      return { title: `The ${wanted} can’t be opened`, remedy: `The browser says: ${message}` };
  }
}

/** The name and message of whatever was thrown: some browsers' `OverconstrainedError` is no `Error`. */
export function errorDetails(error: unknown): { name: string; message: string } {
  const { name, message } = typeof error === 'object' && error !== null ? (error as { name?: unknown; message?: unknown }) : {};
  return { name: typeof name === 'string' ? name : '', message: typeof message === 'string' ? message : String(error) };
}

function refusedByUser(message: string, wanted: Wanted): Trouble {
  if (/system/i.test(message)) {
    return { title: `Your system doesn’t let the browser use the ${wanted}`, remedy: 'Allow it for this browser in the privacy settings of your system, then try again' };
  }
  if (wanted === 'screen') return { title: 'No screen was shared', remedy: 'Press “Share a screen” again, and choose a screen, a window or a tab' };
  return {
    title: `Permission for the ${wanted} was refused`,
    remedy: 'Allow camera and microphone for this page: the icon at the left of the address bar has the setting. Then try again',
  };
}

function missing(wanted: Wanted): Trouble {
  if (wanted === 'screen') return { title: 'This browser can’t share a screen', remedy: 'Use the camera, or a browser on a computer' };
  const instead = wanted === 'camera' ? 'share a screen, or choose “No camera” to send sound over a black picture' : 'choose “No microphone”';
  return { title: `No ${wanted} was found`, remedy: `Plug one in and try again; or ${instead}` };
}

/** A device that went away, or a screen that is no longer shared, while it was in use. */
export function lostTrouble(lost: Wanted, onAir: boolean): Trouble {
  const effect = lost === 'microphone' ? 'hear nothing' : 'see black';
  const viewers = onAir ? `Viewers ${effect}, and the broadcast goes on. ` : '';
  if (lost === 'screen') return { title: 'The screen is no longer shared', remedy: `${viewers}Share a screen again, or go back to the camera` };
  return { title: `The ${lost} is gone`, remedy: `${viewers}Plug it in again and choose it, or choose another one` };
}

/** Another device of its kind has taken the place of one that went away. */
export function replacedTrouble(lost: Wanted, label: string): Trouble {
  return { title: `The ${lost} is gone: going on with ${label === '' ? 'another one' : `“${label}”`}`, remedy: 'Plug it in again and choose it, or leave it so' };
}

/** What the relay has against the broadcast. */
export function refusalTrouble({ code, message }: Pick<ErrorEvent, 'code' | 'message'>, address: { name: string; port: string; pathname: string }): Trouble {
  const { name, port, pathname } = address;
  switch (code) {
    case 'name-in-use': {
      const other = pathname.replace(/[^/]*$/, `${name.slice(0, 62)}-2`);
      return {
        title: `The name “${name}” is in use: somebody else broadcasts there`,
        remedy: 'End the other broadcast and go live again, or choose another name.',
        link: { href: other, text: `Open ${other}` },
      };
    }
    case 'publish-not-allowed': {
      const local = `http://localhost${port === '' ? '' : `:${port}`}/publish/${name}`;
      return { title: 'Publishing is not allowed from this address', remedy: 'This relay takes broadcasts only from the machine that it runs on. On that machine, open', link: { href: local, text: local } };
    }
    case 'not-authenticated':
    case 'grant-expired':
    case 'not-allowed':
      return {
        title: code === 'not-allowed' ? `Your key doesn’t permit to broadcast as “${name}”` : code === 'grant-expired' ? 'Your leave to broadcast has ended' : 'The relay wants a valid key for this broadcast',
        remedy: `Ask whoever runs the relay for a link with a key, and open that; or add “?token=KEY” to this page’s address. The relay says: ${message}`,
      };
    case 'ended-by-operator':
      return { title: 'Whoever runs the relay has ended the broadcast', remedy: 'Ask them. The same name may be published again in a while' };
    case 'unsupported-codec':
    case 'unsupported-layout':
    case 'not-a-container':
      return { title: 'The relay can’t pass on what this browser encodes', remedy: `Choose another encoder or codec under “Advanced”. The relay says: ${message}` };
    case 'replaced':
      return { title: 'The broadcast goes on in another tab', remedy: 'Another tab with this studio went live, and has taken over. Go live here to take it back' };
    default:
      // A later relay may send codes that this page doesn't know.
      return { title: message, remedy: (ERRORS as Record<string, { remedy: string } | undefined>)[code]?.remedy ?? 'Try again, and look at the log of the relay' };
  }
}

/** The browser can't encode, or its encoder gave up. */
export function encoderTrouble(code: 'unsupported-encoder' | 'encoder-failed' | 'no-tracks', message: string): Trouble {
  if (code === 'no-tracks') return { title: 'There is no picture or sound to send', remedy: 'Start the camera or share a screen, then go live again' };
  const title = code === 'unsupported-encoder' ? 'This browser can’t encode as it was chosen' : 'The browser’s encoder has failed again and again';
  return { title, remedy: `Choose another encoder or codec under “Advanced”, or use a current Chrome, Edge, Firefox or Safari. It says: ${message}` };
}

/** A browser that encodes nothing the relay can pass on. */
export const NO_ENCODER: Trouble = {
  title: 'This browser can’t encode what the relay can pass on',
  remedy: 'Use a current Chrome, Edge, Firefox or Safari; or publish with ffmpeg, as the dashboard shows',
  link: { href: '/', text: 'Open the dashboard' },
};

/** Browsers hand out cameras only to pages that nobody on the way can have changed. */
export function insecureTrouble({ host, port, pathname }: Pick<Location, 'host' | 'port' | 'pathname'>): Trouble {
  const local = `http://localhost${port === '' ? '' : `:${port}`}${pathname}`;
  return {
    title: 'Browsers give no camera to this page',
    remedy: `They give it only to pages on https or localhost, and this one came over plain http from ${host}. Put the relay behind https, or open this on the machine that the relay runs on:`,
    link: { href: local, text: local },
  };
}
