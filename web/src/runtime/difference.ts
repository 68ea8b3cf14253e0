// What makes of one picture another, to be added to a third: the twin of `difference` in chonk/nets/mosaic.py.

const GAIN = 1.5
const MIN_DIFFERENCE = 0.25

/** Features of both, height x width x channels, and their standard deviation -> the difference, scaled so that it is seen. */
export function differenceOf(minus: Float32Array, plus: Float32Array, channels: number, std: number): Float32Array {
  const difference = plus.map((value, i) => value - minus[i])
  const places = Float64Array.from({ length: difference.length / channels }, (_, place) => {
    let sum = 0
    for (let i = place * channels; i < (place + 1) * channels; i++) sum += difference[i] ** 2
    return sum / channels
  })
    .sort()
    .reverse()
  const largest = places.subarray(0, Math.ceil(places.length / 16))
  const size = Math.sqrt(largest.reduce((sum, value) => sum + value, 0) / largest.length) / std
  return difference.map(value => (value * GAIN) / Math.max(size, MIN_DIFFERENCE))
}
