// A finished picture without its ground, as a sticker wants it.  The twin of chonk/draw/shape.py.

type Pixels = ImageData | { data: Uint8ClampedArray; width: number; height: number }

const ALMOST_WHITE = 235 // a white ground is where more than FEW of the border is lighter than that
const FEW = 0.1
const NEAR = 12 // levels from white that are ground still, where they are joined to the border
const BAND = 3 // pixels beside the ground that may be mixtures with it
const REACH = 2 // pixels beyond the band in which an unmixed colour is looked for
const HAZE = 12 // alpha that is nothing yet, and as much that lacks of all of it
const SPECK = 0.002 // share of the picture up to which a loose piece is dirt
const ROUND = 0.12 // of the side: radius of the corners of what fills all of it

/** Changes the pixels: white ground of a picture that `wasOpaque` and specks go, and what has no ground to lose gets round corners. */
export function loosen(picture: Pixels, wasOpaque: boolean): void {
  const { data, width, height } = picture
  const count = width * height
  if (wasOpaque && share(rim(width, height), p => lightness(data, p) > ALMOST_WHITE) > FEW) cutOut(picture)
  for (let p = 0; p < count; p++) {
    data[4 * p + 3] = Math.floor(((data[4 * p + 3] - HAZE) * 255) / (255 - 2 * HAZE))
  }
  let solid = 0
  for (let p = 0; p < count; p++) if (data[4 * p + 3] > 250) solid++
  if (solid > 0.98 * count) roundCorners(picture)
  else removeSpecks(picture)
}

function removeSpecks(picture: Pixels): void {
  const { data } = picture
  const count = data.length / 4
  const seen = new Uint8Array(count)
  const isDrawn = (p: number): boolean => data[4 * p + 3] > 16
  for (let start = 0; start < count; start++) {
    if (seen[start] || !isDrawn(start)) continue
    const piece = joined(picture, [start], seen, isDrawn, true)
    if (piece.length < SPECK * count) for (const p of piece) data[4 * p + 3] = 0
  }
}

const lightness = (data: Uint8ClampedArray, p: number): number =>
  Math.min(data[4 * p], data[4 * p + 1], data[4 * p + 2])

const share = (places: number[], is: (p: number) => boolean): number => places.filter(is).length / places.length

function rim(width: number, height: number): number[] {
  const places: number[] = []
  for (let x = 0; x < width; x++) places.push(x, (height - 1) * width + x)
  for (let y = 1; y < height - 1; y++) places.push(y * width, y * width + width - 1)
  return places
}

/** Calls `visit` for every place within `reach` of this one, or without corners for those in its row and column. */
function around({ width, height }: Pixels, p: number, reach: number, visit: (q: number) => void, corners = true): void {
  const x = p % width
  const y = (p - x) / width
  const bottom = Math.min(height - 1, y + reach)
  const right = Math.min(width - 1, x + reach)
  for (let v = Math.max(0, y - reach); v <= bottom; v++) {
    for (let u = Math.max(0, x - reach); u <= right; u++) if (corners || u === x || v === y) visit(v * width + u)
  }
}

/** The places of this kind that hang together with one of the first; `seen` notes them. */
function joined(
  picture: Pixels,
  first: number[],
  seen: Uint8Array,
  is: (p: number) => boolean,
  corners: boolean,
): number[] {
  const found: number[] = []
  const add = (p: number): void => {
    if (seen[p] || !is(p)) return
    seen[p] = 1
    found.push(p)
  }
  first.forEach(add)
  for (let i = 0; i < found.length; i++) around(picture, found[i], 1, add, corners)
  return found
}

/** What is white and joined to the border becomes transparent; pixels beside it are mixtures, of white and of the nearest unmixed colours. */
function cutOut(picture: Pixels): void {
  const { data, width, height } = picture
  const ground = new Uint8Array(width * height)
  joined(picture, rim(width, height), ground, p => lightness(data, p) >= 255 - NEAR, false)
  const given = data.slice()
  const band = new Set<number>()
  const add = (q: number): void => {
    if (!ground[q]) band.add(q)
  }
  ground.forEach((isGround, p) => {
    if (isGround) around(picture, p, 1, add)
  })
  for (let step = 1; step < BAND; step++) for (const p of [...band]) around(picture, p, 1, add)
  for (const p of band) {
    const sure: number[] = []
    around(picture, p, BAND + REACH, q => {
      if (!ground[q] && !band.has(q)) sure.push(q)
    })
    if (!sure.length) continue
    const nearest = Math.min(...sure.map(q => distance(p, q, width)))
    const own = sure.filter(q => distance(p, q, width) <= nearest + 1)
    const colour = [0, 1, 2].map(c => own.reduce((sum, q) => sum + given[4 * q + c], 0) / own.length)
    const line = colour.map(value => value - 255)
    const length = line.reduce((sum, value) => sum + value * value, 0)
    const along = line.reduce((sum, value, c) => sum + value * (given[4 * p + c] - 255), 0)
    const alpha = Math.max(0, Math.min(1, along / Math.max(1, length)))
    if (alpha > 0.94) continue
    data.set([...colour, 255 * alpha], 4 * p)
  }
  ground.forEach((isGround, p) => {
    if (isGround) data[4 * p + 3] = 0
  })
}

const distance = (p: number, q: number, width: number): number =>
  Math.hypot((p % width) - (q % width), Math.floor(p / width) - Math.floor(q / width))

function roundCorners({ data, width, height }: Pixels): void {
  const radius = ROUND * Math.min(width, height)
  for (let p = 0; p < width * height; p++) {
    const [x, y] = [(p % width) + 0.5, Math.floor(p / width) + 0.5]
    const off = Math.hypot(
      Math.max(radius - x, x - (width - radius), 0),
      Math.max(radius - y, y - (height - radius), 0),
    )
    data[4 * p + 3] = Math.min(data[4 * p + 3], 255 * Math.max(0, Math.min(1, radius + 0.5 - off)))
  }
}
