// From a camera's frame to crops, and from looks to a find: chonk/hunt/looks.py does the same for training and measurements.

/** How frames are searched; it comes with the recognizer. */
export interface Search {
  /** Pixels to which a frame is brought first. */
  area: number
  /** Pixels of the whole frame's largest copy. */
  copy: number
  /** The copies of the whole frame. */
  scales: number[]
  /** The scale of the frame's middle. */
  near: number
  /** Places of a frame that are looked at closely. */
  places: number
  /** Those of them, where a sticker is likeliest, that are looked at again from a little beside. */
  closer: number
  /** How: right and down in widths, and how much wider. */
  nudges: [number, number, number][]
  /** Looks at a place, those that are surest of a sticker, that say how likely it is there. */
  surest: number
  /** Places that are looked at in every frame: across and down as shares of it, width as a share of its shorter side. */
  always: [number, number, number][]
  /** Places nearer to each other than this, in widths, are one where they are alike in width, and else the surest counts. */
  apart: number
  /** Width of a sticker as the finder likes it, and from one of its places to the next, in pixels of a copy. */
  side: number
  step: number
  /** Side of a crop, and of the sticker in its middle. */
  crop: number
  filled: number
  /** Seconds after which a look counts a third. */
  memory: number
  /** Evidence for a find. */
  enough: number
}

/** Three numbers a pixel, row by row, from -1 to 1. */
export interface Picture {
  width: number
  height: number
  values: Float32Array<ArrayBuffer>
}

/** What of a frame is copied, in its pixels, and how large. */
export interface Copy {
  x: number
  y: number
  width: number
  height: number
  columns: number
  rows: number
}

/** Where a sticker may be, in the frame's pixels, and how likely it is there. */
export interface Place {
  x: number
  y: number
  width: number
  chance: number
}

const SMALLEST = 16 // pixels below which no picture is halved
const FLOOR = 0.08 // deviation below which contrast is noise
const MIN_PLACES = 4 // places of a copy across and down

/** Sides of a camera's picture as it is looked at. */
export function sides(width: number, height: number, area: number): [number, number] {
  const ratio = Math.sqrt(area / (width * height))
  return [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))]
}

/** The frame, and each of its halves by means of four pixels. */
export function mips(rgba: Uint8ClampedArray, width: number, height: number): Picture[] {
  const values = new Float32Array(3 * width * height)
  for (let i = 0, at = 0; at < values.length; i += 4) {
    for (let c = 0; c < 3; c++) values[at++] = rgba[i + c] / 127.5 - 1
  }
  const levels: Picture[] = [{ width, height, values }]
  for (let last = levels[0]; Math.min(last.width, last.height) >= SMALLEST; last = levels[levels.length - 1]) {
    levels.push(half(last))
  }
  return levels
}

function half(of: Picture): Picture {
  const [width, height, row] = [of.width >> 1, of.height >> 1, 3 * of.width]
  const values = new Float32Array(3 * width * height)
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let from = 2 * y * row + 6 * x
      for (let c = 0; c < 3; c++, from++) {
        values[at++] = (of.values[from] + of.values[from + 3] + of.values[from + row] + of.values[from + row + 3]) / 4
      }
    }
  }
  return { width, height, values }
}

/** A rectangle of the frame, bilinear, from the level whose pixels are not more than twice as fine; beyond the border the last
 *  pixels go on. */
export function cut(levels: readonly Picture[], { x, y, width, height, columns, rows }: Copy): Picture {
  const ratio = Math.max(width / columns, height / rows)
  let level = 0
  while (level + 1 < levels.length && ratio >= 2 ** (level + 1)) level++
  const from = levels[level]
  const across = steps(x, width, columns, level, from.width)
  const down = steps(y, height, rows, level, from.height)
  const values = new Float32Array(3 * columns * rows)
  let at = 0
  for (const [top, below, part] of down) {
    for (const [left, right, share] of across) {
      for (let c = 0; c < 3; c++) {
        const before = mix(from.values, 3 * (top * from.width + left) + c, 3 * (below * from.width + left) + c, part)
        const after = mix(from.values, 3 * (top * from.width + right) + c, 3 * (below * from.width + right) + c, part)
        values[at++] = before + (after - before) * share
      }
    }
  }
  return { width: columns, height: rows, values }
}

const mix = (values: Float32Array, one: number, other: number, share: number): number =>
  values[one] + (values[other] - values[one]) * share

/** For each of so many places that cover a stretch: the pixels before and behind it, and how far beyond the first it is. */
function steps(start: number, length: number, count: number, level: number, limit: number): [number, number, number][] {
  return Array.from({ length: count }, (_, i) => {
    const at = Math.min(limit - 1, Math.max(0, (start + ((i + 0.5) * length) / count) / 2 ** level - 0.5))
    const whole = Math.floor(at)
    return [whole, Math.min(limit - 1, whole + 1), at - whole]
  })
}

/** Makes a picture's mean 0 and its deviation 1. */
export function even({ values }: Picture): Float32Array<ArrayBuffer> {
  let [sum, square] = [0, 0]
  for (const v of values) sum += v
  const mean = sum / values.length
  for (const v of values) square += (v - mean) ** 2
  const scale = 1 / Math.max(FLOOR, Math.sqrt(square / values.length))
  return values.map(v => (v - mean) * scale)
}

/** What the finder looks at: the frame's middle, and the whole of it at all scales. */
export function copies(width: number, height: number, search: Search): Copy[] {
  const side = (length: number, scale: number): number => {
    const ratio = (scale * Math.sqrt(search.copy / (width * height))) / search.step
    return Math.max(MIN_PLACES, Math.round(length * ratio)) * search.step
  }
  const of = (scale: number): { columns: number; rows: number } => ({
    columns: side(width, scale),
    rows: side(height, scale),
  })
  const edge = (1 - 1 / search.near) / 2
  const middle = { x: edge * width, y: edge * height, width: width / search.near, height: height / search.near }
  return [{ ...middle, ...of(1) }, ...search.scales.map(scale => ({ x: 0, y: 0, width, height, ...of(scale) }))]
}

/** The places that the finder's numbers for a copy tell of: rows x columns x (logit, right, down, log of the width). */
export function placesOf(values: Float32Array, copy: Copy, search: Search): Place[] {
  const { step, side } = search
  const [across, down] = [copy.width / copy.columns, copy.height / copy.rows]
  const columns = copy.columns / step
  return Array.from({ length: values.length / 4 }, (_, i) => ({
    x: copy.x + across * step * ((i % columns) + 0.5 + values[4 * i + 1]),
    y: copy.y + down * step * (Math.floor(i / columns) + 0.5 + values[4 * i + 2]),
    width: across * side * Math.exp(Math.max(-1, Math.min(1, values[4 * i + 3]))),
    chance: 1 / (1 + Math.exp(-values[4 * i])),
  }))
}

const CONSIDERED = 128

/** The likeliest places that are not the same. */
export const likeliest = (places: Place[], search: Search): Place[] =>
  distinct(places.sort((a, b) => b.chance - a.chance).slice(0, CONSIDERED), search.places, search)

/** The places that are looked at in every frame. */
export function always(width: number, height: number, search: Search): Place[] {
  const side = Math.min(width, height)
  return search.always.map(([x, y, wide]) => ({ x: x * width, y: y * height, width: wide * side, chance: 0 }))
}

/** Whether the middles of two places are too near to each other for two stickers. */
export const near = (one: Place, other: Place, { apart }: Search): boolean =>
  Math.hypot(one.x - other.x, one.y - other.y) < apart * Math.max(one.width, other.width)

/** The first so many places that are not the same as one before. */
export function distinct<P extends Place>(places: readonly P[], limit: number, search: Search): P[] {
  const kept: P[] = []
  for (const place of places) {
    if (kept.length === limit) break
    const same = (other: Place): boolean => {
      const [wide, narrow] = [Math.max(place.width, other.width), Math.min(place.width, other.width)]
      return near(place, other, search) && wide < 1.5 * narrow
    }
    if (!kept.some(same)) kept.push(place)
  }
  return kept
}

export const nudged = (place: Place, [right, down, wider]: Search['nudges'][number]): Place => ({
  ...place,
  x: place.x + right * place.width,
  y: place.y + down * place.width,
  width: wider * place.width,
})

/** What is shown to the namer of a place. */
export function around({ x, y, width }: Place, { crop, filled }: Search): Copy {
  const side = (width * crop) / filled
  return { x: x - side / 2, y: y - side / 2, width: side, height: side, columns: crop, rows: crop }
}

/** What several looks say together. */
export class Evidence {
  readonly values: Float64Array

  constructor(
    stickers: number,
    private readonly memory: number,
  ) {
    this.values = new Float64Array(stickers)
  }

  /** A look, so many seconds after the one before. */
  add(seen: ArrayLike<number>, seconds: number): void {
    const keep = Math.exp(-seconds / this.memory)
    for (let i = 0; i < this.values.length; i++) this.values[i] = keep * this.values[i] + (1 - keep) * seen[i]
  }

  clear(): void {
    this.values.fill(0)
  }
}
