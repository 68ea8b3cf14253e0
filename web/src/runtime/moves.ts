// Operations that only move numbers, on values that lie height x width x channels in one large array.

/** Where a value lies: the index of its first number, and its shape [channels, height, width] or [features]. */
export interface Place {
  at: number
  shape: number[]
}

export const picture = (shape: number[]): [number, number, number] =>
  shape.length === 3 ? [shape[0], shape[1], shape[2]] : [shape.reduce((a, b) => a * b, 1), 1, 1]

/** Copies a picture into the middle of a zeroed one with these borders. */
export function pad(
  heap: Float32Array,
  from: Place,
  to: number,
  top: number,
  bottom: number,
  left: number,
  right: number,
): void {
  const [channels, height, width] = picture(from.shape)
  const row = width * channels
  const wide = (width + left + right) * channels
  heap.fill(0, to, to + (height + top + bottom) * wide)
  for (let y = 0; y < height; y++) {
    heap.copyWithin(to + (y + top) * wide + left * channels, from.at + y * row, from.at + (y + 1) * row)
  }
}

/** PyTorch's "nearest" (its index is worked out in single precision) and "bilinear" without aligned corners. */
export function resize(heap: Float32Array, from: Place, to: Place, mode: string): void {
  const [channels, height, width] = picture(from.shape)
  const [, tall, wide] = picture(to.shape)
  if (mode === 'nearest') {
    const source = (i: number, size: number, target: number): number =>
      Math.min(Math.floor(Math.fround(i * Math.fround(size / target))), size - 1)
    const columns = Array.from({ length: wide }, (_, x) => source(x, width, wide) * channels)
    for (let y = 0; y < tall; y++) {
      const row = from.at + source(y, height, tall) * width * channels
      let out = to.at + y * wide * channels
      for (let x = 0; x < wide; x++) {
        const at = row + columns[x]
        heap.copyWithin(out, at, at + channels)
        out += channels
      }
    }
    return
  }
  const between = (i: number, size: number, target: number): [number, number, number] => {
    const s = Math.max(0, ((i + 0.5) * size) / target - 0.5)
    const low = Math.min(Math.floor(s), size - 1)
    return [low, Math.min(low + 1, size - 1), s - low]
  }
  const columns = Array.from({ length: wide }, (_, x) => between(x, width, wide))
  // A row of the source, made wide, is needed for several rows in turn.
  const rows = [new Float64Array(wide * channels), new Float64Array(wide * channels)]
  const held = [-1, -1]
  const widened = (y: number): Float64Array => {
    const row = rows[y % 2]
    if (held[y % 2] === y) return row
    held[y % 2] = y
    const start = from.at + y * width * channels
    for (let x = 0, out = 0; x < wide; x++) {
      const column = columns[x]
      const [left, right, fx] = [start + column[0] * channels, start + column[1] * channels, column[2]]
      for (let c = 0; c < channels; c++) row[out++] = (1 - fx) * heap[left + c] + fx * heap[right + c]
    }
    return row
  }
  for (let y = 0, out = to.at; y < tall; y++) {
    const [above, below, fy] = between(y, height, tall)
    const [upper, lower] = [widened(above), widened(below)]
    for (let i = 0; i < upper.length; i++) heap[out++] = (1 - fy) * upper[i] + fy * lower[i]
  }
}

/** channels x r x r numbers of a pixel become an r x r patch of it. */
export function pixelShuffle(heap: Float32Array, from: Place, to: Place, r: number): void {
  const [channels, height, width] = picture(from.shape)
  const out = channels / (r * r)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const source = from.at + (y * width + x) * channels
      for (let i = 0; i < r; i++) {
        for (let j = 0; j < r; j++) {
          const target = to.at + ((y * r + i) * width * r + x * r + j) * out
          for (let c = 0; c < out; c++) heap[target + c] = heap[source + c * r * r + i * r + j]
        }
      }
    }
  }
}

/** r x r patches of a picture become pixels with channels x r x r numbers. */
export function pixelUnshuffle(heap: Float32Array, from: Place, to: Place, r: number): void {
  const [channels, , width] = picture(from.shape)
  const [out, tall, wide] = picture(to.shape)
  for (let y = 0; y < tall; y++) {
    for (let x = 0; x < wide; x++) {
      const target = to.at + (y * wide + x) * out
      for (let i = 0; i < r; i++) {
        for (let j = 0; j < r; j++) {
          const source = from.at + ((y * r + i) * width + x * r + j) * channels
          for (let c = 0; c < channels; c++) heap[target + c * r * r + i * r + j] = heap[source + c]
        }
      }
    }
  }
}

/** Joins pictures along their channels. */
export function concat(heap: Float32Array, from: Place[], to: Place): void {
  const [all, height, width] = picture(to.shape)
  let first = to.at
  for (const part of from) {
    const [channels] = picture(part.shape)
    for (let p = 0; p < height * width; p++) {
      for (let c = 0; c < channels; c++) heap[first + p * all + c] = heap[part.at + p * channels + c]
    }
    first += channels
  }
}

/** The same numbers, in PyTorch's order (channel by channel), under another shape. */
export function reshape(heap: Float32Array, from: Place, to: Place): void {
  const [a, ah, aw] = picture(from.shape)
  const [b, bh, bw] = picture(to.shape)
  const n = a * ah * aw
  const source = ah * aw
  const target = bh * bw
  for (let i = 0; i < n; i++) {
    const value = heap[from.at + (i % source) * a + Math.floor(i / source)]
    heap[to.at + (i % target) * b + Math.floor(i / target)] = value
  }
}

/** Weights with the output channel last, so that neighbouring channels lie side by side. */
export function transposed(weights: Float32Array<ArrayBuffer>, channels: number): Float32Array<ArrayBuffer> {
  const per = weights.length / channels
  return weights.map((_, i) => weights[(i % channels) * per + Math.floor(i / channels)])
}
