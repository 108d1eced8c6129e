import { copyFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, defineConfig, type Plugin } from 'vite';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const OUT = path('../dist/player');
const TARGET = 'es2022';

/** Scripts of the pages lie in this folder, and the elements beside it. */
const ASSETS = 'assets';
const ELEMENTS = 'sluice-elements:';
const elementId = (name: string): string => `${ELEMENTS}${name}`;

/** An element for pages of other people, in a file of its own. */
interface ElementFile {
  /** The name of the element, of its source and of the built file. */
  readonly name: string;
  readonly folder: string;
  /** Whether there is a plain script besides, under this global name. */
  readonly script?: string;
}

/**
 * Builds an element as one file that needs no other: `NAME.js`, a module, and perhaps `NAME.iife.js`, a script. Its workers run the
 * same file, and the relay's own pages import it.
 */
function element({ name, folder, script }: ElementFile): Plugin {
  const entry = path(`${folder}/${name}.ts`);
  return {
    name,
    enforce: 'pre',
    async resolveId(source, importer) {
      if (!source.endsWith(`/${name}`)) return undefined;
      const found = await this.resolve(source, importer, { skipSelf: true });
      return found?.id === entry ? { id: elementId(name), external: true } : found;
    },
    async closeBundle() {
      await build({
        configFile: false,
        logLevel: 'warn',
        plugins: [litForServersToo(), withoutIndentation()],
        build: {
          outDir: OUT,
          emptyOutDir: false,
          copyPublicDir: false,
          target: TARGET,
          modulePreload: { polyfill: false },
          rollupOptions: {
            input: path(`${folder}/script.ts`),
            preserveEntrySignatures: 'strict',
            output: [
              { format: 'es', entryFileNames: `${name}.js` },
              ...(script === undefined ? [] : [{ format: 'iife' as const, entryFileNames: `${name}.iife.js`, name: script, generatedCode: { symbols: false } }]),
            ],
          },
        },
      });
    },
  };
}

/** Takes the build of lit-html for servers, which does in browsers too: the one for browsers throws where it is imported on a server. */
function litForServersToo(): Plugin {
  const require = createRequire(import.meta.url);
  return { name: 'lit-for-servers-too', enforce: 'pre', resolveId: (source) => (/^lit-html(\/|$)/.test(source) ? require.resolve(source) : undefined) };
}

/** Leaves the indentation of templates out: it is for those who read the source, and HTML takes it for a space. */
function withoutIndentation(): Plugin {
  const sources = /\/(player|custom-media-element)\/.*\.[jt]s$/;
  return { name: 'without-indentation', enforce: 'pre', transform: (code, id) => (sources.test(id) ? code.replace(/\n\s+/g, '\n') : undefined) };
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

/** The pages, and the elements by themselves. */
export default defineConfig({
  root: path('pages'),
  // A proxy may have the relay below a path of its own: nothing begins with a slash. Pages stand for the root of the relay (`<base>`).
  base: './',
  experimental: { renderBuiltUrl: (file, { hostType }) => (hostType === 'html' ? `player/${file}` : { relative: true }) },
  logLevel: 'warn',
  plugins: [element({ name: 'sluice-video', folder: 'video', script: 'Sluice' }), element({ name: 'sluice-studio', folder: 'studio' }), element({ name: 'sluice-publisher', folder: 'publisher' }), hlsScript(), withoutIndentation()],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: TARGET,
    assetsDir: ASSETS,
    modulePreload: { polyfill: false },
    rollupOptions: {
      makeAbsoluteExternalsRelative: false,
      output: { paths: (id) => (id.startsWith(ELEMENTS) ? `../${id.slice(ELEMENTS.length)}.js` : id) },
      input: {
        dashboard: path('pages/dashboard.html'),
        stream: path('pages/stream.html'),
        watch: path('pages/watch.html'),
        studio: path('pages/studio.html'),
        error: path('pages/error.html'),
      },
    },
  },
});
