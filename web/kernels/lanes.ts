// What several kernels do with four numbers at a time.

/** Leaky ReLU; slope 1 is the identity and slope 0 plain ReLU. */
export function leaky(v: v128, slope: v128): v128 {
  const zero = f32x4.splat(0)
  return f32x4.add(f32x4.max(v, zero), f32x4.mul(slope, f32x4.min(v, zero)))
}

export function storeLanes(to: usize, v: v128, lanes: i32): void {
  if (lanes >= 4) {
    v128.store(to, v)
    return
  }
  f32.store(to, f32x4.extract_lane(v, 0))
  if (lanes > 1) f32.store(to, f32x4.extract_lane(v, 1), 4)
  if (lanes > 2) f32.store(to, f32x4.extract_lane(v, 2), 8)
}

/** The sums of four vectors, side by side. */
export function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7))
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7))
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7))
}

/** A vector of so many bytes, a multiple of 16, times each of four that begin `stride` bytes after one another: four numbers. */
export function fourProducts(vector: usize, rows: usize, stride: usize, bytes: usize): v128 {
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
