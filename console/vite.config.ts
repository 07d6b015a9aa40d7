/// <reference types="vitest/config" />
// How the console is built into dist, run while it is worked on, and unit-tested.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// While one works on the console, everything that is not a page comes from a running `qm-compliance demo`.
const server = process.env.QM_SERVER ?? 'http://127.0.0.1:8080';
const served = ['/graphql', '/graphiql', '/media', '/demo', '/console/config.json', '/healthz', '/readyz'];

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2023',
    // Those that know light-dark(), which is rewritten otherwise into something that knows no theme.
    cssTarget: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
    license: { fileName: 'licenses.md' },
  },
  server: { proxy: Object.fromEntries(served.map((path) => [path, { target: server, ws: path === '/graphql' }])) },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing/setup.ts'],
    // One document for all files of a worker, which setup.ts cleans up: a new one for each takes ten times as long as the tests.
    pool: 'threads',
    isolate: false,
  },
});
