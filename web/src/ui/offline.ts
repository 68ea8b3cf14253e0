// After the first visit the page works without a network, where the browser allows it (https or this very machine).
import type { ModelEntry } from '../page'

// What the document names, looked up at once: what the page draws takes the place of its scripts.
const NAMED = [
  ...document.querySelectorAll<HTMLScriptElement | HTMLLinkElement>(
    'script[src], link[rel=stylesheet], link[rel=manifest]',
  ),
].map(element => (element instanceof HTMLScriptElement ? element.src : element.href))
const LATER = document.querySelector<HTMLElement>('script[data-later]')?.dataset.later?.split(' ') ?? []

export async function cacheForOffline(models: readonly ModelEntry[], here: ModelEntry, more: string[]): Promise<void> {
  if (!('serviceWorker' in navigator) || !isSecureContext) return
  try {
    const registration = await navigator.serviceWorker.register('offline.js')
    const files = [here, ...models.filter(m => m !== here && m.bytes < 2e6)].flatMap(m =>
      [m.file, m.film?.file, m.curves, m.novelty?.file, m.novelty?.thumbnails].filter((f): f is string => !!f),
    )
    // What comes only when it is asked for is kept from then on, and not fetched before.  On a first visit it may have come
    // before there was a worker to keep it.
    const asked = models.flatMap(m => (m.hunt ? [m.hunt.file, m.hunt.sheet] : [])).concat(LATER)
    for (const file of asked) {
      const { href } = new URL(file, document.baseURI)
      if (performance.getEntriesByName(href).length || (await caches.match(href))) files.push(file)
    }
    const worker = registration.active ?? registration.waiting ?? registration.installing
    worker?.postMessage(['./', ...NAMED, ...more, ...files])
  } catch {
    // A private window, or a host that does not serve it: the page works as before, only not without a network.
  }
}
