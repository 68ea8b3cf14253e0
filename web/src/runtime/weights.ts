// Weights as the kernels of WebAssembly read them.

/** Weights in the order in which the kernel reads them: blocks of 8 output channels, the last one of 4 if that is enough. */
export function blocked(weights: Float32Array, shape: number[]): Float32Array {
  const [outputs, inputs, rows = 1, columns = 1] = shape
  const parts: number[] = []
  for (let o = 0; o < outputs; o += 8) parts.push(outputs - o > 4 ? 8 : 4)
  const run = inputs * rows * columns
  const result = new Float32Array(parts.reduce((a, b) => a + b, 0) * run)
  let at = 0
  parts.forEach((lanes, block) => {
    for (let k = 0; k < rows * columns; k++) {
      for (let i = 0; i < inputs; i++) {
        for (let lane = 0; lane < lanes; lane++, at++) {
          const o = block * 8 + lane
          if (o < outputs) result[at] = weights[(o * inputs + i) * rows * columns + k]
        }
      }
    }
  })
  return result
}

/** Rows of so many columns filled up with zeroes to a multiple of four, and room for what the kernels read beyond. */
export function widened(weights: Float32Array, columns: number): Float32Array {
  const wide = (columns + 3) & ~3
  const rows = weights.length / columns
  const result = new Float32Array((rows + 3) * wide + 32)
  if (wide === columns) result.set(weights)
  else for (let r = 0; r < rows; r++) result.set(weights.subarray(r * columns, (r + 1) * columns), r * wide)
  return result
}
