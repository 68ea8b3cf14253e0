import { defineConfig } from 'vitest/config'

// One script and one style sheet beside index.html: two requests, then the model.
export default defineConfig({
  base: './',
  build: {
    outDir: '../src/chonk/play/site',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    assetsInlineLimit: 1 << 20,
  },
  worker: { format: 'es' },
  test: { include: ['tests/*.test.ts'], testTimeout: 60_000 },
})
