// Edges made steep: the twin of sharpen() in chonk/nets/finisher.py, for four channels.  Row by row, with the few rows before and
// after that each needs: whole maps of extremes would not stay in a processor's cache.

const SHARE: f32 = 0.75
const FULL_SHARE: f32 = 0.95
const FAINT: f32 = 0.15
const GAP: usize = 64 // rows of a power of two would take each other's place in the cache

/** The lowest and the highest value of every channel within `radius` pixels of a row. */
function alongRow(low: usize, high: usize, toLow: usize, toHigh: usize, width: i32, radius: i32): void {
  for (let x = 0; x < width; x++) {
    const first = max(0, x - radius)
    let at = (first << 4) as usize
    let lowest = v128.load(low + at)
    let highest = v128.load(high + at)
    for (let left = min(width - 1, x + radius) - first; left > 0; left--) {
      at += 16
      lowest = f32x4.min(lowest, v128.load(low + at))
      highest = f32x4.max(highest, v128.load(high + at))
    }
    v128.store(toLow + (x << 4), lowest)
    v128.store(toHigh + (x << 4), highest)
  }
}

/** The lowest and the highest values of the rows from the `first` to the `last` one.  Of `count` rows that are held row y is at place
 *  y modulo their number, the lowest values `bytes` before the highest. */
function ofRows(rows: usize, bytes: usize, count: i32, first: i32, last: i32, to: usize): void {
  memory.copy(to, rows + ((2 * (first % count)) as usize) * bytes, bytes << 1)
  for (let y = first + 1; y <= last; y++) {
    const at = rows + ((2 * (y % count)) as usize) * bytes
    for (let x: usize = 0; x < bytes; x += 16) {
      v128.store(to + x, f32x4.min(v128.load(to + x), v128.load(at + x)))
      v128.store(to + bytes + x, f32x4.max(v128.load(to + bytes + x), v128.load(at + bytes + x)))
    }
  }
}

function unit(v: v128): v128 {
  return f32x4.min(f32x4.max(v, f32x4.splat(0)), f32x4.splat(1))
}

/** A row with edges `slope` times as steep, given the extremes near every pixel and those of more around it. */
function steepen(
  from: usize,
  low: usize,
  high: usize,
  lowAround: usize,
  highAround: usize,
  to: usize,
  width: i32,
  slope: f32,
): void {
  const faint = f32x4.splat(FAINT)
  const slopes = f32x4.splat(slope)
  for (let x = 0; x < width; x++) {
    const at = (x << 4) as usize
    const v = v128.load(from + at)
    const lowest = v128.load(low + at)
    const highest = v128.load(high + at)
    const contrast = f32x4.sub(highest, lowest)
    const around = f32x4.max(f32x4.sub(v128.load(highAround + at), v128.load(lowAround + at)), f32x4.splat(1e-6))
    const share = f32x4.sub(f32x4.div(contrast, around), f32x4.splat(SHARE))
    const isEdge = f32x4.mul(
      unit(f32x4.div(share, f32x4.splat(FULL_SHARE - SHARE))),
      unit(f32x4.div(f32x4.sub(contrast, faint), faint)),
    )
    const middle = f32x4.mul(f32x4.add(highest, lowest), f32x4.splat(0.5))
    let steeper = f32x4.add(middle, f32x4.mul(slopes, f32x4.sub(v, middle)))
    steeper = f32x4.min(f32x4.max(steeper, lowest), highest)
    v128.store(to + at, f32x4.add(v, f32x4.mul(isEdge, f32x4.sub(steeper, v))))
  }
}

/** to = from with edges `slope` times as steep: extremes lie within `radius` pixels, what is around them `reach` pixels further.
 *  Needs room for 4 radius + 8 reach + 8 rows, each GAP bytes longer than a row. */
export function sharpen(
  from: usize,
  room: usize,
  to: usize,
  width: i32,
  height: i32,
  radius: i32,
  reach: i32,
  slope: f32,
): void {
  const row = (width << 4) as usize
  const bytes = row + GAP
  const tall = 2 * radius + 1
  const wide = 2 * reach + 1
  const near = room + ((2 * tall) as usize) * bytes
  const nearAlong = near + ((2 * wide) as usize) * bytes
  const around = nearAlong + ((2 * wide) as usize) * bytes
  for (let y = 0; y < height + radius + reach; y++) {
    if (y < height) {
      const at = from + (y as usize) * row
      const held = room + ((2 * (y % tall)) as usize) * bytes
      alongRow(at, at, held, held + bytes, width, radius)
    }
    const middle = y - radius
    if (middle >= 0 && middle < height) {
      const held = ((2 * (middle % wide)) as usize) * bytes
      const low = near + held
      ofRows(room, bytes, tall, max(0, middle - radius), min(height - 1, middle + radius), low)
      alongRow(low, low + bytes, nearAlong + held, nearAlong + held + bytes, width, reach)
    }
    const done = middle - reach
    if (done >= 0) {
      const at = (done as usize) * row
      const low = near + ((2 * (done % wide)) as usize) * bytes
      ofRows(nearAlong, bytes, wide, max(0, done - reach), min(height - 1, done + reach), around)
      steepen(from + at, low, low + bytes, around, around + bytes, to + at, width, slope)
    }
  }
}
