// From a camera's frame to a find: chonk/hunt/looks.py does the same for the measurements.

/** How frames are searched; it comes with the recognizer. */
export interface Search {
  /** Pixels of the whole frame at scale 1. */
  area: number
  /** The copies of the whole frame. */
  scales: number[]
  /** The scale of the frame's middle. */
  near: number
  /** Of the windows that are moved over the frame, and from one to the next. */
  side: number
  step: number
  /** Seconds after which a look counts a third. */
  memory: number
  /** Evidence for a find. */
  enough: number
}

/** What of a frame the net sees, and how large: shares of the frame, then pixels. */
export interface Copy {
  x: number
  y: number
  share: number
  width: number
  height: number
}

/** The frame's middle, as large as the whole frame at scale 1, and the whole of it at all scales. */
export function copies(width: number, height: number, search: Search): Copy[] {
  const side = (length: number, scale: number): number =>
    Math.max(
      search.side,
      Math.round((length * scale * Math.sqrt(search.area / (width * height))) / search.step) * search.step,
    )
  const whole = search.scales.map(scale => ({
    x: 0,
    y: 0,
    share: 1,
    width: side(width, scale),
    height: side(height, scale),
  }))
  const share = 1 / search.near
  return [{ ...whole[0], x: (1 - share) / 2, y: (1 - share) / 2, share }, ...whole]
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

  /** A look, so many seconds after the one before.  Only what it saw most clearly counts: a part of one sticker may look like
   *  another one. */
  add(seen: ArrayLike<number>, seconds: number): void {
    const keep = Math.exp(-seconds / this.memory)
    let top = 0
    for (let i = 1; i < this.values.length; i++) if (seen[i] > seen[top]) top = i
    for (let i = 0; i < this.values.length; i++) this.values[i] *= keep
    this.values[top] += (1 - keep) * seen[top]
  }

  clear(): void {
    this.values.fill(0)
  }
}
