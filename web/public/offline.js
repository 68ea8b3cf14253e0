// Keeps the page for the next visit without a network.  Files with a hash in their name never change, so they are taken
// from the store first; everything else is fetched anew and taken from the store only where the network is gone.
const STORE = 'chonk-1'
const LASTING = /[-.][\w-]{8}\.(js|css|bin)$/

self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()))

/** Old models of the same page make room: only what the page names now is kept. */
async function keep(request, response) {
  const store = await caches.open(STORE)
  await store.put(request, response.clone())
  return response
}

async function answer(request) {
  const url = new URL(request.url)
  const stored = await caches.match(request, { ignoreSearch: true })
  if (stored && LASTING.test(url.pathname)) return stored
  try {
    const response = await fetch(request)
    return response.ok ? keep(request, response) : response
  } catch (error) {
    if (stored) return stored
    throw error
  }
}

self.addEventListener('fetch', event => {
  const { request } = event
  if (request.method === 'GET' && request.url.startsWith(self.registration.scope)) event.respondWith(answer(request))
})

/** The page tells, once it stands, which files it is made of. */
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
