import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The pages, and the element by itself under a name without a hash, for pages of other people. */
export default defineConfig({
  root: path('pages'),
  base: '/player/',
  logLevel: 'warn',
  build: {
    outDir: path('../dist/player'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: {
        dashboard: path('pages/dashboard.html'),
        watch: path('pages/watch.html'),
        studio: path('pages/studio.html'),
        error: path('pages/error.html'),
        'sluice-video': path('video/sluice-video.ts'),
      },
      preserveEntrySignatures: 'exports-only',
      output: {
        entryFileNames: ({ name }) => (name === 'sluice-video' ? '[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
});
