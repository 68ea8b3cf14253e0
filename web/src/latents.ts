// The twin of chonk/latents.py: the same seed is the same picture in Python and here.

const PROJECTION_SEED = 0x63686f6e
const POOL_SEED = 0x706f6f6c
export const MAX_POOL = 4096

function hash32(x: number): number {
  x ^= x >>> 16
  x = Math.imul(x, 0x7feb352d)
  x ^= x >>> 15
  x = Math.imul(x, 0x846ca68b)
  return (x ^ (x >>> 16)) >>> 0
}

/** Number i is a hash of (seed, offset + i), strictly inside (0, 1). */
export const MAX_TRIES = 64 // no model tries more latents for one picture
export const NEXT_TRY = 2 ** 17 // latents further on the next one is

export function uniforms(seed: number, count: number, offset = 0): Float64Array<ArrayBuffer> {
  const key = hash32(seed >>> 0)
  return Float64Array.from(
    { length: count },
    (_, i) => (hash32((hash32(((offset + i) ^ key) >>> 0) + key) >>> 0) + 0.5) / 2 ** 32,
  )
}

export function normals(seed: number, count: number, offset = 0): Float64Array<ArrayBuffer> {
  const u = uniforms(seed, 2 * count, 2 * offset)
  return Float64Array.from(
    { length: count },
    (_, i) => Math.sqrt(-2 * Math.log(u[2 * i])) * Math.cos(2 * Math.PI * u[2 * i + 1]),
  )
}

export type Kind = 'normal' | 'uniform'

/** Latent number `index` of a seed.  Where a model has a pool, the first ones of every seed come from it, in an order of its own. */
export function latent(
  seed: number,
  index: number,
  dim: number,
  kind: Kind,
  pool: readonly number[] = [],
): Float32Array {
  if (index < pool.length) return latent(POOL_SEED, pool[pooled(seed, index, pool.length)], dim, kind)
  return Float32Array.from(
    kind === 'normal' ? normals(seed, dim, index * dim) : uniforms(seed, dim, index * dim).map(u => 2 * u - 1),
  )
}

/** Where in a pool, the size of which is a power of two, latent `index` of a seed is. */
export const pooled = (seed: number, index: number, size: number): number =>
  (hash32(~seed >>> 0) + Math.imul(index, hash32(seed >>> 0) | 1)) & (size - 1)

let matrix = new Float64Array(0)

/** Three numbers through the fixed Gaussian matrix. */
export function project(numbers: readonly number[], dim: number): Float32Array {
  if (matrix.length < 3 * dim) matrix = normals(PROJECTION_SEED, 3 * dim)
  return Float32Array.from(
    { length: dim },
    (_, k) => numbers[0] * matrix[3 * k] + numbers[1] * matrix[3 * k + 1] + numbers[2] * matrix[3 * k + 2],
  )
}
