// What makes of one picture another, to be added to a third: the twin of `change` in chonk/nets/mosaic.py.

const LOUD = 1.5
const FAINT = 0.25

/** Features of both, height x width x channels, and how much features usually differ -> the same, so loud that it is seen. */
export function changeOf(minus: Float32Array, plus: Float32Array, channels: number, usual: number): Float32Array {
  const change = plus.map((value, i) => value - minus[i])
  const places = Float64Array.from({ length: change.length / channels }, (_, place) => {
    let sum = 0
    for (let i = place * channels; i < (place + 1) * channels; i++) sum += change[i] ** 2
    return sum / channels
  })
    .sort()
    .reverse()
  const loudest = places.subarray(0, Math.ceil(places.length / 16))
  const loudness = Math.sqrt(loudest.reduce((sum, value) => sum + value, 0) / loudest.length) / usual
  return change.map(value => (value * LOUD) / Math.max(loudness, FAINT))
}
