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
