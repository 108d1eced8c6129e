import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';

/**
 * The player's own connection, with its own backoff, as it runs in pages: built from the sources of a checkout.
 * @param {string} root Of the checkout.
 * @param {string} folder Where it may be written.
 * @returns {Promise<typeof import('../../player/video/watch-connection.js').WatchConnection>}
 */
export async function playerConnection(root, folder) {
  const built = await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, target: 'es2022', lib: { entry: join(root, 'player', 'video', 'watch-connection.ts'), formats: ['es'] } },
  });
  const [first] = Array.isArray(built) ? built : [built];
  if (first === undefined || !('output' in first)) throw new Error("Cannot build the player's connection");
  const file = join(folder, 'watch-connection.mjs');
  writeFileSync(file, first.output[0].code);
  const { WatchConnection } = await import(pathToFileURL(file).href);
  return WatchConnection;
}
