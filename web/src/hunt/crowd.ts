// The hunt without a camera: the asked sticker stands in a crowd of generated pictures, for mouse, touch and keyboard.
import { uniforms } from '../latents'
import { h } from '../ui/dom'
import { snap } from './album'
import type { Round } from './game'
import type { Ground, Listener } from './ground'
import type { Stickers } from './stickers'
import { w } from './words'

const COUNTS = [0, 12, 18, 24, 30, 40] // pictures in the crowd, by level
const MAX_TURN = [0, 0, 25, 45, 60, 180] // degrees that they are turned at most
const CROWDING = [0, 1.0, 1.1, 1.15, 1.35, 1.45] // size of a picture, in places of its own
const MIN_VISIBLE = 0.55 // of what is asked for: it stands behind others, but not far
const SAMPLES = 12
const TWIN = 0.035 // difference of thumbnails below which two pictures are the same to a person
const SIDE = 12

interface Member {
  canvas: HTMLCanvasElement
  alpha: Uint8ClampedArray
  x: number
  y: number
  size: number
  turn: number
  asked: boolean
  button: HTMLButtonElement
}

/** `others` are what the crowd is made of; other stickers fill it up where they are too few.  `crisp` gives each picture crisp edges,
 *  those on show first, while the game goes on. */
export function crowd(
  stickers: Stickers,
  others: readonly HTMLCanvasElement[],
  seed: number,
  listener: Listener,
  crisp: (picture: HTMLCanvasElement) => Promise<HTMLCanvasElement>,
): Ground {
  const tall = matchMedia('(max-aspect-ratio: 4/5)').matches
  const [width, height] = tall ? [720, 900] : [1260, 700]
  const canvas = h('canvas', { width, height })
  const buttons = h('div', { class: 'crowd-buttons', role: 'group' })
  const element = h('div', { class: 'ground crowd' }, canvas, buttons)
  element.style.setProperty('--shape', String(width / height))
  const all = Array.from({ length: stickers.count }, (_, i) => stickers.canvas(i))
  const looks = new Map([...others, ...all].map(c => [c, thumbnail(c)]))
  const alphas = new Map([...looks.keys()].map(c => [c, alphaOf(c)]))
  let members: Member[] = []
  const crisps = new Map<HTMLCanvasElement, HTMLCanvasElement>()
  let resting = true
  let closed = false
  let sharpening = false
  let number = 0

  function ask(round: Round): void {
    const random = uniforms(seed + number++, 1000)
    let at = 0
    const next = (): number => random[at++ % random.length]
    const asked = all[round.sticker]
    const candidates = [...others, ...all.filter(c => c !== asked)]
      .map(c => ({ c, away: difference(looks.get(c)!, looks.get(asked)!) }))
      .filter(({ away }) => away > TWIN)
      .sort((a, b) => a.away - b.away)
    const wanted = Math.min(COUNTS[round.level], candidates.length + 1)
    // Hard rounds take those most like it, easy ones those least like it, with room for chance.
    const from = Math.round(((5 - round.level) / 4) * Math.max(0, candidates.length - 1.3 * wanted))
    const near = candidates.slice(from, from + Math.max(wanted - 1, Math.ceil(1.3 * wanted)))
    const picked = near.map(p => ({ p, order: next() })).sort((a, b) => a.order - b.order)
    const cast = [asked, ...picked.slice(0, wanted - 1).map(({ p }) => p.c)]
    const columns = Math.ceil(Math.sqrt((cast.length * width) / height))
    const rows = Math.ceil(cast.length / columns)
    const [wide, high] = [width / columns, height / rows]
    const places = Array.from({ length: columns * rows }, (_, i) => ({ i, order: next() }))
      .sort((a, b) => a.order - b.order)
      .map(({ i }) => i)
    members = cast.map((c, i) => {
      const size = Math.min(wide, high) * CROWDING[round.level] * (round.level > 2 ? 0.75 + 0.35 * next() : 1)
      const inside = (v: number, length: number): number => Math.max(size / 2, Math.min(length - size / 2, v))
      const member: Member = {
        canvas: c,
        alpha: alphas.get(c)!,
        x: inside(((places[i] % columns) + 0.5 + 0.25 * (next() - 0.5)) * wide, width),
        y: inside((Math.floor(places[i] / columns) + 0.5 + 0.25 * (next() - 0.5)) * high, height),
        size,
        turn: ((2 * next() - 1) * MAX_TURN[round.level] * Math.PI) / 180,
        asked: i === 0,
        button: h('button', {
          type: 'button',
          tabindex: -1,
          onclick: () => pick(member),
        }),
      }
      return member
    })
    members.sort(() => next() - 0.5)
    for (let i = members.findIndex(m => m.asked); seen(i) < MIN_VISIBLE && i < members.length - 1; i++) {
      ;[members[i], members[i + 1]] = [members[i + 1], members[i]]
    }
    paint()
    layButtons()
    resting = false
    if (!sharpening) {
      sharpening = true
      void sharpen()
    }
  }

  async function sharpen(): Promise<void> {
    while (!closed) {
      const next = [...members.map(m => m.canvas), ...all, ...others].find(picture => !crisps.has(picture))
      if (!next) return
      crisps.set(next, await crisp(next))
      paint()
    }
  }

  function paint(): void {
    const pen = canvas.getContext('2d')!
    pen.clearRect(0, 0, width, height)
    pen.imageSmoothingQuality = 'high'
    for (const { canvas: picture, x, y, size, turn } of members) {
      pen.setTransform(Math.cos(turn), Math.sin(turn), -Math.sin(turn), Math.cos(turn), x, y)
      pen.drawImage(crisps.get(picture) ?? picture, -size / 2, -size / 2, size, size)
    }
    pen.resetTransform()
  }

  /** Whether a member covers a place of the drawing. */
  function covers({ canvas: picture, alpha, x, y, size, turn }: Member, px: number, py: number): boolean {
    const [dx, dy] = [px - x, py - y]
    const side = picture.width
    const u = Math.floor(((dx * Math.cos(turn) + dy * Math.sin(turn)) / size + 0.5) * side)
    const v = Math.floor(((dy * Math.cos(turn) - dx * Math.sin(turn)) / size + 0.5) * side)
    return u >= 0 && v >= 0 && u < side && v < side && alpha[v * side + u] > 60
  }

  /** The share of a member that no later one covers. */
  function seen(index: number): number {
    const member = members[index]
    let [own, free] = [0, 0]
    for (let i = 0; i < SAMPLES ** 2; i++) {
      const px = member.x + (((i % SAMPLES) + 0.5) / SAMPLES - 0.5) * member.size
      const py = member.y + ((Math.floor(i / SAMPLES) + 0.5) / SAMPLES - 0.5) * member.size
      if (!covers(member, px, py)) continue
      own++
      if (!members.slice(index + 1).some(other => covers(other, px, py))) free++
    }
    return own ? free / own : 1
  }

  /** One stop for the Tab key; the arrow keys go to the nearest picture on that side. */
  function layButtons(): void {
    const row = height / 8
    const order = [...members].sort((a, b) => Math.floor(a.y / row) - Math.floor(b.y / row) || a.x - b.x)
    order.forEach(({ button, x, y, size }, i) => {
      button.setAttribute('aria-label', w('inCrowd', { n: i + 1 }))
      button.tabIndex = i ? -1 : 0
      button.style.left = `${(100 * (x - size / 2)) / width}%`
      button.style.top = `${(100 * (y - size / 2)) / height}%`
      button.style.width = `${(100 * size) / width}%`
      button.style.height = `${(100 * size) / height}%`
    })
    const had = buttons.contains(document.activeElement)
    buttons.setAttribute('aria-label', w('crowd', { count: members.length }))
    buttons.replaceChildren(...order.map(m => m.button))
    if (had) order[0].button.focus()
  }

  buttons.addEventListener('keydown', event => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key]
    const here = members.find(m => m.button === document.activeElement)
    if (!step || !here) return
    event.preventDefault()
    const cost = (m: Member): number => {
      const along = (m.x - here.x) * step[0] + (m.y - here.y) * step[1]
      const aside = Math.abs((m.x - here.x) * step[1]) + Math.abs((m.y - here.y) * step[0])
      return along > 5 ? along + 2 * aside : Number.POSITIVE_INFINITY
    }
    const next = members.reduce((best, m) => (cost(m) < cost(best) ? m : best), here)
    here.button.tabIndex = -1
    next.button.tabIndex = 0
    next.button.focus()
  })

  function pick(member: Member | undefined): void {
    if (resting || !member) return
    if (!member.asked) {
      listener.missed()
      return
    }
    resting = true
    listener.found(snap(canvas, { width, height, side: 1.7 * member.size, x: member.x, y: member.y }))
  }

  canvas.addEventListener('click', event => {
    const box = canvas.getBoundingClientRect()
    const [px, py] = [
      ((event.clientX - box.left) / box.width) * width,
      ((event.clientY - box.top) / box.height) * height,
    ]
    pick([...members].reverse().find(m => covers(m, px, py)))
  })

  return {
    element,
    ask,
    rest(now) {
      resting = now
      element.classList.toggle('resting', now)
    },
    close() {
      closed = true
    },
  }
}

function alphaOf(canvas: HTMLCanvasElement): Uint8ClampedArray {
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
  return Uint8ClampedArray.from({ length: data.length / 4 }, (_, i) => data[4 * i + 3])
}

/** A few numbers whose differences are those that strike the eye. */
function thumbnail(picture: HTMLCanvasElement): Float32Array {
  const canvas = h('canvas', { width: SIDE, height: SIDE })
  const pen = canvas.getContext('2d')!
  pen.fillStyle = '#c8c8c8'
  pen.fillRect(0, 0, SIDE, SIDE)
  pen.imageSmoothingQuality = 'high'
  pen.drawImage(picture, 0, 0, SIDE, SIDE)
  const { data } = pen.getImageData(0, 0, SIDE, SIDE)
  return Float32Array.from({ length: 3 * SIDE ** 2 }, (_, i) => data[4 * Math.floor(i / 3) + (i % 3)] / 255)
}

const difference = (a: Float32Array, b: Float32Array): number =>
  Math.sqrt(a.reduce((sum, v, i) => sum + (v - b[i]) ** 2, 0) / a.length)
