// Edges made steep: the twin of sharpen() in chonk/nets/finisher.py, for four channels.

const SHARE: f32 = 0.75
const FULL_SHARE: f32 = 0.95
const FAINT: f32 = 0.15

/** The lowest and the highest value of every channel within `radius` pixels along one direction.  There are `lines` of `length` pixels;
 *  strides are in bytes. */
export function extremes(
  low: usize,
  high: usize,
  toLow: usize,
  toHigh: usize,
  lines: i32,
  length: i32,
  lineStride: usize,
  stride: usize,
  radius: i32,
): void {
  for (let line = 0; line < lines; line++) {
    const start = (line as usize) * lineStride
    for (let i = 0; i < length; i++) {
      const last = min(length - 1, i + radius)
      let at = start + (max(0, i - radius) as usize) * stride
      let lowest = v128.load(low + at)
      let highest = v128.load(high + at)
      for (let k = max(0, i - radius) + 1; k <= last; k++) {
        at += stride
        lowest = f32x4.min(lowest, v128.load(low + at))
        highest = f32x4.max(highest, v128.load(high + at))
      }
      const here = start + (i as usize) * stride
      v128.store(toLow + here, lowest)
      v128.store(toHigh + here, highest)
    }
  }
}

function unit(v: v128): v128 {
  return f32x4.min(f32x4.max(v, f32x4.splat(0)), f32x4.splat(1))
}

/** to = x with edges `slope` times as steep, given the extremes near every pixel and those of more around it. */
export function sharpen(
  x: usize,
  low: usize,
  high: usize,
  lowAround: usize,
  highAround: usize,
  to: usize,
  pixels: i32,
  slope: f32,
): void {
  const faint = f32x4.splat(FAINT)
  const slopes = f32x4.splat(slope)
  for (let i = 0; i < pixels; i++) {
    const at = (i << 4) as usize
    const v = v128.load(x + at)
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
