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

/** What the relay has against the broadcast. */
export function refusalTrouble({ code, message }: Pick<ErrorEvent, 'code' | 'message'>, address: { name: string; port: string }): Trouble {
  const { name, port } = address;
  switch (code) {
    case 'name-in-use': {
      const other = `/publish/${name.slice(0, 62)}-2`;
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
    case 'replaced':
      return { title: 'The broadcast goes on in another tab', remedy: 'Another tab with this studio went live, and has taken over. Go live here to take it back' };
    default:
      // A later relay may send codes that this page doesn't know.
      return { title: message, remedy: (ERRORS as Record<string, { remedy: string } | undefined>)[code]?.remedy ?? 'Try again, and look at the log of the relay' };
  }
}

/** A connection that is gone or couldn't be made, and is made again. */
export function lostConnectionTrouble(wasLive: boolean): Trouble {
  return {
    title: wasLive ? 'The connection to the relay is lost' : 'The relay can’t be reached',
    remedy: 'Trying again, until you press Stop. Check your network, and whether the relay runs',
  };
}

/** What the relay had against the broadcast, which may pass. */
export function hindranceTrouble({ message }: Pick<ErrorEvent, 'message'>): Trouble {
  return { title: message, remedy: 'Trying again, until you press Stop' };
}

/** Media that piles up in the browser. */
export function slowTrouble(behind: number): Trouble {
  return {
    title: `Your upload is too slow: it is ${behind.toFixed(0)} s behind`,
    remedy: 'Choose a lower quality under “Advanced”, or use a better connection',
  };
}

/** A recorder that the browser didn't start, or that gave up. */
export function recorderTrouble(error: unknown, type: string): Trouble {
  return { title: `This browser can’t record ${type}`, remedy: `Choose another format under “Advanced”. The browser says: ${errorDetails(error).message}` };
}

/** A browser without a recorder that writes anything the relay can pass on. */
export const NO_RECORDER: Trouble = {
  title: 'This browser can’t record in a format that the relay can pass on',
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
