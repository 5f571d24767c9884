/** How the page is built into `dist/`, and its development server, which hands the API to a running Flowloom. */
import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

const flowloom = 'http://127.0.0.1:8080';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [preact()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    // The Content-Security-Policy allows no inline script or style, so nothing is inlined.
    assetsInlineLimit: 0,
  },
  server: {
    host: '127.0.0.1',
    // The stream refuses pages of other origins, which the development server's would be.
    proxy: { '/api': { target: flowloom, changeOrigin: true, ws: true, headers: { origin: flowloom } } },
  },
});
