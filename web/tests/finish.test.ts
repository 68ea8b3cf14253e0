import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { uniforms } from '../src/latents'
import { compose, valuesOf } from '../src/runtime/compose'
import { unpack } from '../src/runtime/container'
import { finished, inWholePixels, LARGE, stageFor } from '../src/runtime/finish'
import { parseModel } from '../src/runtime/model'
import { type PlainNetwork, wasmRuntime } from '../src/runtime/wasm'
import python from './python.json'

const bytes = readFileSync(new URL('../src/runtime/kernels.wasm', import.meta.url))
const runtime = wasmRuntime(async () => (await WebAssembly.instantiate(bytes, { env: { abort() {} } })).instance)
const file = readFileSync(new URL('../../src/chonk/play/finisher.bin', import.meta.url))

async function stage(side: number): Promise<PlainNetwork> {
  return runtime.load(stageFor(parseModel(await unpack(new Uint8Array(file).buffer)), side))
}

it.each([
  [64, LARGE],
  [128, LARGE],
  [96, 768],
])('leaves flat colour flat, from %i to %i pixels', async (side, large) => {
  const colour = [0.2, -0.7, 0.9, 1]
  const drawn = finished(
    Float32Array.from({ length: side * side * 4 }, (_, i) => colour[i % 4]),
    4,
    await stage(side),
  )
  expect(drawn.length).toBe(large * large * 4)
  const middle = (large * large) / 2 + large / 2
  for (let c = 0; c < 4; c++) expect(drawn[middle * 4 + c]).toBeCloseTo(colour[c], 3)
})

it.each(python.finished)('finishes what Python finishes, from $side pixels in $channels channels', async twin => {
  const { side, channels, places, values } = twin
  // A soft picture: the net was made for such, and noise would only show how fast errors grow.
  const noise = uniforms(5, (side / 8) ** 2 * channels)
  const given = Float32Array.from({ length: side * side * channels }, (_, i) => {
    const [c, x, y] = [i % channels, Math.floor(i / channels) % side, Math.floor(i / channels / side)]
    return 2 * noise[(Math.floor(y / 8) * (side / 8) + Math.floor(x / 8)) * channels + c] - 1
  })
  const drawn = finished(given, channels, await stage(side))
  const off = places.map((place, i) => Math.abs(Math.max(-1, Math.min(1, drawn[place])) - values[i]) * 127.5)
  expect(Math.max(...off)).toBeLessThan(2) // levels: weights are in 8 bits here
})

it('takes a picture apart into what it was made of', () => {
  const bytes = Uint8ClampedArray.from({ length: 4 * 4 * 256 }, (_, i) => (i * 89) % 256)
  for (let i = 0; i < bytes.length; i += 4) if (!bytes[i + 3]) bytes.fill(255, i, i + 3) // no colour is left of what cannot be seen
  expect(compose(valuesOf(bytes), 4)).toEqual(bytes)
})

it('enlarges pixel art in whole pixels, each in its middle colour', () => {
  const [side, cell, channels] = [12, 4, 3]
  const given = Float32Array.from({ length: side * side * channels }, (_, i) => {
    const [c, x, y] = [i % channels, Math.floor(i / channels) % side, Math.floor(i / channels / side)]
    return x % cell === 0 && y % cell === 0 ? -1 : (Math.floor(x / cell) + 3 * Math.floor(y / cell) + c) / 12
  })
  const large = inWholePixels(given, channels, side, cell)
  expect(large.length).toBe(LARGE * LARGE * channels)
  expect(new Set(large.filter((_, i) => i % channels === 0)).size).toBe(9)
  // 512 / 3 = 170, and one pixel more of the border on each side
  for (const [x, expected] of [
    [0, 0],
    [170, 0],
    [171, 1],
    [340, 1],
    [341, 2],
    [511, 2],
  ])
    expect(large[x * channels]).toBeCloseTo(expected / 12, 6)
})
