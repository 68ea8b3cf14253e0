// A generator's numbers as pixels, and back: the twin of compose() in chonk/model.py.

/** height x width x 3 or 4 in [-1, 1] -> RGBA bytes.  The array rounds halves to even, as NumPy does. */
export function compose(values: Float32Array, channels: number): Uint8ClampedArray<ArrayBuffer> {
  const pixels = values.length / channels
  const bytes = new Uint8ClampedArray(pixels * 4)
  const toOne = (v: number): number => Math.min(1, Math.max(0, (v + 1) / 2))
  for (let p = 0; p < pixels; p++) {
    const at = p * channels
    const alpha = channels === 4 ? toOne(values[at + 3]) : 1
    for (let c = 0; c < 3; c++) {
      const white = toOne(values[at + c])
      const straight = channels === 3 ? white : alpha > 1 / 510 ? (white - (1 - alpha)) / alpha : 1
      bytes[p * 4 + c] = straight * 255
    }
    bytes[p * 4 + 3] = alpha * 255
  }
  return bytes
}

/** RGBA bytes -> colours on white and alpha, in [-1, 1]: what `compose` makes of these is the same picture. */
export function valuesOf(pixels: Uint8ClampedArray): Float32Array {
  return Float32Array.from(pixels, (byte, i) => {
    const alpha = pixels[i | 3] / 255
    return 2 * (i % 4 === 3 ? alpha : (byte / 255) * alpha + 1 - alpha) - 1
  })
}
