// Winograd's 3x3 convolution with zero border, four by four pixels at a time: F(4x4, 3x3) of Lavin and Gray 2016
// (arXiv:1509.09308).  36 multiplications make 16 pixels, where the definition needs 144; between the two transforms here
// stand 36 plain matrix products, which are `conv` with a kernel of one pixel.
import { leaky } from './lanes'

/** Room for one tile between the passes over its columns and over its rows. */
const between = memory.data(36 << 4, 16)

function times(factor: f32, v: v128): v128 {
  return f32x4.mul(f32x4.splat(factor), v)
}

/** One column or row of B^T d: reads six vectors `step` bytes apart, writes six `stride` apart. */
function spread(from: usize, step: usize, to: usize, stride: usize): void {
  const d0 = v128.load(from),
    d1 = v128.load(from + step),
    d2 = v128.load(from + 2 * step)
  const d3 = v128.load(from + 3 * step),
    d4 = v128.load(from + 4 * step),
    d5 = v128.load(from + 5 * step)
  const even = f32x4.sub(d4, times(4, d2)),
    odd = f32x4.sub(d3, times(4, d1))
  const near = f32x4.sub(d4, d2),
    far = times(2, f32x4.sub(d3, d1))
  v128.store(to, f32x4.add(f32x4.sub(times(4, d0), times(5, d2)), d4))
  v128.store(to + stride, f32x4.add(even, odd))
  v128.store(to + 2 * stride, f32x4.sub(even, odd))
  v128.store(to + 3 * stride, f32x4.add(near, far))
  v128.store(to + 4 * stride, f32x4.sub(near, far))
  v128.store(to + 5 * stride, f32x4.add(f32x4.sub(times(4, d1), times(5, d3)), d5))
}

/**
 * B^T d B of a row of tiles.  `input` is the top left of the row in the padded map; number k of the 36 planes of `to` holds
 * `tiles` x `channels` numbers and starts `plane` bytes after the one before.  `channels` is a multiple of 4.
 */
export function winogradIn(input: usize, to: usize, tiles: i32, channels: i32, rowBytes: usize, plane: usize): void {
  const pixel = (channels << 2) as usize
  for (let tile = 0; tile < tiles; tile++) {
    for (let c: usize = 0; c < pixel; c += 16) {
      const corner = input + ((tile << 2) as usize) * pixel + c
      for (let column: usize = 0; column < 6; column++)
        spread(corner + column * pixel, rowBytes, between + (column << 4), 6 << 4)
      const out = to + (tile as usize) * pixel + c
      for (let row: usize = 0; row < 6; row++) spread(between + row * (6 << 4), 16, out + row * 6 * plane, plane)
    }
  }
}

function gather(from: usize, step: usize, to: usize, stride: usize, bias: v128, slopes: v128): void {
  const m1 = v128.load(from + step),
    m2 = v128.load(from + 2 * step),
    m3 = v128.load(from + 3 * step),
    m4 = v128.load(from + 4 * step)
  const plus = f32x4.add(m1, m2),
    minus = f32x4.sub(m1, m2),
    wide = f32x4.add(m3, m4),
    slant = f32x4.sub(m3, m4)
  v128.store(to, leaky(f32x4.add(f32x4.add(f32x4.add(v128.load(from), plus), wide), bias), slopes))
  v128.store(to + stride, leaky(f32x4.add(f32x4.add(minus, times(2, slant)), bias), slopes))
  v128.store(to + 2 * stride, leaky(f32x4.add(f32x4.add(plus, times(4, wide)), bias), slopes))
  v128.store(
    to + 3 * stride,
    leaky(f32x4.add(f32x4.add(f32x4.add(minus, times(8, slant)), v128.load(from + 5 * step)), bias), slopes),
  )
}

/** A^T m A of a row of tiles, plus bias, through a leaky ReLU: from 36 planes to four rows of the map at `to`. */
export function winogradOut(
  from: usize,
  bias: usize,
  to: usize,
  tiles: i32,
  channels: i32,
  rowBytes: usize,
  plane: usize,
  slope: f32,
): void {
  const pixel = (channels << 2) as usize
  const none = f32x4.splat(0),
    one = f32x4.splat(1),
    slopes = f32x4.splat(slope)
  for (let tile = 0; tile < tiles; tile++) {
    for (let c: usize = 0; c < pixel; c += 16) {
      const first = from + (tile as usize) * pixel + c
      const own = v128.load(bias + c)
      for (let column: usize = 0; column < 6; column++)
        gather(first + column * plane, 6 * plane, between + (column << 4), 6 << 4, none, one)
      const corner = to + ((tile << 2) as usize) * pixel + c
      for (let row: usize = 0; row < 4; row++)
        gather(between + row * (6 << 4), 16, corner + row * rowBytes, pixel, own, slopes)
    }
  }
}
