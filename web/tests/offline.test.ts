import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'

const script = readFileSync(new URL('../public/offline.js', import.meta.url), 'utf8')

/** The offline worker with a store and a network of our own; answers what a page gets for an address. */
function worker(store: { put(): Promise<void>; match?(): Promise<string> }, network: () => Promise<unknown>) {
  const listeners = new Map<string, (event: unknown) => void>()
  const self = {
    addEventListener: (name: string, listen: (event: unknown) => void) => listeners.set(name, listen),
    registration: { scope: 'https://cats.example/' },
  }
  const caches = { open: async () => store, match: async () => store.match?.() }
  runInNewContext(script, { self, caches, fetch: network, URL })
  return (url: string): { answer: Promise<unknown>; later: Promise<unknown>[] } => {
    let answer: Promise<unknown> = Promise.resolve()
    const later: Promise<unknown>[] = []
    listeners.get('fetch')!({
      request: { method: 'GET', url },
      respondWith: (given: Promise<unknown>) => {
        answer = given
      },
      waitUntil: (given: Promise<unknown>) => later.push(given),
    })
    return { answer, later }
  }
}

const response = { ok: true, clone: () => response }
const page = 'https://cats.example/index.html'

describe('the offline worker', () => {
  it('answers from the network while the store is full', async () => {
    const ask = worker({ put: () => Promise.reject(new Error('QuotaExceededError')) }, async () => response)
    const { answer, later } = ask(page)
    expect(await answer).toBe(response)
    await Promise.all(later)
  })
  it('does not wait for a store that never ends', async () => {
    const ask = worker({ put: () => new Promise(() => {}) }, async () => response)
    expect(await ask(page).answer).toBe(response)
  })
  it('answers from the network where nothing can be looked up', async () => {
    const broken = { put: async () => {}, match: () => Promise.reject(new Error('broken')) }
    expect(await worker(broken, async () => response)(page).answer).toBe(response)
  })
  it('answers from the store without a network, and at once what never changes', async () => {
    const ask = worker({ put: async () => {}, match: async () => 'stored' }, () => Promise.reject(new Error('offline')))
    expect(await ask(page).answer).toBe('stored')
    expect(await ask('https://cats.example/models/cats/model.0123abcd.bin').answer).toBe('stored')
  })
})
