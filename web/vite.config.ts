import type { IndexHtmlTransformContext } from 'vite'
import { defineConfig } from 'vitest/config'

// One script and one style sheet beside index.html: two requests, then the model.
// Vite puts the script into the head, where it waits for the whole document; here it starts as soon as what it needs is there,
// the stills, most of the document, come after it, and it runs even where the connection breaks among them.
// It is told which files come only when they are asked for, so that they can be kept for a visit without a network.
const early = {
  name: 'early',
  transformIndexHtml: {
    order: 'post' as const,
    handler(html: string, { bundle = {} }: IndexHtmlTransformContext): string {
      const [tag] = /\n *<script type="module".*<\/script>/.exec(html)!
      const parts = Object.values(bundle).filter(part => part.fileName.startsWith('assets/'))
      const later = parts.map(part => part.fileName).filter(name => !html.includes(name))
      const script = tag.trim().replace('module"', `module" async data-later="${later.join(' ')}"`)
      return html.replace(tag, '').replace('<!--stills-->', `${script}\n<!--stills-->`)
    },
  },
}

export default defineConfig({
  base: './',
  plugins: [early],
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
