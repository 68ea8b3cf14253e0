// A linear map of its own at every place, forwards and backwards from the same weights: places x rows x columns, each row
// filled up with zeroes to a multiple of four numbers.  Behind the last row lie three more, or the end of a vector of 32, that are read and not used.
import { storeLanes } from './lanes'

function rowBytes(columns: i32): usize {
  return (((columns + 3) & ~3) << 2) as usize
}

function put(to: usize, v: v128, lanes: i32): void {
  if (lanes > 0) storeLanes(to, v, lanes)
}

/** The sums of four vectors, side by side. */
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7))
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7))
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7))
}

/** A vector of so many bytes, a multiple of 16, times each of four that begin `stride` bytes after one another: four numbers. */
function fourProducts(vector: usize, rows: usize, stride: usize, bytes: usize): v128 {
  let s0 = f32x4.splat(0),
    s1 = s0,
    s2 = s0,
    s3 = s0
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = v128.load(vector + i)
    s0 = f32x4.add(s0, f32x4.mul(x, v128.load(rows + i)))
    s1 = f32x4.add(s1, f32x4.mul(x, v128.load(rows + stride + i)))
    s2 = f32x4.add(s2, f32x4.mul(x, v128.load(rows + 2 * stride + i)))
    s3 = f32x4.add(s3, f32x4.mul(x, v128.load(rows + 3 * stride + i)))
  }
  return sums(s0, s1, s2, s3)
}

/** A number for each row: its product with the `columns` numbers of the place. */
export function local(from: usize, weights: usize, to: usize, places: i32, rows: i32, columns: i32): void {
  const row = rowBytes(columns)
  for (let place = 0; place < places; place++) {
    for (let r = 0; r < rows; r += 4) {
      const products = fourProducts(from, weights + (r as usize) * row, row, row)
      storeLanes(to + (r << 2), products, rows - r)
    }
    weights += (rows as usize) * row
    from += columns << 2
    to += rows << 2
  }
}

/** A number for each column: the sum of the rows, each times its number of the place's `rows`, most of which are 0 after a softmax. */
export function localBack(from: usize, weights: usize, to: usize, places: i32, rows: i32, columns: i32): void {
  const row = rowBytes(columns)
  for (let place = 0; place < places; place++) {
    for (let c = 0; c < columns; c += 32) {
      let s0 = f32x4.splat(0),
        s1 = s0,
        s2 = s0,
        s3 = s0,
        s4 = s0,
        s5 = s0,
        s6 = s0,
        s7 = s0
      let w = weights + (c << 2)
      for (let r = 0; r < rows; r++) {
        const factor = f32.load(from + (r << 2))
        if (factor === 0) {
          w += row
          continue
        }
        const x = f32x4.splat(factor)
        s0 = f32x4.add(s0, f32x4.mul(x, v128.load(w)))
        s1 = f32x4.add(s1, f32x4.mul(x, v128.load(w, 16)))
        s2 = f32x4.add(s2, f32x4.mul(x, v128.load(w, 32)))
        s3 = f32x4.add(s3, f32x4.mul(x, v128.load(w, 48)))
        s4 = f32x4.add(s4, f32x4.mul(x, v128.load(w, 64)))
        s5 = f32x4.add(s5, f32x4.mul(x, v128.load(w, 80)))
        s6 = f32x4.add(s6, f32x4.mul(x, v128.load(w, 96)))
        s7 = f32x4.add(s7, f32x4.mul(x, v128.load(w, 112)))
        w += row
      }
      const at = to + (c << 2),
        left = columns - c
      put(at, s0, left)
      put(at + 16, s1, left - 4)
      put(at + 32, s2, left - 8)
      put(at + 48, s3, left - 12)
      put(at + 64, s4, left - 16)
      put(at + 80, s5, left - 20)
      put(at + 96, s6, left - 24)
      put(at + 112, s7, left - 28)
    }
    weights += (rows as usize) * row
    from += rows << 2
    to += columns << 2
  }
}
