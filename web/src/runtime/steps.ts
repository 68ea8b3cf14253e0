// What each operation of a model does on WebAssembly: a step that reads and writes places in its memory.

import { count, ModelError } from './container'
import { Memory, PAGE } from './memory'
import type { ModelFile, Op } from './model'
import { concat, type Place, pad, picture, pixelShuffle, pixelUnshuffle, reshape, resize, transposed } from './moves'
import { blocked, widened } from './weights'
import { suits, transform } from './winograd'

export interface Kernels {
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
  normalize(from: number, to: number, pixels: number, channels: number): void
  selfAttention(qkv: number, room: number, to: number, places: number, channels: number, heads: number): void
  extremes(...n: number[]): void
  sharpen(...n: number[]): void
}

/** Activations by their numbers in the kernels. */
export const ACTIVATIONS = ['leaky_relu', 'elu', 'silu', 'sigmoid', 'tanh']
const REACH = 2 // of sharpening: pixels beyond its radius
const TILES = 16 // of Winograd's, worked on at a time

/** Makes the steps of a model, one after the other, and then the memory that they share. */
export class Compiler {
  heap = new Float32Array()
  readonly memory = new Memory()
  private readonly filled: [number, Float32Array][] = []
  private readonly shared = new Map<string, number>()
  private readonly borrowed: [number, number][] = []

  constructor(
    private readonly model: ModelFile,
    private readonly kernels: Kernels,
  ) {}

  /** The step of an operation.  What it borrowed for itself alone is lent again to the next one. */
  step(op: Op, from: Place[], to: Place): () => void {
    const step = this.build(op, from, to)
    for (const [at, size] of this.borrowed.splice(0)) this.memory.give(at, size)
    return step
  }

  /** Makes room for all steps, for vectors of up to so many channels, and writes the weights. */
  fill(widest: number): void {
    const missing = this.memory.pages(widest) - this.kernels.memory.buffer.byteLength / PAGE
    if (missing > 0) this.kernels.memory.grow(missing)
    this.heap = new Float32Array(this.kernels.memory.buffer)
    for (const [at, numbers] of this.filled.splice(0)) this.heap.set(numbers, at)
  }

  private keep(numbers: Float32Array): number {
    const at = this.memory.keep(numbers.length)
    this.filled.push([at, numbers])
    return at * 4
  }

  /** Where the first weights of operations lie of which several may have the same: they are made and kept once. */
  private share(kind: string, op: Op, make: () => Float32Array): number {
    const key = `${kind} ${op.w![0]}`
    const at = this.shared.get(key) ?? this.keep(make())
    this.shared.set(key, at)
    return at
  }

  /** Room that only one step needs. */
  private borrow(size: number): number {
    const at = this.memory.take(size)
    this.borrowed.push([at, size])
    return at
  }

  private build(op: Op, from: Place[], to: Place): () => void {
    const { kernels } = this
    const { header, tensor } = this.model
    const weights = (k: number): Float32Array<ArrayBuffer> => tensor(op.w![k])
    const shape = (k: number): number[] => header.tensors[op.w![k]].shape
    const size = count(to.shape)
    const a = from[0] && from[0].at * 4
    const out = to.at * 4
    if (op.op === 'conv' || op.op === 'depthwise' || op.op === 'linear')
      return this.convolution(op, from[0], to, weights, shape)
    if (ACTIVATIONS.includes(op.op)) {
      const kind = ACTIVATIONS.indexOf(op.op)
      return () => kernels.activation(a, out, size, kind, op.alpha ?? 0)
    }
    if (op.op === 'local') return this.local(op, from[0], to, () => weights(0), shape(0))
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
        const [scale, shift] = [this.keep(weights(0)), this.keep(weights(1))]
        return () => kernels.affine(a, scale, shift, out, height * width, channels)
      }
      case 'softmax':
        return () => kernels.softmax(a, out, height * width, channels)
      case 'normalize':
        if (channels % 4) throw new ModelError('normalization of a number of channels that is no multiple of four')
        return () => kernels.normalize(a, out, height * width, channels)
      case 'self_attention': {
        const heads = op.heads ?? 0
        const places = height * width
        if (picture(from[0].shape)[0] !== 3 * channels || !heads || channels % (8 * heads) || places % 8)
          throw new ModelError('attention of another shape')
        const room = 4 * this.borrow(places * (channels / heads + 4))
        return () => kernels.selfAttention(a, room, out, places, channels, heads)
      }
      case 'constant': {
        const values = this.share('constant', op, () => transposed(weights(0), channels)) / 4
        return () => this.heap.copyWithin(to.at, values, values + size)
      }
      case 'concat':
        return () => concat(this.heap, from, to)
      case 'narrow':
        return () => this.heap.copyWithin(to.at, from[0].at + op.start!, from[0].at + op.start! + size)
      case 'reshape':
        return () => reshape(this.heap, from[0], to)
      case 'resize':
        return () => resize(this.heap, from[0], to, op.mode!)
      case 'sharpen':
        return this.sharpen(op, from[0], to)
      case 'pixel_unshuffle':
        return () => pixelUnshuffle(this.heap, from[0], to, op.factor!)
      case 'pixel_shuffle':
        return () => pixelShuffle(this.heap, from[0], to, op.factor!)
      case 'pad': {
        const [left, right, top, bottom] = op.padding!
        return () => pad(this.heap, from[0], to.at, top, bottom, left, right)
      }
    }
    throw new ModelError(`unknown operation ${op.op}`)
  }

  private convolution(
    op: Op,
    from: Place,
    to: Place,
    weights: (k: number) => Float32Array<ArrayBuffer>,
    shape: (k: number) => number[],
  ): () => void {
    const { kernels } = this
    const [inputs, height, width] = picture(from.shape)
    const [outputs, tall, wide] = picture(to.shape)
    const [, , rows = 1, columns = 1] = shape(0)
    const [py, px] = op.padding ?? [0, 0]
    const dense = op.op !== 'depthwise'
    const row = (width + 2 * px) * inputs
    const padded = py || px ? this.borrow((height + 2 * py) * row) : from.at
    const bias = new Float32Array((outputs + 7) & ~7)
    bias.set(weights(1))
    if (dense && suits(shape(0), [py, px], height, width))
      return this.winograd(op, padded, row, from, to, weights, this.keep(bias))
    const w = dense
      ? this.share('blocked', op, () => blocked(weights(0), shape(0)))
      : this.share('depthwise', op, () => transposed(weights(0), outputs))
    const b = this.keep(bias)
    const slope = op.slope ?? 1
    return () => {
      if (padded !== from.at) pad(this.heap, from, padded, py, py, px, px)
      if (dense) kernels.conv(padded * 4, w, b, to.at * 4, tall, wide, inputs, outputs, rows, columns, row * 4, slope)
      else kernels.depthwise(padded * 4, w, b, to.at * 4, tall, wide, inputs, rows, columns, row * 4, slope)
    }
  }

  /** A linear map of its own at every place: weights are rows x columns of places, then of the map; backwards where `transposed`. */
  private local(
    op: Op,
    from: Place,
    to: Place,
    weights: () => Float32Array,
    [tall, wide, rows, columns]: number[],
  ): () => void {
    const { kernels } = this
    const map = this.share('local', op, () => widened(weights(), columns))
    const kernel = op.transposed ? kernels.localBack : kernels.local
    return () => kernel(from.at * 4, map, to.at * 4, tall * wide, rows, columns)
  }

  /** Of pictures with alpha. */
  private sharpen({ radius = 0, slope = 1 }: Op, from: Place, to: Place): () => void {
    const { kernels } = this
    const [channels, height, width] = picture(from.shape)
    if (channels !== 4) throw new ModelError('sharpening of anything but four channels')
    const x = from.at * 4
    const size = height * width * 4
    const [low, high, nearLow, nearHigh, lowAround, highAround] = Array.from({ length: 6 }, () => 4 * this.borrow(size))
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

  private winograd(
    op: Op,
    padded: number,
    row: number,
    from: Place,
    to: Place,
    weights: (k: number) => Float32Array,
    bias: number,
  ): () => void {
    const { kernels } = this
    const [inputs, height, width] = picture(from.shape)
    const [outputs] = picture(to.shape)
    const [down, across] = [height / 4, width / 4]
    // As many rows of tiles at a time as keep the planes small enough to stay near, but at least four tiles for the kernel.
    const band = Math.min(down, Math.max(1, Math.ceil(TILES / across)))
    const transformed = this.borrow(36 * band * across * inputs)
    const products = this.borrow(36 * band * across * outputs)
    const parts = this.share('winograd', op, () => transform(weights(0), [outputs, inputs]))
    const slope = op.slope ?? 1
    const none = this.keep(new Float32Array(outputs + 4))
    const [line, wide] = [row * 4, width * outputs * 4]
    return () => {
      pad(this.heap, from, padded, 1, 1, 1, 1)
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
}
