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

/** The pages, and the element by itself. */
export default defineConfig({
  root: path('pages'),
  base: '/player/',
  logLevel: 'warn',
  plugins: [element()],
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
