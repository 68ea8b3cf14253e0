import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { normals, uniforms } from '../src/latents'
import { compose } from '../src/runtime/compose'
import { ModelError, unpack } from '../src/runtime/container'
import { differenceOf } from '../src/runtime/difference'
import { agree } from '../src/runtime/gpu'
import { type ModelFile, type Op, parseModel } from '../src/runtime/model'
import type { Recipe } from '../src/runtime/runtime'
import { sha256 } from '../src/runtime/sha256'
import { wasmRuntime } from '../src/runtime/wasm'
import { blocked } from '../src/runtime/weights'
import python from './python.json'

const bytes = readFileSync(new URL('../src/runtime/kernels.wasm', import.meta.url))
const runtime = wasmRuntime(async () => (await WebAssembly.instantiate(bytes, { env: { abort() {} } })).instance)

const plain = (latent: Float32Array<ArrayBuffer>): Recipe => ({ latent, changes: [] })
const noise = (n: number, seed = 1): Float32Array<ArrayBuffer> => Float32Array.from(uniforms(seed, n), u => 2 * u - 1)

function model(shapes: number[][], ops: Op[], tensors: [number[], Float32Array<ArrayBuffer>][]): ModelFile {
  return {
    header: {
      title: '',
      size: 1,
      channels: 3,
      latent_dim: shapes[0][0],
      latent_kind: 'normal',
      truncation: 1,
      precision: 'fp32',
      error: { mean: 0, max: 0 },
      shapes,
      ops,
      output: shapes.length - 1,
      tensors: tensors.map(([shape]) => ({ shape, type: 'fp32', offset: 0 })),
    },
    tensor: i => tensors[i][1],
  }
}

/** The definition of a convolution, in PyTorch's layout. */
function convolve(
  x: Float32Array,
  [ci, h, w]: number[],
  k: Float32Array,
  [co, per, kh, kw]: number[],
  bias: Float32Array,
  pad: number,
): number[] {
  const [th, tw] = [h + 2 * pad - kh + 1, w + 2 * pad - kw + 1]
  const out: number[] = []
  for (let o = 0; o < co; o++)
    for (let y = 0; y < th; y++)
      for (let z = 0; z < tw; z++) {
        let sum = bias[o]
        for (let i = 0; i < per; i++)
          for (let a = 0; a < kh; a++)
            for (let b = 0; b < kw; b++) {
              const [row, column] = [y + a - pad, z + b - pad]
              const channel = per === 1 && ci > 1 ? o : i
              if (row >= 0 && row < h && column >= 0 && column < w)
                sum += x[(channel * h + row) * w + column] * k[((o * per + i) * kh + a) * kw + b]
            }
        out.push(sum)
      }
  return out
}

const toPlaces = (values: Float32Array, c: number): number[] =>
  Array.from(values, (_, i) => values[(i % c) * (values.length / c) + Math.floor(i / c)])
const toChannels = (values: Float32Array, c: number): number[] =>
  Array.from(values, (_, i) => values[(i % (values.length / c)) * c + Math.floor(i / (values.length / c))])

describe('kernels', () => {
  for (const [ci, co, size, k, groups] of [
    [3, 5, 6, 3, 1],
    [8, 16, 8, 3, 1],
    [5, 12, 3, 3, 1],
    [4, 3, 5, 1, 1],
    [7, 7, 6, 3, 7],
    [1, 9, 1, 1, 1],
    [2, 4, 10, 5, 1],
    [16, 12, 8, 3, 1],
    [20, 8, 32, 3, 1],
    [16, 36, 12, 3, 1],
  ]) {
    it(`convolves ${ci} to ${co} channels, ${size} x ${size}, kernel ${k}, ${groups} groups`, async () => {
      const shape = [co, ci / groups, k, k]
      const fan = (ci / groups) * k * k
      const [w, b] = [noise(co * fan, 2).map(v => v / Math.sqrt(fan)), noise(co, 3)]
      const pad = k >> 1
      const latent = noise(ci * size * size)
      const network = await runtime.load(
        model(
          [[ci * size * size], [ci, size, size], [co, size, size]],
          [
            { op: 'reshape', in: [0], out: 1 },
            { op: groups > 1 ? 'depthwise' : 'conv', in: [1], out: 2, w: [0, 1], padding: [pad, pad], slope: 0.2 },
          ],
          [
            [shape, w],
            [[co], b],
          ],
        ),
      )
      const want = convolve(latent, [ci, size, size], w, shape, b, pad).map(v => (v > 0 ? v : 0.2 * v))
      for (let repeat = 0; repeat < 2; repeat++) {
        expect(
          Math.max(...toChannels(network.draw(latent).values, co).map((v, i) => Math.abs(v - want[i]))),
        ).toBeLessThan(2e-5)
      }
    })
  }

  const x = Float32Array.from([-90, -3, -0.5, 0, 0.25, 2, 11, 100])
  const functions: Record<string, (v: number) => number> = {
    leaky_relu: v => (v > 0 ? v : 0.3 * v),
    elu: v => (v > 0 ? v : 0.3 * Math.expm1(v)),
    silu: v => v / (1 + Math.exp(-v)),
    sigmoid: v => 1 / (1 + Math.exp(-v)),
    tanh: Math.tanh,
  }
  for (const [op, f] of Object.entries(functions)) {
    it(op, async () => {
      const network = await runtime.load(model([[8], [8]], [{ op, in: [0], out: 1, alpha: 0.3 }], []))
      network
        .draw(x)
        .values.forEach((v, i) => expect(Math.abs(v - f(x[i]))).toBeLessThan(1e-6 * Math.max(1, Math.abs(x[i]))))
    })
  }

  it('every place has a linear map of its own, and the same weights go backwards', async () => {
    const weights = Float32Array.from({ length: 2 * 1 * 3 * 2 }, (_, i) => i + 1) // 2 x 1 places, 3 x 2
    const tensors: [number[], Float32Array<ArrayBuffer>][] = [[[2, 1, 3, 2], weights]]
    const there = await runtime.load(
      model(
        [[4], [2, 2, 1], [3, 2, 1]],
        [
          { op: 'reshape', in: [0], out: 1 },
          { op: 'local', in: [1], out: 2, w: [0], transposed: false },
        ],
        tensors,
      ),
    )
    // Latents are channel by channel: place 0 holds (1, 2), place 1 holds (10, 20); results are place by place.
    expect([...there.draw(Float32Array.of(1, 10, 2, 20)).values]).toEqual([5, 11, 17, 230, 290, 350])
    const back = await runtime.load(
      model(
        [[6], [3, 2, 1], [2, 2, 1]],
        [
          { op: 'reshape', in: [0], out: 1 },
          { op: 'local', in: [1], out: 2, w: [0], transposed: true },
        ],
        tensors,
      ),
    )
    expect([...back.draw(Float32Array.of(1, 1, 0, 1, 1, 1)).values]).toEqual([6, 8, 27, 30])
  })

  it('maps of any size, there and back, as the definition has it', async () => {
    for (const [rows, columns] of [
      [5, 3],
      [4, 32],
      [7, 18],
      [1, 1],
      [9, 40],
    ]) {
      const weights = noise(2 * rows * columns, rows)
      for (const transposed of [false, true]) {
        const [inputs, outputs] = transposed ? [rows, columns] : [columns, rows]
        const z = noise(2 * inputs, 9)
        const network = await runtime.load(
          model(
            [[2 * inputs], [inputs, 1, 2], [outputs, 1, 2]],
            [
              { op: 'reshape', in: [0], out: 1 },
              { op: 'local', in: [1], out: 2, w: [0], transposed },
            ],
            [[[1, 2, rows, columns], weights]],
          ),
        )
        const want = Array.from({ length: 2 * outputs }, (_, k) => {
          const [place, o] = [Math.floor(k / outputs), k % outputs]
          return Array.from(
            { length: inputs },
            (_, i) =>
              z[i * 2 + place] * weights[(place * rows + (transposed ? i : o)) * columns + (transposed ? o : i)],
          ).reduce((a, b) => a + b)
        })
        network.draw(z).values.forEach((v, k) => expect(v).toBeCloseTo(want[k], 5))
      }
    }
  })

  it('makes a change as loud as Python does', () => {
    const numbers = Float32Array.from(normals(3, 2 * 32 * 25))
    const both = [0, 1].map(n => Float32Array.from(toPlaces(numbers.subarray(n * 800, (n + 1) * 800), 32)))
    const plus = both[0].map((v, i) => v + (both[1][i] * Math.floor(i / 32)) / 48)
    const change = differenceOf(both[0], plus, 32, Math.SQRT2)
    python.change.forEach((v, i) => expect(change[37 * i]).toBeCloseTo(v, 5))
  })
  it('makes sums with features, and draws them by operations of their own', async () => {
    // Features are the doubled latent as 3 x 1 x 1, and the picture is them; that of a sum is ten times them.
    const sums = model(
      [[3], [3, 1, 1], [3, 1, 1], [3, 1, 1], [3, 1, 1]],
      [
        { op: 'reshape', in: [0], out: 1 },
        { op: 'mix', in: [1], out: 2, factors: [2] },
        { op: 'mix', in: [3], out: 4, factors: [10] },
      ],
      [],
    )
    sums.header.output = 2
    sums.header.directions = [
      { name: {}, step: 1, numbers: 'AQID' },
      { name: {}, step: 0.5, numbers: '/gQA' },
    ] // 1, 2, 3 and -2, 4, 0
    sums.header.sums = { features: 2, changed: 3, output: 4, usual: 2 }
    const network = await runtime.load(sums)
    const [a, b, c] = [Float32Array.of(1, 2, 3), Float32Array.of(4, 4, 4), Float32Array.of(6, 5, 3)]
    const change = [2, 1, -1].map(v => (1.5 * 2 * v) / Math.sqrt(2))
    const close = (got: Float32Array, want: number[]): void => got.forEach((v, i) => expect(v).toBeCloseTo(want[i], 4))
    const recipe = { latent: a, changes: [{ weight: 0.5, minus: plain(b), plus: plain(c) }] }
    const features = Array.from(a, (v, i) => 2 * v + 0.5 * change[i])
    close(
      network.drawSum(recipe).values,
      features.map(v => 10 * v),
    )
    close(network.draw(b).values, [8, 8, 8])
    close(network.drawSum({ latent: a, changes: [{ weight: -2, direction: 1 }] }).values, [
      10 * (2 + 2),
      10 * (4 - 4),
      10 * 6,
    ])
    const nested = network.drawSum({
      latent: b,
      changes: [
        { weight: -1, minus: recipe, plus: recipe },
        { weight: 1, minus: plain(b), plus: plain(c) },
      ],
    })
    close(
      nested.values,
      change.map(v => 10 * (8 + v)),
    )
  })
  it('draws a blend from the mean of features, and where something is added to it as a sum', async () => {
    // Features are the latent times itself as 3 x 1 x 1, so that they are not linear; the picture is them doubled, that of a sum
    // ten times them; and one is rejected by how large its last number is.
    const blending = model(
      [[3], [3], [3, 1, 1], [1], [3, 1, 1], [3, 1, 1], [3, 1, 1]],
      [
        { op: 'product', in: [0, 0], out: 1 },
        { op: 'reshape', in: [1], out: 2 },
        { op: 'narrow', in: [1], out: 3, start: 2 },
        { op: 'mix', in: [2], out: 4, factors: [2] },
        { op: 'mix', in: [5], out: 6, factors: [10] },
      ],
      [],
    )
    Object.assign(blending.header, { output: 4, rejection: 3, blends: 'features' })
    blending.header.directions = [{ name: {}, step: 1, numbers: 'AQID' }] // 1, 2, 3
    blending.header.sums = { features: 2, changed: 5, output: 6, usual: 2 }
    const network = await runtime.load(blending)
    const [a, b] = [Float32Array.of(2, 4, 0), Float32Array.of(4, 0, -2)]
    const recipe = {
      latent: Float32Array.of(3, 2, -1),
      changes: [],
      blend: [
        { weight: 0.5, latent: a },
        { weight: 0.5, latent: b },
      ],
    }
    const drawn = network.drawSum(recipe)
    expect([...drawn.values, drawn.rejection]).toEqual([20, 16, 4, 4])
    expect([...network.draw(recipe.latent).values]).toEqual([18, 8, 2])
    const pure = { ...recipe, blend: [{ weight: 1, latent: b }] }
    expect([...network.drawSum(pure).values]).toEqual([...network.draw(b).values])
    const changed = { ...recipe, changes: [{ weight: -1, direction: 0 }] }
    expect([...network.drawSum(changed).values]).toEqual([90, 60, -10])
    const [low, high] = [2, 4].map(last => ({ weight: 0.5, latent: Float32Array.of(1, 1, last) }))
    const rejected = network.drawSum({ ...recipe, blend: [low, high, low] }, true)
    expect([rejected.values.length, rejected.rejection]).toEqual([0, 16])
    const accepted = { ...recipe, blend: [{ weight: 1, latent: Float32Array.of(1, 2, 0) }] }
    expect([...network.drawSum(accepted, true).values]).toEqual([2, 8, 0])
  })
  it('gives the rejection score beside the picture, and none where there is none', async () => {
    const rejecting = model(
      [[3], [1], [3]],
      [
        { op: 'narrow', in: [0], out: 1, start: 2 },
        { op: 'mix', in: [0], out: 2, factors: [2] },
      ],
      [],
    )
    rejecting.header.rejection = 1
    const network = await runtime.load(rejecting)
    for (const z of [
      [1, 2, 3],
      [4, 5, 0],
    ]) {
      const { values, rejection } = network.draw(Float32Array.from(z))
      expect([rejection, ...values]).toEqual([z[2], ...z.map(v => 2 * v)])
      const rejectable = network.draw(Float32Array.from(z), true)
      expect([rejectable.rejection, rejectable.values.length]).toEqual([z[2], z[2] > 0 ? 0 : 3])
    }
    delete rejecting.header.rejection
    expect((await runtime.load(rejecting)).draw(Float32Array.of(1, 2, 3)).rejection).toBe(0)
  })

  it('takes a part of a vector', async () => {
    const network = await runtime.load(model([[6], [2]], [{ op: 'narrow', in: [0], out: 1, start: 3 }], []))
    expect([...network.draw(Float32Array.of(1, 2, 3, 4, 5, 6)).values]).toEqual([4, 5])
  })

  it('softmax sums to one and ignores a shift', async () => {
    const network = await runtime.load(model([[6], [6]], [{ op: 'softmax', in: [0], out: 1 }], []))
    const p = Array.from(network.draw(Float32Array.from([1, 2, 3, 4, 5, 6])).values)
    const total = [1, 2, 3, 4, 5, 6].reduce((sum, v) => sum + Math.exp(v), 0)
    p.forEach((v, i) => expect(v).toBeCloseTo(Math.exp(i + 1) / total, 6))
    Array.from(network.draw(Float32Array.from([1001, 1002, 1003, 1004, 1005, 1006])).values).forEach((v, i) =>
      expect(v).toBeCloseTo(p[i], 6),
    )
  })

  it('normalizes every place', async () => {
    const shape = [8, 2, 3]
    const network = await runtime.load(
      model(
        [[48], shape, shape],
        [
          { op: 'reshape', in: [0], out: 1 },
          { op: 'normalize', in: [1], out: 2 },
        ],
        [],
      ),
    )
    const z = noise(48)
    const { values } = network.draw(z) // height x width x channels
    for (let p = 0; p < 6; p++) {
      const here = Array.from({ length: 8 }, (_, c) => z[c * 6 + p])
      const mean = here.reduce((a, b) => a + b) / 8
      const variance = here.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 8
      here.forEach((v, c) => expect(values[p * 8 + c]).toBeCloseTo((v - mean) / Math.sqrt(variance + 1e-5), 4))
    }
  })

  it('lets every place read from all, head by head', async () => {
    const [channels, heads, places] = [16, 2, 8]
    const network = await runtime.load(
      model(
        [[384], [48, 2, 4], [16, 2, 4]],
        [
          { op: 'reshape', in: [0], out: 1 },
          { op: 'self_attention', in: [1], out: 2, heads },
        ],
        [],
      ),
    )
    const z = noise(384).map(v => 2 * v)
    const { values } = network.draw(z)
    const number = (which: number, place: number, c: number): number => z[(which * channels + c) * places + place]
    for (let i = 0; i < places; i++) {
      for (let c = 0; c < channels; c++) {
        const first = c - (c % 8)
        const shares = Array.from({ length: places }, (_, j) =>
          Math.exp(
            [0, 1, 2, 3, 4, 5, 6, 7].reduce((sum, d) => sum + number(0, i, first + d) * number(1, j, first + d), 0),
          ),
        )
        const read = shares.reduce((sum, share, j) => sum + share * number(2, j, c), 0)
        expect(values[i * channels + c]).toBeCloseTo(read / shares.reduce((a, b) => a + b), 5)
      }
    }
  })

  it('refuses attention of another shape', async () => {
    for (const [inputs, outputs, heads] of [
      [48, 16, 3],
      [40, 16, 2],
      [48, 16, 0],
      [24, 8, 2],
    ])
      await expect(
        runtime.load(
          model(
            [[8 * inputs], [inputs, 2, 4], [outputs, 2, 4]],
            [
              { op: 'reshape', in: [0], out: 1 },
              { op: 'self_attention', in: [1], out: 2, heads },
            ],
            [],
          ),
        ),
      ).rejects.toThrow('attention')
  })

  it('sums, multiplies, scales', async () => {
    const values = noise(6)
    const network = await runtime.load(
      model(
        [[6], [6], [6], [6], [6]],
        [
          { op: 'affine', in: [0], out: 1, w: [0, 1] },
          { op: 'product', in: [0, 1], out: 2 },
          { op: 'mix', in: [2, 0], out: 3, factors: [0.5, -2] },
          { op: 'clamp', in: [3], out: 4, low: -0.25, high: 0.5 },
        ],
        [
          [[6], Float32Array.from([1, 2, 3, 4, 5, 6])],
          [[6], Float32Array.from([0, 0, 1, 1, 0, 0])],
        ],
      ),
    )
    const want = Array.from(values, (v, i) => 0.5 * v * (v * (i + 1) + (i === 2 || i === 3 ? 1 : 0)) - 2 * v)
    network.draw(values).values.forEach((v, i) => expect(v).toBeCloseTo(Math.min(0.5, Math.max(-0.25, want[i])), 5))
  })

  it('packs weights so that a block of four follows a block of eight', () => {
    const packed = blocked(
      Float32Array.from({ length: 11 }, (_, i) => i + 1),
      [11, 1, 1, 1],
    )
    expect(Array.from(packed)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0])
  })
})

describe('a graphics card', () => {
  it('agrees up to half a level, and beyond the ends of the range at any distance', () => {
    const wanted = Float32Array.from([0, 0.5, -1, 1])
    expect(agree(wanted, Float32Array.from([0.003, 0.497, -7, 1.2]))).toBe(true)
    expect(agree(wanted, Float32Array.from([0.005, 0.5, -1, 1]))).toBe(false)
    expect(agree(wanted, Float32Array.from([NaN, 0.5, -1, 1]))).toBe(false)
  })
})

describe('compose', () => {
  it('maps -1, 0, 1 to 0, 128, 255', () => {
    expect(Array.from(compose(Float32Array.from([-1, 0, 1]), 3))).toEqual([0, 128, 255, 255])
  })
  it('takes the white out of a half transparent picture', () => {
    // Black at half alpha looks 50 % grey on white.
    expect(Array.from(compose(Float32Array.from([0, 0, 0, 0]), 4))).toEqual([0, 0, 0, 128])
    expect(Array.from(compose(Float32Array.from([1, 1, 1, -1]), 4))).toEqual([255, 255, 255, 0])
  })
})

describe('model files', () => {
  it('has the standard\'s digest of "abc" and of nothing', () => {
    expect(sha256(new TextEncoder().encode('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
    expect(sha256(new Uint8Array())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  })

  function file(change: (header: Record<string, unknown>) => void = () => {}): ArrayBuffer {
    const header: Record<string, unknown> = {
      format: 1,
      title: 't',
      size: 1,
      channels: 3,
      latent_dim: 3,
      latent_kind: 'normal',
      truncation: 1,
      precision: 'int8',
      error: { mean: 0, max: 0 },
      shapes: [[3], [3, 1, 1]],
      output: 1,
      ops: [{ op: 'linear', in: [0], out: 1, w: [0, 1] }],
      tensors: [
        { shape: [3, 3], type: 'int8', offset: 0 },
        { shape: [3], type: 'fp16', offset: 16 },
      ],
    }
    change(header)
    const text = new TextEncoder().encode(JSON.stringify(header))
    const data = new Uint8Array(12 + text.length + 22)
    data.set(new TextEncoder().encode('chonkpg1'))
    new DataView(data.buffer).setUint32(8, text.length, true)
    data.set(text, 12)
    const weights = new DataView(data.buffer, 12 + text.length)
    ;[0x3c00, 0xb800, 0x0001].forEach((h, i) => weights.setUint16(2 * i, h, true)) // 1, -0.5, the smallest half
    for (let i = 0; i < 9; i++) weights.setInt8(6 + i, i - 4)
    return data.buffer
  }

  it('reads 8-bit weights and their half precision scales', () => {
    expect(Array.from(parseModel(file()).tensor(0))).toEqual(
      [-4, -3, -2, 0.5, -0, -0.5, 2, 3, 4].map((v, i) => (i < 6 ? v : v * 2 ** -24)),
    )
  })

  it('reads 6-bit weights, four in three bytes', () => {
    const data = file(h => {
      h.tensors = [
        { shape: [1, 5], type: 'int6', offset: 0 },
        { shape: [3], type: 'fp16', offset: 16 },
      ]
      h.ops = []
      h.output = 0
      h.shapes = [[3, 1, 1]]
    })
    const start = 12 + new DataView(data).getUint32(8, true)
    const words = [31, -31, 0, 5].reduce((sum, n, k) => sum + (n + 32) * 64 ** k, 0)
    ;[0x3c00 & 255, 0x3c00 >> 8, words & 255, (words >> 8) & 255, words >> 16, 31, 0, 0].forEach((byte, i) => {
      new Uint8Array(data)[start + i] = byte
    }) // scale 1
    expect(Array.from(parseModel(data).tensor(0))).toEqual([31, -31, 0, 5, -1])
  })

  it('reads 4-bit weights, two in a byte', () => {
    const data = file(h => {
      h.tensors = [
        { shape: [1, 3], type: 'int4', offset: 0 },
        { shape: [3], type: 'fp16', offset: 16 },
      ]
      h.ops = []
      h.output = 0
      h.shapes = [[3, 1, 1]]
    })
    const start = 12 + new DataView(data).getUint32(8, true)
    ;[0x3c00 & 255, 0x3c00 >> 8, 15 | (1 << 4), 11].forEach((byte, i) => {
      new Uint8Array(data)[start + i] = byte
    }) // scale 1
    expect(Array.from(parseModel(data).tensor(0))).toEqual([7, -7, 3])
  })

  /** A way to make sums, which reads this value. */
  function withSums(h: Record<string, unknown>, from: number, numbers = 'AQID'): void {
    Object.assign(h, {
      shapes: [[3], [3, 1, 1], [3, 1, 1], [3, 1, 1]],
      sums: { features: 1, changed: 2, output: 3, usual: 1 },
      directions: [{ name: {}, step: 1, numbers }],
    })
    h.ops = [...(h.ops as Op[]), { op: 'tanh', in: [from], out: 3 }]
  }
  it('takes a way to make sums', () => expect(parseModel(file(h => withSums(h, 2))).header.sums?.changed).toBe(2))
  it('takes a model that blends features', () => {
    const blending = file(h => {
      withSums(h, 2)
      h.blends = 'features'
    })
    expect(parseModel(blending).header.blends).toBe('features')
  })

  for (const [what, change] of Object.entries<(h: Record<string, unknown>) => void>({
    'a newer format': h => {
      h.format = 2
    },
    'weights beyond the end': h => {
      h.tensors = [{ shape: [3, 300], type: 'int8', offset: 0 }]
    },
    'an operation that reads what is not there yet': h => {
      h.ops = [{ op: 'linear', in: [1], out: 1, w: [0, 1] }]
    },
    'a picture of another size': h => {
      h.size = 2
    },
    'a rejection score that is not a number': h => {
      h.rejection = 1
    },
    'a rejection score that nobody makes': h => {
      h.shapes = [[3], [3, 1, 1], [1]]
      h.rejection = 2
    },
    'a direction of other length': h => {
      h.directions = [{ name: {}, vector: [1, 2] }]
    },
    'a direction of features without any': h => {
      h.directions = [{ name: {}, step: 1, numbers: 'AQID' }]
    },
    'a direction that is no base64': h => withSums(h, 2, '?'),
    'sums of nothing': h => {
      h.sums = { features: 1, changed: 1, output: 1, usual: 1 }
    },
    'sums without features': h => {
      h.sums = {}
    },
    'sums that read what is for pictures': h => withSums(h, 1),
    'a blend of features without any': h => {
      h.blends = 'features'
    },
    'a blend of an unknown kind': h => {
      withSums(h, 2)
      h.blends = 'pixels'
    },
    'a blend of features that are not all of the picture': h => {
      withSums(h, 2)
      h.blends = 'features'
      h.shapes = [[3], [3, 1, 1], [3, 1, 1], [3, 1, 1], [3, 1, 1], [3, 1, 1]]
      h.sums = { features: 1, changed: 4, output: 5, usual: 1 }
      h.output = 3
      h.ops = [
        { op: 'linear', in: [0], out: 1, w: [0, 1] },
        { op: 'reshape', in: [0], out: 2 },
        { op: 'mix', in: [1, 2], out: 3, factors: [1, 1] },
        { op: 'tanh', in: [4], out: 5 },
      ]
    },
    'a huge value': h => {
      h.shapes = [[3], [3, 1, 1], [4096, 4096, 4096]]
    },
  })) {
    it(`refuses ${what}`, () => expect(() => parseModel(file(change))).toThrow(ModelError))
  }
  it('unpacks a gzipped file, and refuses one that breaks off or grows too large', async () => {
    const data = file()
    const zipped = Uint8Array.from(gzipSync(new Uint8Array(data))).buffer
    expect(new Uint8Array(await unpack(zipped))).toEqual(new Uint8Array(data))
    expect(await unpack(data)).toBe(data)
    for (const cut of [3, 20, zipped.byteLength - 1])
      await expect(unpack(zipped.slice(0, cut))).rejects.toThrow(ModelError)
    await expect(unpack(zipped, data.byteLength - 1)).rejects.toThrow('too large')
  })
  it('refuses a file cut short anywhere', () => {
    const data = file()
    for (let n = 0; n < data.byteLength; n += 7) expect(() => parseModel(data.slice(0, n))).toThrow(ModelError)
  })
  it('refuses a header that is warped anywhere, and says nothing else than that it is no model', () => {
    const values = [null, true, -1, 0.5, 1e308, '', 'x', [], {}, [[]], [null], 2 ** 53]
    const draw = uniforms(7, 4 * 600)
    let refused = 0
    for (let n = 0; n < 600; n++) {
      const [depth, where, what, whole] = draw.subarray(4 * n, 4 * n + 4)
      const pick = <T>(list: T[], share: number): T => list[Math.min(list.length - 1, Math.floor(share * list.length))]
      const warp = (header: Record<string, unknown>): void => {
        let holder = header as Record<string, unknown>
        let key = pick(Object.keys(holder), where)
        for (
          let level = 0;
          level < 4 * depth &&
          holder[key] &&
          typeof holder[key] === 'object' &&
          Object.keys(holder[key] as object).length;
          level++
        ) {
          holder = holder[key] as Record<string, unknown>
          key = pick(Object.keys(holder), (where * 7919) % 1)
        }
        holder[key] = pick(values, what)
      }
      try {
        const data = whole < 0.05 ? header(pick(values, what)) : file(warp)
        parseModel(data).header.tensors.forEach((_, i) => parseModel(data).tensor(i))
      } catch (error) {
        refused++
        expect(error).toBeInstanceOf(ModelError)
      }
    }
    expect(refused).toBeGreaterThan(200)
  })

  /** A model file whose header is that JSON. */
  function header(value: unknown): ArrayBuffer {
    const text = new TextEncoder().encode(JSON.stringify(value))
    const data = new Uint8Array(12 + text.length)
    data.set(new TextEncoder().encode('chonkpg1'))
    new DataView(data.buffer).setUint32(8, text.length, true)
    data.set(text, 12)
    return data.buffer
  }
})
