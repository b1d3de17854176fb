import { defineConfig } from 'vite';

// Built into dist/desk, from where the service serves it under /desk.
export default defineConfig({
  root: import.meta.dirname,
  base: '/desk/',
  build: {
    outDir: '../dist/desk',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    // One page behind a sign-in: one file, fetched once.
    chunkSizeWarningLimit: 800,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // The components name themselves client code for servers that render; there is none here.
      onLog: (level, log, report) => (log.code === 'MODULE_LEVEL_DIRECTIVE' ? undefined : report(level, log)),
    },
  },
});
