import { copyFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, defineConfig, type Plugin } from 'vite';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const OUT = path('../dist/player');
const ELEMENT = path('video/sluice-video.ts');
const TARGET = 'es2022';

/**
 * Builds the element as one file that needs no other, for pages of other people: `sluice-video.js`, a module, and
 * `sluice-video.iife.js`, a script. Its workers run the same file, and the relay's own pages import it.
 */
function element(): Plugin {
  return {
    name: 'sluice-video',
    enforce: 'pre',
    async resolveId(source, importer) {
      if (!source.endsWith('/sluice-video')) return undefined;
      const found = await this.resolve(source, importer, { skipSelf: true });
      return found?.id === ELEMENT ? { id: '/player/sluice-video.js', external: true } : found;
    },
    async closeBundle() {
      await build({
        configFile: false,
        logLevel: 'warn',
        build: {
          outDir: OUT,
          emptyOutDir: false,
          copyPublicDir: false,
          target: TARGET,
          modulePreload: { polyfill: false },
          rollupOptions: {
            input: path('video/script.ts'),
            preserveEntrySignatures: 'strict',
            output: [
              { format: 'es', entryFileNames: 'sluice-video.js' },
              { format: 'iife', entryFileNames: 'sluice-video.iife.js', name: 'Sluice' },
            ],
          },
        },
      });
    },
  };
}

/** Lays hls.js, as it was built by its makers, beside the element: pages that need it load it from there. */
function hlsScript(): Plugin {
  return {
    name: 'hls-script',
    async closeBundle() {
      const folder = dirname(createRequire(import.meta.url).resolve('hls.js/package.json'));
      await copyFile(join(folder, 'dist/hls.light.min.mjs'), join(OUT, 'hls.js'));
      await copyFile(join(folder, 'LICENSE'), join(OUT, 'hls.LICENSE.txt'));
    },
  };
}

/** The pages, and the element by itself. */
export default defineConfig({
  root: path('pages'),
  base: '/player/',
  logLevel: 'warn',
  plugins: [element(), hlsScript()],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: TARGET,
    modulePreload: { polyfill: false },
    rollupOptions: {
      makeAbsoluteExternalsRelative: false,
      input: {
        dashboard: path('pages/dashboard.html'),
        watch: path('pages/watch.html'),
        studio: path('pages/studio.html'),
        error: path('pages/error.html'),
      },
    },
  },
});
