// The steps of convolutions and linear maps: 3 x 3 ones by Winograd's algorithm where that suits, the others directly.
import type { Kernels } from './kernels'
import type { Op } from './model'
import { type Place, pad, picture, transposed } from './moves'
import { blocked } from './weights'
import { suits, transform } from './winograd'
import type { Workspace } from './workspace'

const TILES = 16 // of Winograd's, worked on at a time

export function convolution(
  workspace: Workspace,
  kernels: Kernels,
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
  const padded = py || px ? workspace.borrow((height + 2 * py) * row) : from.at
  const bias = new Float32Array((outputs + 7) & ~7)
  bias.set(weights(1))
  if (dense && suits(shape(0), [py, px], height, width))
    return winograd(workspace, kernels, op, padded, row, from, to, weights, workspace.keep(bias))
  const w = dense
    ? workspace.share('blocked', op, () => blocked(weights(0), shape(0)))
    : workspace.share('depthwise', op, () => transposed(weights(0), outputs))
  const b = workspace.keep(bias)
  const slope = op.slope ?? 1
  return () => {
    if (padded !== from.at) pad(workspace.heap, from, padded, py, py, px, px)
    if (dense) kernels.conv(padded * 4, w, b, to.at * 4, tall, wide, inputs, outputs, rows, columns, row * 4, slope)
    else kernels.depthwise(padded * 4, w, b, to.at * 4, tall, wide, inputs, rows, columns, row * 4, slope)
  }
}

function winograd(
  workspace: Workspace,
  kernels: Kernels,
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
  const transformed = workspace.borrow(36 * band * across * inputs)
  const products = workspace.borrow(36 * band * across * outputs)
  const parts = workspace.share('winograd', op, () => transform(weights(0), [outputs, inputs]))
  const slope = op.slope ?? 1
  const none = workspace.keep(new Float32Array(outputs + 4))
  const [line, wide] = [row * 4, width * outputs * 4]
  return () => {
    pad(workspace.heap, from, padded, 1, 1, 1, 1)
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
