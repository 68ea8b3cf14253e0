// What each operation of a model does on WebAssembly: a step that reads and writes places in its memory.

import { count, ModelError } from './container'
import { convolution } from './convolution'
import type { Kernels } from './kernels'
import type { ModelFile, Op } from './model'
import { concat, type Place, pad, picture, pixelShuffle, pixelUnshuffle, reshape, resize, transposed } from './moves'
import { widened } from './weights'
import { Workspace } from './workspace'

/** Activations by their numbers in the kernels. */
export const ACTIVATIONS = ['leaky_relu', 'elu', 'silu', 'sigmoid', 'tanh']
const REACH = 2 // of sharpening: pixels beyond its radius
const GAP = 16 // and numbers between the rows that it holds

/** Makes the steps of a model, one after the other, and then the memory that they share. */
export class Compiler {
  readonly workspace: Workspace

  constructor(
    private readonly model: ModelFile,
    private readonly kernels: Kernels,
  ) {
    this.workspace = new Workspace(kernels)
  }

  /** The step of an operation. */
  step(op: Op, from: Place[], to: Place): () => void {
    const step = this.build(op, from, to)
    this.workspace.giveBack()
    return step
  }

  private build(op: Op, from: Place[], to: Place): () => void {
    const { kernels, workspace } = this
    const { header, tensor } = this.model
    const weights = (k: number): Float32Array<ArrayBuffer> => tensor(op.w![k])
    const shape = (k: number): number[] => header.tensors[op.w![k]].shape
    const size = count(to.shape)
    const a = from[0] && from[0].at * 4
    const out = to.at * 4
    if (op.op === 'conv' || op.op === 'depthwise' || op.op === 'linear')
      return convolution(workspace, kernels, op, from[0], to, weights, shape)
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
        const [scale, shift] = [workspace.keep(weights(0)), workspace.keep(weights(1))]
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
        const room = 4 * workspace.borrow(places * (channels / heads + 4))
        return () => kernels.selfAttention(a, room, out, places, channels, heads)
      }
      case 'constant': {
        const values = workspace.share('constant', op, () => transposed(weights(0), channels)) / 4
        return () => workspace.heap.copyWithin(to.at, values, values + size)
      }
      case 'concat':
        return () => concat(workspace.heap, from, to)
      case 'narrow':
        return () => workspace.heap.copyWithin(to.at, from[0].at + op.start!, from[0].at + op.start! + size)
      case 'reshape':
        return () => reshape(workspace.heap, from[0], to)
      case 'resize':
        return () => resize(workspace.heap, from[0], to, op.mode!)
      case 'sharpen':
        return this.sharpen(op, from[0], to)
      case 'pixel_unshuffle':
        return () => pixelUnshuffle(workspace.heap, from[0], to, op.factor!)
      case 'pixel_shuffle':
        return () => pixelShuffle(workspace.heap, from[0], to, op.factor!)
      case 'pad': {
        const [left, right, top, bottom] = op.padding!
        return () => pad(workspace.heap, from[0], to.at, top, bottom, left, right)
      }
    }
    throw new ModelError(`unknown operation ${op.op}`)
  }

  /** A linear map of its own at every place: weights are rows x columns of places, then of the map; backwards where `transposed`. */
  private local(
    op: Op,
    from: Place,
    to: Place,
    weights: () => Float32Array,
    [tall, wide, rows, columns]: number[],
  ): () => void {
    const { kernels, workspace } = this
    const map = workspace.share('local', op, () => widened(weights(), columns))
    const kernel = op.transposed ? kernels.localBack : kernels.local
    return () => kernel(from.at * 4, map, to.at * 4, tall * wide, rows, columns)
  }

  /** Of pictures with alpha. */
  private sharpen({ radius = 0, slope = 1 }: Op, from: Place, to: Place): () => void {
    const { kernels, workspace } = this
    const [channels, height, width] = picture(from.shape)
    if (channels !== 4) throw new ModelError('sharpening of anything but four channels')
    const room = 4 * workspace.borrow((4 * radius + 8 * REACH + 8) * (4 * width + GAP))
    return () => kernels.sharpen(from.at * 4, room, to.at * 4, width, height, radius, REACH, slope)
  }
}
