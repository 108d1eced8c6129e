import { type Browser, firefox } from 'playwright-core';
import { findFirefox } from '../../scripts/programs.mjs';
import { patient } from './browser';

/** A session of WebDriver BiDi, as playwright-core keeps it inside. */
interface BidiSession {
  send(method: string, params: unknown): Promise<unknown>;
}

/** What playwright-core has behind a browser of its interface, in the same process. */
interface Inside {
  readonly _connection: { toImpl(browser: Browser): { readonly _browserSession: BidiSession } };
}

/** With each new page playwright-core 1.65 sends this, which Firefox 153 doesn't know, and fails. No test needs it. */
const UNKNOWN = 'emulation.setMediaFeaturesOverride';

/** Starts Firefox, headless, by WebDriver BiDi: an ordinary one, with a camera and a microphone of its own making. */
export async function launchFirefox(): Promise<Browser> {
  const browser = await firefox.launch({
    channel: 'moz-firefox',
    executablePath: findFirefox()?.path ?? 'firefox',
    firefoxUserPrefs: {
      'media.autoplay.default': 0,
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
    },
  });
  const session = (browser as unknown as Inside)._connection.toImpl(browser)._browserSession;
  const send = session.send.bind(session);
  session.send = async (method, params) => (method === UNKNOWN ? {} : send(method, params));
  return patient(browser);
}
