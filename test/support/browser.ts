import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../scripts/programs.mjs';
import { PATIENCE } from './patience';

const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** How a browser for a test differs from a visitor's. */
export interface BrowserOptions {
  /** Gives pages a camera and a microphone without asking. */
  readonly fakeCamera?: boolean;
  /** Who may start sound; `document-user-activation-required`, as in a visitor's browser, without. */
  readonly autoplay?: 'no-user-gesture-required' | 'document-user-activation-required';
  /** More command-line flags. */
  readonly flags?: readonly string[];
}

/** Starts Chromium, headless: `CHROMIUM_PATH`, the one in PATH, or the packaged one. */
export async function launchBrowser({ fakeCamera = false, autoplay = 'document-user-activation-required', flags = [] }: BrowserOptions = {}): Promise<Browser> {
  const { path, env } = await findChromium();
  const args = [
    ...FLAGS,
    `--autoplay-policy=${autoplay}`,
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ...(fakeCamera ? ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] : []),
    ...flags,
  ];
  return patient(await chromium.launch({ executablePath: path, args, env: { ...process.env, ...env } }));
}

/** Has all pages of a browser wait for what should come as long as `eventually` does. */
export function patient(browser: Browser): Browser {
  // `newPage` calls it too.
  const newContext = browser.newContext.bind(browser);
  browser.newContext = async (options) => {
    const context = await newContext(options);
    context.setDefaultTimeout(PATIENCE);
    return context;
  };
  return browser;
}

/** Collects what goes wrong in a page from now on: errors on the console, and errors that nobody caught. */
export function pageErrors(page: Page): readonly string[] {
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
  return errors;
}

/** Opens an empty page at `url`: the relay's own pages go on asking it for things, and that may fail. */
export async function openEmptyPage(page: Page, url: string): Promise<void> {
  const address = new URL('/empty', url).href;
  // To Chromium a page that no server has sent comes from nowhere, and may not open sockets of this machine.
  await page.context().grantPermissions(['local-network-access']);
  await page.route(address, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><link rel="icon" href="data:,">' }));
  await page.goto(address);
}

/** Keeps a picture of the page as `NAME.png` in the folder that `SCREENSHOTS` names, if it does. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  if (folder === undefined || folder === '') return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

/** Keeps pictures of the page at both widths, in light and dark. */
export async function pictures(page: Page, name: string): Promise<void> {
  for (const [device, width, height] of [['desktop', 1280, 800], ['phone', 390, 844]] as const) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await screenshot(page, `${name}-${device}-${colorScheme}`);
    }
  }
}
