// What a transformer has beside linear maps at each place.
import { fourProducts } from './lanes'
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

/** What each place reads from all: queries, keys and values lie side by side at every place, each with `channels` numbers, head by
 *  head.  Places, and the numbers of a head, are multiples of four; `shares` is room for as many numbers as there are places. */
export function selfAttention(qkv: usize, shares: usize, to: usize, places: i32, channels: i32, heads: i32): void {
  const row = (channels << 2) as usize
  const place = row * 3
  const size = row / (heads as usize)
  for (let head = 0; head < heads; head++) {
    const queries = qkv + (head as usize) * size
    const keys = queries + row
    const values = keys + row
    for (let i = 0; i < places; i++) {
      const query = queries + (i as usize) * place
      for (let j = 0; j < places; j += 4) {
        const products = fourProducts(query, keys + (j as usize) * place, place, size)
        v128.store(shares + (j << 2), products)
      }
      softmax(shares, shares, 1, places)
      const read = to + (i as usize) * row + (head as usize) * size
      for (let c: usize = 0; c < size; c += 16) {
        let s = f32x4.splat(0)
        let value = values + c
        for (let j = 0; j < places; j++) {
          s = f32x4.add(s, f32x4.mul(f32x4.splat(f32.load(shares + (j << 2))), v128.load(value)))
          value += place
        }
        v128.store(read + c, s)
      }
    }
  }
}
