// The finishing stage: what a model has drawn at 512 pixels, with crisp edges.  The twin of chonk/finish.py.
import { count } from './container'
import type { ModelFile } from './model'
import type { PlainNetwork } from './wasm'

export const LARGE = 512

/** The net of the finishing stage for pictures of another even side than it was written down for, four times as large where that is
 *  `wanted` pixels or more, else eight times. */
export function stageFor({ header, tensor }: ModelFile, side: number, wanted = LARGE): ModelFile {
  const output = 4 * side >= wanted && header.four ? header.four : header.output
  const [, , made] = header.shapes[0]
  const shapes = header.shapes.map(([channels, height, width]) => [
    channels,
    (height * side) / made,
    (width * side) / made,
  ])
  const needed = new Set([output])
  const ops = [...header.ops].reverse().filter(op => {
    if (needed.has(op.out)) for (const value of op.in) needed.add(value)
    return needed.has(op.out)
  })
  return { tensor, header: { ...header, shapes, ops: ops.reverse(), output, latent_dim: count(shapes[0]) } }
}

/** side x side x 3 or 4 in [-1, 1] and beyond -> what the net makes of it, with alpha. */
export function finished(values: Float32Array, channels: number, stage: PlainNetwork): Float32Array {
  const given = new Float32Array((values.length / channels) * 4).fill(1)
  for (let i = 0; i < values.length; i++) {
    given[Math.floor(i / channels) * 4 + (i % channels)] = Math.max(-1, Math.min(1, values[i]))
  }
  return stage.draw(given).values
}

/** Pixel art whose drawn pixels are `cell` wide: each in its middle colour, enlarged by a whole factor; the border goes on. */
export function inWholePixels(values: Float32Array, channels: number, side: number, cell: number): Float32Array {
  const across = Math.floor(side / cell)
  const factor = Math.max(1, Math.floor(LARGE / across))
  const before = Math.floor((LARGE - across * factor) / 2)
  const drawn = new Float32Array(across * across * channels)
  for (let i = 0; i < drawn.length; i++) {
    const c = i % channels
    const x = Math.floor(i / channels) % across
    const y = Math.floor(i / channels / across)
    const block = Array.from(
      { length: cell * cell },
      (_, k) => values[((y * cell + Math.floor(k / cell)) * side + x * cell + (k % cell)) * channels + c],
    ).sort((a, b) => a - b)
    drawn[i] = (block[(block.length - 1) >> 1] + block[block.length >> 1]) / 2
  }
  const place = (n: number): number => Math.max(0, Math.min(across - 1, Math.floor((n - before) / factor)))
  const large = new Float32Array(LARGE * LARGE * channels)
  for (let y = 0, at = 0; y < LARGE; y++) {
    for (let x = 0; x < LARGE; x++) {
      const from = (place(y) * across + place(x)) * channels
      for (let c = 0; c < channels; c++) large[at++] = drawn[from + c]
    }
  }
  return large
}
