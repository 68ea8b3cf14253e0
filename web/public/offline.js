// Keeps the page for the next visit without a network.  Files with a hash in their name never change, so they are taken
// from the store first; everything else is fetched anew and taken from the store only where the network is gone.
const STORE = 'chonk-1'
const LASTING = /[-.][\w-]{8}\.(js|css|bin)$/

self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()))

/** Beside the answer, which never waits for it: a store that is full or broken keeps nothing, and that is all. */
const keep = (request, response) =>
  caches
    .open(STORE)
    .then(store => store.put(request, response))
    .catch(() => {})

async function answer(event) {
  const { request } = event
  const url = new URL(request.url)
  const stored = await caches.match(request, { ignoreSearch: true }).catch(() => undefined)
  if (stored && LASTING.test(url.pathname)) return stored
  try {
    const response = await fetch(request)
    if (response.ok) event.waitUntil(keep(request, response.clone()))
    return response
  } catch (error) {
    if (stored) return stored
    throw error
  }
}

self.addEventListener('fetch', event => {
  const { request } = event
  if (request.method === 'GET' && request.url.startsWith(self.registration.scope)) event.respondWith(answer(event))
})

/** The page tells, once it stands, which files it is made of; old models of the same page make room. */
self.addEventListener('message', event => {
  const wanted = event.data.map(file => new URL(file, self.registration.scope).href)
  event.waitUntil(
    caches.open(STORE).then(async store => {
      const have = (await store.keys()).map(request => request.url)
      await Promise.all(have.filter(url => !wanted.includes(url)).map(url => store.delete(url)))
      await Promise.all(wanted.filter(url => !have.includes(url)).map(url => store.add(url).catch(() => {})))
    }),
  )
})
