// Everything that looks at one number, or at the channels of one pixel, at a time.

/** e^x to about 2e-7 of its value: 2^n times a polynomial on [-ln2/2, ln2/2] (the Cephes library's coefficients). */
function exp4(v: v128): v128 {
  const x = f32x4.max(f32x4.min(v, f32x4.splat(88)), f32x4.splat(-87))
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(Mathf.LOG2E)))
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)))
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.1219444e-4)))
  let p = f32x4.splat(1.98756915e-4)
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1))
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1))
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23)
  return f32x4.mul(p, power)
}

function sigmoid4(v: v128): v128 {
  const one = f32x4.splat(1)
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(v))))
}

function activate(v: v128, kind: i32, alpha: v128): v128 {
  const zero = f32x4.splat(0),
    one = f32x4.splat(1)
  if (kind === 0) return f32x4.add(f32x4.max(v, zero), f32x4.mul(alpha, f32x4.min(v, zero)))
  if (kind === 1) return f32x4.add(f32x4.max(v, zero), f32x4.mul(alpha, f32x4.sub(exp4(f32x4.min(v, zero)), one)))
  if (kind === 2) return f32x4.mul(v, sigmoid4(v))
  if (kind === 3) return sigmoid4(v)
  return f32x4.sub(f32x4.mul(f32x4.splat(2), sigmoid4(f32x4.add(v, v))), one)
}

/** Activation of `count` numbers.  Kinds: 0 leaky ReLU (slope alpha), 1 ELU (alpha), 2 SiLU, 3 sigmoid, 4 tanh. */
export function activation(from: usize, to: usize, count: i32, kind: i32, alpha: f32): void {
  const alphas = f32x4.splat(alpha)
  for (let i = 0; i < count; i += 4) v128.store(to + (i << 2), activate(v128.load(from + (i << 2)), kind, alphas))
}

/** to = x, no lower than `low` and no higher than `high`. */
export function clamp(from: usize, to: usize, count: i32, low: f32, high: f32): void {
  const least = f32x4.splat(low),
    most = f32x4.splat(high)
  for (let i = 0; i < count; i += 4)
    v128.store(to + (i << 2), f32x4.min(f32x4.max(v128.load(from + (i << 2)), least), most))
}

/** to = p a + q b. */
export function mix(a: usize, b: usize, to: usize, count: i32, p: f32, q: f32): void {
  const ps = f32x4.splat(p),
    qs = f32x4.splat(q)
  for (let i = 0; i < count; i += 4) {
    const at = (i << 2) as usize
    v128.store(to + at, f32x4.add(f32x4.mul(ps, v128.load(a + at)), f32x4.mul(qs, v128.load(b + at))))
  }
}

/** to = a b, number by number. */
export function product(a: usize, b: usize, to: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const at = (i << 2) as usize
    v128.store(to + at, f32x4.mul(v128.load(a + at), v128.load(b + at)))
  }
}

/** to = scale x + shift, with a scale and a shift for every channel.
 *  What a vector writes over the end of a pixel is written again with the next one, here and in `softmax`. */
export function affine(from: usize, scale: usize, shift: usize, to: usize, pixels: i32, channels: i32): void {
  const pixel = (channels << 2) as usize
  for (let i = 0; i < pixels; i++) {
    for (let c: usize = 0; c < pixel; c += 16) {
      v128.store(to + c, f32x4.add(f32x4.mul(v128.load(from + c), v128.load(scale + c)), v128.load(shift + c)))
    }
    from += pixel
    to += pixel
  }
}

/** Below the largest logit by more than that, a share is exactly 0: e^-30 is lost in the rounding of the sum, and so small a share
 *  would end as a denormal number, with which processors multiply a hundred times slower. */
const NEGLIGIBLE: f32 = -30

/** Softmax over the channels of every pixel. */
export function softmax(from: usize, to: usize, pixels: i32, channels: i32): void {
  const pixel = (channels << 2) as usize
  const whole = pixel & ~15
  for (let i = 0; i < pixels; i++) {
    let peak = f32x4.splat(-Infinity)
    for (let c: usize = 0; c < whole; c += 16) peak = f32x4.max(peak, v128.load(from + c))
    let most = max(
      max(f32x4.extract_lane(peak, 0), f32x4.extract_lane(peak, 1)),
      max(f32x4.extract_lane(peak, 2), f32x4.extract_lane(peak, 3)),
    )
    for (let c = whole; c < pixel; c += 4) most = max(most, f32.load(from + c))
    let sums = f32x4.splat(0)
    for (let c: usize = 0; c < pixel; c += 16) {
      const below = f32x4.sub(v128.load(from + c), f32x4.splat(most))
      const counts = f32x4.gt(below, f32x4.splat(NEGLIGIBLE))
      const e = v128.any_true(counts) ? v128.and(exp4(below), counts) : f32x4.splat(0)
      v128.store(to + c, e)
      if (c < whole) sums = f32x4.add(sums, e)
    }
    let sum =
      f32x4.extract_lane(sums, 0) +
      f32x4.extract_lane(sums, 1) +
      (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3))
    for (let c = whole; c < pixel; c += 4) sum += f32.load(to + c)
    const inverse = f32x4.splat(1 / sum)
    for (let c: usize = 0; c < pixel; c += 16) v128.store(to + c, f32x4.mul(v128.load(to + c), inverse))
    from += pixel
    to += pixel
  }
}
