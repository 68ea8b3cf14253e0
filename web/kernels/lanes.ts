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
