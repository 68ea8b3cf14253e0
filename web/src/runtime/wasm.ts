// Runs a model on one SIMD thread of WebAssembly: the arithmetic is in kernels/, memory and order are here.
import { differenceOf } from './difference'
import { count, ModelError, type ModelFile, type Op, opsAfterFeatures, plainOps, stepOf } from './model'
import { concat, type Place, pad, picture, pixelShuffle, pixelUnshuffle, reshape, resize, transposed } from './moves'
import type { Drawn, Network, Recipe } from './runtime'
import { suits, transform } from './winograd'

interface Kernels {
  memory: WebAssembly.Memory
  conv(...n: number[]): void
  depthwise(...n: number[]): void
  local(from: number, weights: number, to: number, places: number, rows: number, columns: number): void
  localBack(from: number, weights: number, to: number, places: number, rows: number, columns: number): void
  winogradIn(input: number, to: number, tiles: number, channels: number, rowBytes: number, plane: number): void
  winogradOut(
    from: number,
    bias: number,
    to: number,
    tiles: number,
    channels: number,
    rowBytes: number,
    plane: number,
    slope: number,
  ): void
  activation(from: number, to: number, count: number, kind: number, alpha: number): void
  clamp(from: number, to: number, count: number, low: number, high: number): void
  mix(a: number, b: number, to: number, count: number, p: number, q: number): void
  product(a: number, b: number, to: number, count: number): void
  affine(from: number, scale: number, shift: number, to: number, pixels: number, channels: number): void
  softmax(from: number, to: number, pixels: number, channels: number): void
  extremes(...n: number[]): void
  sharpen(...n: number[]): void
}

export const ACTIVATIONS = ['leaky_relu', 'elu', 'silu', 'sigmoid', 'tanh']
const PAGE = 65536
const REACH = 2 // of sharpening: pixels beyond its radius
const TILES = 16 // of Winograd's, worked on at a time
const REMEMBERED = 16 // latents whose features are kept

/** Hands out places in memory, in numbers, and takes them back; every place has room for one vector more.
 *  What is taken with `keep` is never lent again: weights are written once and read by every picture. */
class Memory {
  private free: { at: number; size: number }[] = []
  private end = PAGE / 4

  take(size: number): number {
    const room = (size + 7) & ~3
    const best = this.free.filter(f => f.size >= room).sort((a, b) => a.size - b.size)[0]
    if (best) {
      const at = best.at
      best.at += room
      best.size -= room
      return at
    }
    this.end += room
    return this.end - room
  }

  keep(size: number): number {
    this.end += (size + 7) & ~3
    return this.end - ((size + 7) & ~3)
  }

  give(at: number, size: number): void {
    this.free.push({ at, size: (size + 7) & ~3 })
  }

  /** Pages for everything handed out, and for the four pixels that a convolution always reads. */
  pages(widest: number): number {
    return Math.ceil(((this.end + 4 * widest + 64) * 4) / PAGE)
  }
}

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
function widened(weights: Float32Array, columns: number): Float32Array {
  const wide = (columns + 3) & ~3
  const rows = weights.length / columns
  const result = new Float32Array((rows + 3) * wide + 32)
  if (wide === columns) result.set(weights)
  else for (let r = 0; r < rows; r++) result.set(weights.subarray(r * columns, (r + 1) * columns), r * wide)
  return result
}

/** Its pictures are there at once, and it can make sums and blends. */
export interface PlainNetwork extends Network {
  draw(latent: Float32Array, rejectable?: boolean): Drawn
  drawSum(recipe: Recipe, rejectable?: boolean): Drawn
}

/** `instantiate` makes a fresh instance of the kernels: every model has a memory of its own. */
export function wasmRuntime(instantiate: () => Promise<WebAssembly.Instance>): {
  load(model: ModelFile): Promise<PlainNetwork>
} {
  return { load: async model => compile(model, (await instantiate()).exports as unknown as Kernels) }
}

function compile({ header, tensor }: ModelFile, kernels: Kernels): PlainNetwork {
  const memory = new Memory()
  const filled: [number, Float32Array][] = []
  const places: Place[] = header.shapes.map(shape => ({ at: -1, shape }))
  const lastUse = new Map<number, number>()
  header.ops.forEach((op, i) => op.in.forEach(value => lastUse.set(value, i)))
  const keep = (numbers: Float32Array): number => {
    const at = memory.keep(numbers.length)
    filled.push([at, numbers])
    return at * 4
  }
  /** Where the first weights of operations lie of which several may have the same: they are made and kept once. */
  const shared = new Map<string, number>()
  const share = (kind: string, op: Op, make: () => Float32Array): number => {
    const key = `${kind} ${op.w![0]}`
    const at = shared.get(key) ?? keep(make())
    shared.set(key, at)
    return at
  }
  /** Room that only one step needs. */
  const borrowed: [number, number][] = []
  const borrow = (size: number): number => {
    const at = memory.take(size)
    borrowed.push([at, size])
    return at
  }
  places[0].at = memory.take(count(header.shapes[0]))
  const sums = header.sums
  if (sums) places[sums.changed].at = memory.take(count(header.shapes[sums.changed]))
  const results = new Set([header.output, header.rejection, sums?.features, sums?.changed, sums?.output])
  let heap = new Float32Array()
  const steps = header.ops.map((op, i) => {
    const to = places[op.out]
    to.at = memory.take(count(to.shape))
    const step = build(
      op,
      op.in.map(value => places[value]),
      to,
    )
    for (const [at, size] of borrowed.splice(0)) memory.give(at, size)
    for (const value of new Set(op.in)) {
      if (lastUse.get(value) === i && !results.has(value)) memory.give(places[value].at, count(places[value].shape))
    }
    return step
  })

  function build(op: Op, from: Place[], to: Place): () => void {
    const weights = (k: number): Float32Array<ArrayBuffer> => tensor(op.w![k])
    const shape = (k: number): number[] => header.tensors[op.w![k]].shape
    const size = count(to.shape)
    const a = from[0] && from[0].at * 4
    const out = to.at * 4
    if (op.op === 'conv' || op.op === 'depthwise' || op.op === 'linear')
      return convolution(op, from[0], to, weights, shape)
    if (ACTIVATIONS.includes(op.op)) {
      const kind = ACTIVATIONS.indexOf(op.op)
      return () => kernels.activation(a, out, size, kind, op.alpha ?? 0)
    }
    if (op.op === 'local') return local(op, from[0], to, () => weights(0), shape(0))
    const [channels, height, width] = picture(to.shape)
    switch (op.op) {
      case 'mix': {
        const [p, q = 0] = op.factors!
        const b = from.length > 1 ? from[1].at * 4 : a
        return () => kernels.mix(a, b, out, size, p, q)
      }
      case 'clamp':
        return () => kernels.clamp(a, out, size, op.low!, op.high!)
      case 'product':
        return () => kernels.product(a, from[1].at * 4, out, size)
      case 'affine': {
        const [scale, shift] = [keep(weights(0)), keep(weights(1))]
        return () => kernels.affine(a, scale, shift, out, height * width, channels)
      }
      case 'softmax':
        return () => kernels.softmax(a, out, height * width, channels)
      case 'constant': {
        const values = share('constant', op, () => transposed(weights(0), channels)) / 4
        return () => heap.copyWithin(to.at, values, values + size)
      }
      case 'concat':
        return () => concat(heap, from, to)
      case 'narrow':
        return () => heap.copyWithin(to.at, from[0].at + op.start!, from[0].at + op.start! + size)
      case 'reshape':
        return () => reshape(heap, from[0], to)
      case 'resize':
        return () => resize(heap, from[0], to, op.mode!)
      case 'sharpen':
        return sharpen(op, from[0], to)
      case 'pixel_unshuffle':
        return () => pixelUnshuffle(heap, from[0], to, op.factor!)
      case 'pixel_shuffle':
        return () => pixelShuffle(heap, from[0], to, op.factor!)
      case 'pad': {
        const [left, right, top, bottom] = op.padding!
        return () => pad(heap, from[0], to.at, top, bottom, left, right)
      }
    }
    throw new ModelError(`unknown operation ${op.op}`)
  }

  function convolution(
    op: Op,
    from: Place,
    to: Place,
    weights: (k: number) => Float32Array<ArrayBuffer>,
    shape: (k: number) => number[],
  ): () => void {
    const [inputs, height, width] = picture(from.shape)
    const [outputs, tall, wide] = picture(to.shape)
    const [, , rows = 1, columns = 1] = shape(0)
    const [py, px] = op.padding ?? [0, 0]
    const dense = op.op !== 'depthwise'
    const row = (width + 2 * px) * inputs
    const padded = py || px ? borrow((height + 2 * py) * row) : from.at
    const bias = new Float32Array((outputs + 7) & ~7)
    bias.set(weights(1))
    if (dense && suits(shape(0), [py, px], height, width))
      return winograd(op, padded, row, from, to, weights, keep(bias))
    const w = dense
      ? share('blocked', op, () => blocked(weights(0), shape(0)))
      : share('depthwise', op, () => transposed(weights(0), outputs))
    const b = keep(bias)
    const slope = op.slope ?? 1
    return () => {
      if (padded !== from.at) pad(heap, from, padded, py, py, px, px)
      if (dense) kernels.conv(padded * 4, w, b, to.at * 4, tall, wide, inputs, outputs, rows, columns, row * 4, slope)
      else kernels.depthwise(padded * 4, w, b, to.at * 4, tall, wide, inputs, rows, columns, row * 4, slope)
    }
  }

  /** A linear map of its own at every place: weights are rows x columns of places, then of the map; backwards where `transposed`. */
  function local(
    op: Op,
    from: Place,
    to: Place,
    weights: () => Float32Array,
    [tall, wide, rows, columns]: number[],
  ): () => void {
    const map = share('local', op, () => widened(weights(), columns))
    const kernel = op.transposed ? kernels.localBack : kernels.local
    return () => kernel(from.at * 4, map, to.at * 4, tall * wide, rows, columns)
  }

  /** Of pictures with alpha. */
  function sharpen({ radius = 0, slope = 1 }: Op, from: Place, to: Place): () => void {
    const [channels, height, width] = picture(from.shape)
    if (channels !== 4) throw new ModelError('sharpening of anything but four channels')
    const x = from.at * 4
    const size = height * width * 4
    const [low, high, nearLow, nearHigh, lowAround, highAround] = Array.from({ length: 6 }, () => 4 * borrow(size))
    const [pixel, row] = [16, width * 16]
    return () => {
      // Along rows, then along columns; and once more for what is further around.
      kernels.extremes(x, x, low, high, height, width, row, pixel, radius)
      kernels.extremes(low, high, nearLow, nearHigh, width, height, pixel, row, radius)
      kernels.extremes(nearLow, nearHigh, low, high, height, width, row, pixel, REACH)
      kernels.extremes(low, high, lowAround, highAround, width, height, pixel, row, REACH)
      kernels.sharpen(x, nearLow, nearHigh, lowAround, highAround, to.at * 4, height * width, slope)
    }
  }

  function winograd(
    op: Op,
    padded: number,
    row: number,
    from: Place,
    to: Place,
    weights: (k: number) => Float32Array,
    bias: number,
  ): () => void {
    const [inputs, height, width] = picture(from.shape)
    const [outputs] = picture(to.shape)
    const [down, across] = [height / 4, width / 4]
    // As many rows of tiles at a time as keep the planes small enough to stay near, but at least four tiles for the kernel.
    const band = Math.min(down, Math.max(1, Math.ceil(TILES / across)))
    const transformed = borrow(36 * band * across * inputs)
    const products = borrow(36 * band * across * outputs)
    const parts = share('winograd', op, () => transform(weights(0), [outputs, inputs]))
    const slope = op.slope ?? 1
    const none = keep(new Float32Array(outputs + 4))
    const [line, wide] = [row * 4, width * outputs * 4]
    return () => {
      pad(heap, from, padded, 1, 1, 1, 1)
      for (let first = 0; first < down; first += band) {
        const rows = Math.min(band, down - first)
        const tiles = rows * across
        for (let r = 0; r < rows; r++) {
          kernels.winogradIn(
            padded * 4 + (first + r) * 4 * line,
            (transformed + r * across * inputs) * 4,
            across,
            inputs,
            line,
            tiles * inputs * 4,
          )
        }
        for (let k = 0; k < 36; k++) {
          kernels.conv(
            (transformed + k * tiles * inputs) * 4,
            parts + k * inputs * outputs * 4,
            none,
            (products + k * tiles * outputs) * 4,
            1,
            tiles,
            inputs,
            outputs,
            1,
            1,
            0,
            1,
          )
        }
        for (let r = 0; r < rows; r++) {
          kernels.winogradOut(
            (products + r * across * outputs) * 4,
            bias,
            to.at * 4 + (first + r) * 4 * wide,
            across,
            outputs,
            wide,
            tiles * outputs * 4,
            slope,
          )
        }
      }
    }
  }

  const pages = memory.pages(Math.max(...header.shapes.map(shape => picture(shape)[0])))
  const missing = pages - kernels.memory.buffer.byteLength / PAGE
  if (missing > 0) kernels.memory.grow(missing)
  heap = new Float32Array(kernels.memory.buffer)
  for (const [at, numbers] of filled.splice(0)) heap.set(numbers, at)
  const upTo = (value: number | undefined): (() => void)[] =>
    steps.slice(0, header.ops.findIndex(op => op.out === value) + 1)
  const plain = steps.slice(0, plainOps(header))
  const toRejection = upTo(header.rejection)
  const afterRejection = plain.slice(toRejection.length)
  const toFeatures = steps.slice(0, Math.max(toRejection.length, upTo(sums?.features).length))
  const afterFeatures = (opsAfterFeatures(header) ?? []).map(op => steps[header.ops.indexOf(op)])
  const changed = steps.slice(plain.length)
  const channels = sums ? header.shapes[sums.features][0] : 0
  const directions = sums ? (header.directions ?? []).map(direction => transposed(stepOf(direction), channels)) : []
  const values = (number: number): Float32Array =>
    heap.subarray(places[number].at, places[number].at + count(header.shapes[number]))
  const run = (which: (() => void)[], from: number, given: Float32Array): void => {
    heap.set(given, places[from].at)
    for (const step of which) step()
  }
  const rejectionNow = (): number => (header.rejection === undefined ? 0 : heap[places[header.rejection].at])
  /** Those asked for last come first: all cells of a blend and all frames of a walk are made of the same few. */
  const remembered: { latent: Float32Array; features: Float32Array; rejection: number }[] = []
  function featuresOf(latent: Float32Array): (typeof remembered)[number] {
    const at = remembered.findIndex(one => one.latent.every((value, i) => value === latent[i]))
    if (at < 0) run(toFeatures, 0, latent)
    const found =
      at < 0
        ? { latent: latent.slice(), features: values(sums!.features).slice(), rejection: rejectionNow() }
        : remembered.splice(at, 1)[0]
    remembered.unshift(found)
    remembered.length = Math.min(remembered.length, REMEMBERED)
    return found
  }
  function features({ latent, changes, blend = [{ weight: 1, latent }] }: Recipe): Float32Array {
    const sum = new Float32Array(count(header.shapes[sums!.features]))
    const add = (weight: number, step: Float32Array): void => {
      for (let i = 0; i < sum.length; i++) sum[i] += weight * step[i]
    }
    for (const part of blend) add(part.weight, featuresOf(part.latent).features)
    for (const change of changes) {
      const step =
        'direction' in change
          ? directions[change.direction]
          : differenceOf(features(change.minus), features(change.plus), channels, sums!.usual)
      add(change.weight, step)
    }
    return sum
  }
  return {
    draw(latent, rejectable = false) {
      run(toRejection, 0, latent)
      const rejection = rejectionNow()
      if (rejectable && rejection > 0) return { values: new Float32Array(), rejection }
      for (const step of afterRejection) step()
      return { values: values(header.output), rejection }
    },
    drawSum(recipe, rejectable = false) {
      if (recipe.changes.length) {
        run(changed, sums!.changed, features(recipe))
        return { values: values(sums!.output), rejection: 0 }
      }
      // A blend may be shown where each of its pictures may.
      const rejection = Math.max(0, ...(recipe.blend ?? []).map(({ latent }) => featuresOf(latent).rejection))
      if (rejectable && rejection > 0) return { values: new Float32Array(), rejection }
      run(afterFeatures, sums!.features, features(recipe))
      return { values: values(header.output), rejection }
    },
  }
}
