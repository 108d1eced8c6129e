import { join } from 'node:path';
import { HEIGHT, WIDTH } from './clock.mjs';

/** The folder of the page, which exists only in the browser: no server has to serve it. */
const FOLDER = '/glass/';
const LIBRARY = 'library.js';

/**
 * A tab in which the page can be opened.
 * @param {import('playwright-core').Browser} browser
 */
export function newGlassPage(browser) {
  // Since no server gives what it shows, Chromium doesn't know that it is of this machine.
  return browser.newPage({ viewport: { width: WIDTH, height: HEIGHT }, permissions: ['local-network-access'] });
}

/**
 * Opens the page at a server's own origin, so that it may talk to it, though the server doesn't know it.
 * @param {import('playwright-core').Page} page
 * @param {string} origin
 * @param {string} [library]
 */
export async function openGlassPage(page, origin, library) {
  await page.route(`${origin}${FOLDER}*`, (route) => {
    const name = new URL(route.request().url()).pathname.slice(FOLDER.length);
    if (name === '') return route.fulfill({ contentType: 'text/html', body: pageWith(library !== undefined) });
    return route.fulfill({ contentType: 'text/javascript', path: name === LIBRARY && library !== undefined ? library : join(import.meta.dirname, name) });
  });
  await page.goto(`${origin}${FOLDER}`);
  await page.waitForFunction('globalThis.glass');
  // What is intercepted comes later: the players' own requests are left alone.
  await page.unroute(`${origin}${FOLDER}*`);
}

/** @param {boolean} withLibrary */
function pageWith(withLibrary) {
  return `<!doctype html>
<meta charset="utf-8">
<title>Latency</title>
<link rel="icon" href="data:,">
<style>body { margin: 0 } body > * { display: block; width: ${WIDTH}px; height: ${HEIGHT}px }</style>
${withLibrary ? `<script src="${LIBRARY}"></script>` : ''}
<script type="module" src="page.mjs"></script>
<body></body>`;
}
