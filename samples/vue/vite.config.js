import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

const relay = process.env.SLUICE_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  // Vue would look for a component of that name.
  plugins: [vue({ template: { compilerOptions: { isCustomElement: (tag) => tag === 'sluice-video' } } })],
  // The page comes from Vite, the streams and the player from the relay. A proxy in front of both does the same later.
  server: { proxy: { '/watch': { target: relay, ws: true }, '/hls': relay, '/player': relay } },
});
