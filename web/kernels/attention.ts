// What a transformer has beside linear maps at each place.
import { softmax } from './pointwise'

const EPSILON: f32 = 1e-5

function total(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
}

/** Every pixel's channels, a multiple of four, with mean 0 and variance 1. */
export function normalize(from: usize, to: usize, pixels: i32, channels: i32): void {
  const pixel = (channels << 2) as usize
  const share: f32 = 1 / (channels as f32)
  for (let i = 0; i < pixels; i++) {
    let sum = f32x4.splat(0)
    for (let c: usize = 0; c < pixel; c += 16) sum = f32x4.add(sum, v128.load(from + c))
    const mean = f32x4.splat(share * total(sum))
    let squares = f32x4.splat(0)
    for (let c: usize = 0; c < pixel; c += 16) {
      const d = f32x4.sub(v128.load(from + c), mean)
      squares = f32x4.add(squares, f32x4.mul(d, d))
    }
    const scale = f32x4.splat(1 / sqrt<f32>(share * total(squares) + EPSILON))
    for (let c: usize = 0; c < pixel; c += 16)
      v128.store(to + c, f32x4.mul(f32x4.sub(v128.load(from + c), mean), scale))
    from += pixel
    to += pixel
  }
}

/** to = a b for four rows of a and `columns` columns of b, a multiple of eight; every matrix has its own distance between rows.
 *  As `conv` does it, but both are read where they lie. */
function fourRows(
  a: usize,
  aRow: usize,
  b: usize,
  bRow: usize,
  to: usize,
  toRow: usize,
  inner: i32,
  columns: i32,
): void {
  for (let c = 0; c < columns; c += 8) {
    let s00 = f32x4.splat(0),
      s01 = s00,
      s10 = s00,
      s11 = s00,
      s20 = s00,
      s21 = s00,
      s30 = s00,
      s31 = s00
    let p0 = a,
      at = b + (c << 2)
    let p1 = p0 + aRow,
      p2 = p0 + 2 * aRow,
      p3 = p0 + 3 * aRow
    for (let k = 0; k < inner; k++) {
      const w0 = v128.load(at),
        w1 = v128.load(at, 16)
      let x = v128.load32_splat(p0)
      s00 = f32x4.add(s00, f32x4.mul(x, w0))
      s01 = f32x4.add(s01, f32x4.mul(x, w1))
      x = v128.load32_splat(p1)
      s10 = f32x4.add(s10, f32x4.mul(x, w0))
      s11 = f32x4.add(s11, f32x4.mul(x, w1))
      x = v128.load32_splat(p2)
      s20 = f32x4.add(s20, f32x4.mul(x, w0))
      s21 = f32x4.add(s21, f32x4.mul(x, w1))
      x = v128.load32_splat(p3)
      s30 = f32x4.add(s30, f32x4.mul(x, w0))
      s31 = f32x4.add(s31, f32x4.mul(x, w1))
      p0 += 4
      p1 += 4
      p2 += 4
      p3 += 4
      at += bRow
    }
    let out = to + (c << 2)
    v128.store(out, s00)
    v128.store(out, s01, 16)
    out += toRow
    v128.store(out, s10)
    v128.store(out, s11, 16)
    out += toRow
    v128.store(out, s20)
    v128.store(out, s21, 16)
    out += toRow
    v128.store(out, s30)
    v128.store(out, s31, 16)
  }
}

/** What each place reads from all: queries, keys and values lie side by side at every place, each with `channels` numbers, head by
 *  head.  Places, and the numbers of a head, are multiples of eight; `room` is for as many numbers as there are places, times
 *  those of a head and four. */
export function selfAttention(qkv: usize, room: usize, to: usize, places: i32, channels: i32, heads: i32): void {
  const row = (channels << 2) as usize
  const place = row * 3
  const line = (places << 2) as usize
  const size = channels / heads
  const shares = room + (size as usize) * line
  for (let head = 0; head < heads; head++) {
    const offset = ((head * size) << 2) as usize
    const queries = qkv + offset,
      values = queries + 2 * row
    // Keys, one number of all places after the other.
    for (let i = 0; i < places; i++) {
      const key = queries + row + (i as usize) * place
      for (let c = 0; c < size; c++) f32.store(room + (c as usize) * line + (i << 2), f32.load(key + (c << 2)))
    }
    for (let i = 0; i < places; i += 4) {
      fourRows(queries + (i as usize) * place, place, room, line, shares, line, size, places)
      softmax(shares, shares, 4, places)
      fourRows(shares, line, values, place, to + (i as usize) * row + offset, row, places, size)
    }
  }
}
