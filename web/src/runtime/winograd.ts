// The page's side of Winograd's convolution (kernels/winograd.ts): which layers it suits, and their weights.

/** A 3x3 layer, [outputs, inputs, 3, 3], on a map whose sides are multiples of four; narrow ones gain nothing. */
export function suits(shape: number[], padding: number[], height: number, width: number): boolean {
  const [outputs, inputs, rows, columns] = shape
  return (
    rows === 3 &&
    columns === 3 &&
    padding[0] === 1 &&
    padding[1] === 1 &&
    height % 4 === 0 &&
    width % 4 === 0 &&
    width * height > 16 &&
    inputs >= 16 &&
    inputs % 4 === 0 &&
    outputs >= 8 &&
    outputs % 4 === 0
  )
}

/** G times three numbers, written `step` apart. */
function transformThree(
  a: number,
  b: number,
  c: number,
  to: Float32Array | Float64Array,
  at: number,
  step: number,
): void {
  to[at] = a / 4
  to[at + step] = (a + b + c) / -6
  to[at + 2 * step] = (a - b + c) / -6
  to[at + 3 * step] = (a + 2 * b + 4 * c) / 24
  to[at + 4 * step] = (a - 2 * b + 4 * c) / 24
  to[at + 5 * step] = c
}

/** G g G^T of every kernel g: 36 matrices one after the other, each in the order of `blocked` for a kernel of one pixel. */
export function transform(weights: Float32Array, [outputs, inputs]: number[]): Float32Array {
  const plane = outputs * inputs
  const result = new Float32Array(36 * plane)
  const half = new Float64Array(18)
  for (let o = 0, g = 0; o < outputs; o++) {
    const block = o & ~7
    const lanes = outputs - block > 4 ? 8 : 4
    for (let i = 0; i < inputs; i++, g += 9) {
      const at = block * inputs + i * lanes + o - block
      for (let k = 0; k < 3; k++) transformThree(weights[g + k], weights[g + 3 + k], weights[g + 6 + k], half, k, 3)
      for (let k = 0; k < 6; k++)
        transformThree(half[3 * k], half[3 * k + 1], half[3 * k + 2], result, at + 6 * k * plane, plane)
    }
  }
  return result
}
