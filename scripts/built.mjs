import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * A module of the built server, such as `media/media-parser`. Its types are those of the source, which the caller names.
 * @param {string} path
 */
export function built(path) {
  return require(`../dist/server/${path}.js`);
}
