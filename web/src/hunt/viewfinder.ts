// The hunt before a camera: looks again and again at what it shows, until the evidence is enough.
import { h } from '../ui/dom'
import { snap } from './album'
import { type Camera, cameras, openCamera } from './camera'
import type { RecognizerClient, Seen } from './client'
import type { Round } from './game'
import type { Ground, Listener } from './ground'
import { Evidence } from './looks'
import { w } from './words'

const REST = 60 // milliseconds between two looks at least: a phone should not run hot
const WARM = 0.6 // share of the evidence for a find at which it may be near
const DARK = 0.02 // brightness of a picture that shows nothing
const PATIENCE = 2 // seconds of a black picture, or of none, until something is wrong
const SHOWN = 3 // guesses that the details show

export async function viewfinder(client: RecognizerClient, listener: Listener): Promise<Ground> {
  const video = h('video', { playsinline: true, muted: true, 'aria-label': w('viewfinder') })
  video.muted = true
  const mark = h('div', { class: 'mark', hidden: true })
  const frame = h('div', { class: 'viewfinder' }, video, mark)
  const choice = h('select', { onchange: () => void change(choice.value) })
  const choose = h('label', { class: 'select', hidden: true }, h('span', { class: 'hidden' }, w('camera')), choice)
  const reading = h('p', { class: 'hint reading' })
  const debug = h('details', { class: 'debug' }, h('summary', {}, w('debug')), reading)
  const evidence = new Evidence(client.stickers, client.search.memory)
  let camera: Camera
  let asked = -1
  let resting = true
  let closed = false
  let warmed = false
  let dark = 0
  let last = performance.now()

  async function start(device: string | null): Promise<void> {
    camera = await openCamera(video, device)
    if (closed) return camera.close()
    camera.onended = () => listener.trouble('ended')
    frame.classList.toggle('mirrored', camera.front)
    last = performance.now()
    dark = 0
    const all = await cameras()
    choice.replaceChildren(
      ...all.map(({ id, label }, i) =>
        h('option', { value: id, selected: id === camera.device }, label || w('cameraNumber', { n: i + 1 })),
      ),
    )
    choose.hidden = all.length < 2
  }

  async function change(device: string): Promise<void> {
    camera.close()
    await start(device).catch(() => listener.trouble('busy'))
  }

  /** What a look says, unless the question has changed meanwhile. */
  function judge({ best, places, light, milliseconds }: Seen, of: number): void {
    const now = performance.now()
    const since = (now - last) / 1000
    const seconds = Math.min(0.5, since)
    last = now
    dark = light < DARK ? dark + since : 0
    if (light >= DARK) listener.trouble(null)
    else if (dark > PATIENCE) listener.trouble('black')
    if (debug.open) tell(best, milliseconds)
    if (resting || of !== asked) return
    evidence.add(best, seconds)
    const value = evidence.values[asked]
    // Evidence may be of looks before: what is kept as a photo must show the sticker itself.
    if (value >= client.search.enough && best[asked] === Math.max(...best)) {
      const [x, y] = [places[2 * asked], places[2 * asked + 1]]
      point(x, y)
      evidence.clear()
      resting = true
      const { width, height } = client.frame
      const side = 0.8 * Math.min(width, height)
      listener.found(snap(client.frame, { width, height, side, x: x * width, y: y * height }, camera.front))
    } else if (value >= WARM * client.search.enough && !warmed) {
      warmed = true
      listener.warm()
    }
  }

  function tell(best: Float32Array, milliseconds: number): void {
    const order = [...best.keys()].sort((a, b) => best[b] - best[a]).slice(0, SHOWN)
    const guesses = order.map(n => w('guess', { n: n + 1, percent: Math.round(100 * best[n]) }))
    reading.textContent = [...guesses, w('looks', { n: (1000 / Math.max(1, milliseconds)).toPrecision(2) })].join(' · ')
  }

  /** A ring around the place of a find. */
  function point(x: number, y: number): void {
    mark.style.left = `${100 * (camera.front ? 1 - x : x)}%`
    mark.style.top = `${100 * y}%`
    mark.hidden = false
    setTimeout(() => {
      mark.hidden = true
    }, 900)
  }

  async function look(): Promise<void> {
    let still = 0
    let shown = -1
    while (!closed) {
      if (video.readyState < 2 || !video.videoWidth || video.currentTime === shown) {
        await new Promise(resolve => setTimeout(resolve, 20))
        still = video.paused ? 0 : still + 0.02
        if (still > PATIENCE && video.srcObject) {
          still = 0
          listener.trouble('ended')
        }
        continue
      }
      still = 0
      shown = video.currentTime
      const of = asked
      const start = performance.now()
      judge(await client.look(video), of)
      await new Promise(resolve => setTimeout(resolve, Math.max(0, REST - (performance.now() - start))))
    }
  }

  await start(null)
  look().catch(() => {
    if (!closed) listener.trouble('ended')
  })
  return {
    element: h(
      'div',
      { class: 'ground' },
      frame,
      h('p', { class: 'hint' }, w('look')),
      h('div', { class: 'row' }, choose, debug),
    ),
    ask(round: Round) {
      asked = round.sticker
      warmed = false
      resting = false
      evidence.clear()
    },
    rest(now) {
      resting = now
      evidence.clear()
    },
    close() {
      closed = true
      camera?.close()
    },
  }
}
