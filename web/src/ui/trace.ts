// A finished picture as an SVG of a few flat shapes: one path a colour.
//
// Colours are those of flat places; a pixel on an edge takes the one of a flat neighbour that is like it, so that no slivers of mixed
// colours arise.  The outline of a colour follows the sides of its pixels and is then made of as few corners as leave it within a pixel
// (Douglas and Peucker 1973), between which slight turns are rounded.

const COLOURS = 24
const ALIKE = 26 // levels between colours that count as one
const FLAT = 14 // levels between neighbours in a flat place
const REACH = 3 // pixels around an edge in which a flat place is looked for
const SPECK = 30 // pixels; smaller spots go
const TOLERANCE = 1 // pixel
const ROUND = 24 // pixels before and after a slight turn in which it is rounded
const SHARP = Math.cos((50 * Math.PI) / 180) // turns beyond this stay corners
const NONE = -1 // the label of what is transparent

type Pixels = { data: Uint8ClampedArray; width: number; height: number }
type Point = [number, number]

const gap = (a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number): number =>
  Math.max(Math.abs(a[i] - b[j]), Math.abs(a[i + 1] - b[j + 1]), Math.abs(a[i + 2] - b[j + 2]))

/** Where a picture is opaque and hardly differs from the pixels to the right and below. */
function flatPlaces({ data, width, height }: Pixels): Uint8Array {
  const flat = new Uint8Array(width * height)
  for (let p = 0; p < flat.length; p++) {
    const right = (p + 1) % width ? p + 1 : p
    const below = p + width < flat.length ? p + width : p
    const solid = Math.min(data[4 * p + 3], data[4 * right + 3], data[4 * below + 3]) > 250
    flat[p] = Number(solid && gap(data, 4 * p, data, 4 * right) < FLAT && gap(data, 4 * p, data, 4 * below) < FLAT)
  }
  return flat
}

/** The commonest colours of flat places, three numbers each, none like another. */
function palette({ data }: Pixels, flat: Uint8Array): number[] {
  const heaps = new Map<number, [number, number, number, number]>()
  flat.forEach((isFlat, p) => {
    if (!isFlat) return
    const [r, g, b] = data.subarray(4 * p, 4 * p + 3)
    const key = ((r >> 3) << 10) | ((g >> 3) << 5) | (b >> 3)
    const heap = heaps.get(key) ?? [0, 0, 0, 0]
    heaps.set(key, [heap[0] + 1, heap[1] + r, heap[2] + g, heap[3] + b])
  })
  const colours: number[] = []
  for (const [count, ...sums] of [...heaps.values()].sort((a, b) => b[0] - a[0])) {
    const colour = sums.map(sum => Math.round(sum / count))
    if (count < SPECK || colours.length === 3 * COLOURS) break
    if (colours.every((_, at) => at % 3 || gap(colours, at, colour, 0) > ALIKE)) colours.push(...colour)
  }
  return colours
}

function nearest(data: Uint8ClampedArray, p: number, colours: number[], among: Iterable<number>): number {
  let [best, nearest] = [NONE, Infinity]
  for (const label of among) {
    const far = gap(data, 4 * p, colours, 3 * label)
    if (far < nearest) [best, nearest] = [label, far]
  }
  return best
}

/** The colour's number of every pixel. */
function labelled(picture: Pixels, flat: Uint8Array, colours: number[]): Int16Array {
  const { data, width, height } = picture
  const all = Array.from({ length: colours.length / 3 }, (_, i) => i)
  const labels = new Int16Array(width * height).fill(NONE)
  flat.forEach((isFlat, p) => {
    if (isFlat) labels[p] = nearest(data, p, colours, all)
  })
  const sure = labels.slice()
  for (let p = 0; p < labels.length; p++) {
    if (flat[p] || data[4 * p + 3] < 128) continue
    const [x, y] = [p % width, Math.floor(p / width)]
    const near = new Set<number>()
    for (let v = Math.max(0, y - REACH); v <= Math.min(height - 1, y + REACH); v++) {
      for (let u = Math.max(0, x - REACH); u <= Math.min(width - 1, x + REACH); u++) near.add(sure[v * width + u])
    }
    near.delete(NONE)
    labels[p] = nearest(data, p, colours, near.size ? near : all)
  }
  return labels
}

/** Gives spots of few pixels the label that most of their neighbours have. */
function withoutSpecks(labels: Int16Array, width: number): void {
  const seen = new Uint8Array(labels.length)
  for (let start = 0; start < labels.length; start++) {
    if (seen[start]) continue
    const label = labels[start]
    const spot = [start]
    const around = new Map<number, number>()
    seen[start] = 1
    for (let i = 0; i < spot.length; i++) {
      const p = spot[i]
      const sides = [p - width, p + width, p % width ? p - 1 : -1, (p + 1) % width ? p + 1 : -1]
      for (const q of sides) {
        if (q < 0 || q >= labels.length) continue
        if (labels[q] !== label) around.set(labels[q], (around.get(labels[q]) ?? 0) + 1)
        else if (!seen[q]) {
          seen[q] = 1
          spot.push(q)
        }
      }
    }
    const other = [...around].sort((a, b) => b[1] - a[1])[0]
    if (spot.length < SPECK && other) for (const p of spot) labels[p] = other[0]
  }
}

/** The closed outlines of a label, as corners of pixels; what is inside lies to the right. */
function outlines(labels: Int16Array, width: number, label: number): Point[][] {
  const wide = width + 1
  const ways = new Map<number, number[]>()
  const at = (x: number, y: number): number =>
    x < 0 || y < 0 || x >= width || y * width >= labels.length ? NONE - 1 : labels[y * width + x]
  const add = (from: number, to: number): void => {
    ways.set(from, [...(ways.get(from) ?? []), to])
  }
  for (let p = 0; p < labels.length; p++) {
    if (labels[p] !== label) continue
    const [x, y] = [p % width, Math.floor(p / width)]
    const corner = y * wide + x
    if (at(x, y - 1) !== label) add(corner, corner + 1)
    if (at(x + 1, y) !== label) add(corner + 1, corner + 1 + wide)
    if (at(x, y + 1) !== label) add(corner + 1 + wide, corner + wide)
    if (at(x - 1, y) !== label) add(corner + wide, corner)
  }
  const loops: Point[][] = []
  for (const start of ways.keys()) {
    while (ways.get(start)?.length) {
      const loop: Point[] = []
      let place = start
      do {
        loop.push([place % wide, Math.floor(place / wide)])
        place = ways.get(place)!.pop()!
      } while (place !== start)
      loops.push(loop)
    }
  }
  return loops
}

/** As few corners as leave all others within TOLERANCE. */
function simplified(loop: Point[]): Point[] {
  const keep = new Set([0, Math.floor(loop.length / 2)])
  const spans = [
    [0, Math.floor(loop.length / 2)],
    [Math.floor(loop.length / 2), loop.length],
  ]
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [from, to] = span
    const [[x, y], [u, v]] = [loop[from], loop[to % loop.length]]
    const length = Math.hypot(u - x, v - y) || 1
    let [far, widest] = [0, TOLERANCE]
    for (let i = from + 1; i < to; i++) {
      const off = Math.abs((loop[i][0] - x) * (v - y) - (loop[i][1] - y) * (u - x)) / length
      if (off > widest) [far, widest] = [i, off]
    }
    if (!far) continue
    keep.add(far)
    spans.push([from, far], [far, to])
  }
  return [...keep].sort((a, b) => a - b).map(i => loop[i])
}

const written = ([x, y]: Point): string => `${Number(x.toFixed(1))} ${Number(y.toFixed(1))}`

/** An outline as path data: corners stay, slight turns are rounded. */
function drawn(corners: Point[]): string {
  const parts = corners.map((here, i) => {
    const before = corners.at(i - 1)!
    const after = corners[(i + 1) % corners.length]
    const [a, b] = [
      Math.hypot(here[0] - before[0], here[1] - before[1]),
      Math.hypot(after[0] - here[0], after[1] - here[1]),
    ]
    const along =
      ((here[0] - before[0]) * (after[0] - here[0]) + (here[1] - before[1]) * (after[1] - here[1])) / (a * b)
    if (along < SHARP) return written(here)
    const toward = (other: Point, length: number): Point => {
      const share = Math.min(0.5, ROUND / length)
      return [here[0] + share * (other[0] - here[0]), here[1] + share * (other[1] - here[1])]
    }
    return `${written(toward(before, a))}Q${written(here)} ${written(toward(after, b))}`
  })
  return `M${parts.join('L')}Z`
}

/** RGBA pixels -> the text of an SVG of the same size. */
export function trace(picture: Pixels): string {
  const { width, height } = picture
  const flat = flatPlaces(picture)
  const colours = palette(picture, flat)
  const labels = labelled(picture, flat, colours)
  withoutSpecks(labels, width)
  const paths = Array.from({ length: colours.length / 3 }, (_, label) => {
    const data = outlines(labels, width, label)
      .map(simplified)
      .filter(corners => corners.length > 2)
      .map(drawn)
      .join('')
    const colour = `#${colours
      .slice(3 * label, 3 * label + 3)
      .map(c => c.toString(16).padStart(2, '0'))
      .join('')}`
    // Half a pixel of its own colour around it: no gaps show between neighbours.
    return data && `<path fill="${colour}" stroke="${colour}" d="${data}"/>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" fill-rule="evenodd" stroke-linejoin="round">${paths.join('')}</svg>\n`
}
