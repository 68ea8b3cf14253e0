// Runs a model on one SIMD thread of WebAssembly: the arithmetic is in kernels/, what calls it in steps.ts, the order is here.

import { count } from './container'
import { differenceOf } from './difference'
import type { Kernels } from './kernels'
import { type ModelFile, opsAfterFeatures, plainOps, stepOf } from './model'
import { type Place, picture, transposed } from './moves'
import type { Drawn, Network, Recipe } from './runtime'
import { Compiler } from './steps'

const REMEMBERED = 16 // latents whose features are kept

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

function compile(model: ModelFile, kernels: Kernels): PlainNetwork {
  const { header } = model
  const compiler = new Compiler(model, kernels)
  const { workspace } = compiler
  const { memory } = workspace
  const places: Place[] = header.shapes.map(shape => ({ at: -1, shape }))
  const lastUse = new Map<number, number>()
  header.ops.forEach((op, i) => op.in.forEach(value => lastUse.set(value, i)))
  places[0].at = memory.take(count(header.shapes[0]))
  const sums = header.sums
  if (sums) places[sums.changed].at = memory.take(count(header.shapes[sums.changed]))
  const results = new Set([header.output, header.rejection, sums?.features, sums?.changed, sums?.output])
  const steps = header.ops.map((op, i) => {
    const to = places[op.out]
    to.at = memory.take(count(to.shape))
    const step = compiler.step(
      op,
      op.in.map(value => places[value]),
      to,
    )
    for (const value of new Set(op.in)) {
      if (lastUse.get(value) === i && !results.has(value)) memory.give(places[value].at, count(places[value].shape))
    }
    return step
  })
  workspace.fill(Math.max(...header.shapes.map(shape => picture(shape)[0])))
  const { heap } = workspace
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
