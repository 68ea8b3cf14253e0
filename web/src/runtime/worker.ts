// The thread that draws: one model, one picture per message, in the order in which they come.

import { compose, valuesOf } from './compose'
import { ModelError, unpack } from './container'
import { finished, inWholePixels, stageFor } from './finish'
import { openGpu } from './gpu'
import instantiate from './kernels.wasm?init'
import { type Header, type ModelFile, parseModel } from './model'
import type { Network, Recipe } from './runtime'
import { digest } from './sha256'
import { type PlainNetwork, wasmRuntime } from './wasm'

export type ToWorker =
  | { type: 'load'; data: ArrayBuffer; sha256: string }
  /** The finishing stage, once. */
  | { type: 'finisher'; data: ArrayBuffer; sha256: string }
  /** With `rejectable` a rejected picture need not be drawn to its end; `large` ones are finished at so many pixels or more. */
  | { type: 'draw'; recipe: Recipe; rejectable: boolean; large: number }
  /** Finishes a picture that is there already. */
  | { type: 'finish'; pixels: Uint8ClampedArray<ArrayBuffer>; size: number; large: number }
  /** Asks for the graphics card; `trusting` takes one that is only software too, which is for tests. */
  | { type: 'gpu'; trusting: boolean }

/** What can go wrong, as the page words it. */
export type Failure = 'altered' | 'unreadable' | 'nowasm' | 'memory'

export type FromWorker =
  | { type: 'ready'; header: Header }
  | { type: 'failed'; failure: Failure; detail: string }
  | {
      type: 'picture'
      pixels: Uint8ClampedArray<ArrayBuffer> | null
      size: number
      rejection: number
      milliseconds: number
    }
  | { type: 'gpu'; why: string | null }

const scope = self as unknown as DedicatedWorkerGlobalScope
const fresh = (): Promise<WebAssembly.Instance> => instantiate({ env: { abort: () => {} } })
const compiled = typeof WebAssembly === 'object' ? fresh() : null
compiled?.catch(() => {}) // reported when a model is loaded
let model: ModelFile | null = null
let plain: PlainNetwork | null = null
let finisher: ModelFile | null = null // once somebody wants a large picture
const stages = new Map<string, PlainNetwork[]>() // by sizes; very small pictures need two in turn
let network: Network | null = null // what draws: `plain`, or a graphics card

async function load(message: ToWorker & { type: 'load' | 'finisher' }): Promise<FromWorker> {
  if (!compiled || typeof DecompressionStream === 'undefined') return { type: 'failed', failure: 'nowasm', detail: '' }
  if ((await digest(new Uint8Array(message.data))) !== message.sha256)
    return { type: 'failed', failure: 'altered', detail: '' }
  try {
    const file = parseModel(await unpack(message.data))
    if (message.type === 'finisher') {
      finisher = file
      return { type: 'ready', header: file.header }
    }
    model = file
    network = plain = await wasmRuntime(() => compiled).load(model)
    return { type: 'ready', header: model.header }
  } catch (error) {
    return failed(error, 'nowasm')
  }
}

const failed = (error: unknown, otherwise: Failure): FromWorker => ({
  type: 'failed',
  failure: error instanceof ModelError ? 'unreadable' : error instanceof RangeError ? 'memory' : otherwise,
  detail: String(error),
})

async function answer(message: ToWorker): Promise<void> {
  if (message.type === 'load' || message.type === 'finisher') {
    scope.postMessage(await load(message))
  } else if (message.type === 'draw' && network) {
    const start = performance.now()
    const { recipe, large } = message
    // A graphics card may be off by half a level; large pictures are the same everywhere.
    const drawn =
      recipe.changes.length || recipe.blend
        ? plain!.drawSum(recipe, message.rejectable)
        : (large ? plain! : network).draw(recipe.latent, message.rejectable)
    // Not awaited where it is there: the next call of anybody would draw over it.
    const { values, rejection } = drawn instanceof Promise ? await drawn : drawn
    const pixels = values.length
      ? large
        ? await enlarged(values, model!.header.channels, model!.header.size, large)
        : compose(values, model!.header.channels)
      : null
    show(pixels, rejection, start)
  } else if (message.type === 'finish' && model) {
    const start = performance.now()
    show(await enlarged(valuesOf(message.pixels), 4, message.size, message.large), 0, start)
  }
}

function show(pixels: Uint8ClampedArray<ArrayBuffer> | null, rejection: number, start: number): void {
  const size = pixels ? Math.sqrt(pixels.length / 4) : 0
  scope.postMessage(
    { type: 'picture', pixels, size, rejection, milliseconds: performance.now() - start } satisfies FromWorker,
    pixels ? [pixels.buffer] : [],
  )
}

/** A picture of `size` pixels at `side` or a little more, as RGBA bytes. */
async function enlarged(
  values: Float32Array,
  channels: number,
  size: number,
  side: number,
): Promise<Uint8ClampedArray<ArrayBuffer>> {
  const { cell } = model!.header
  if (cell) return compose(inWholePixels(values, channels, size, cell), channels)
  const given = values.slice() // the next call of anybody draws over it
  let drawn: Float32Array = given
  for (const [i, stage] of (await stagesTo(size, side)).entries()) drawn = finished(drawn, i ? 4 : channels, stage)
  if (drawn === given) return compose(given, channels)
  if (channels === 3) for (let i = 3; i < drawn.length; i += 4) drawn[i] = 1
  return compose(drawn, 4)
}

async function stagesTo(from: number, side: number): Promise<PlainNetwork[]> {
  const key = `${from} ${side}`
  const parts = stages.get(key) ?? []
  if (!finisher || stages.has(key)) return parts
  for (let size = from; size < side; ) {
    const part = stageFor(finisher, size, side)
    parts.push(await wasmRuntime(fresh).load(part))
    size = part.header.shapes[part.header.output][1]
  }
  stages.set(key, parts)
  return parts
}

/** Beside the drawing, which goes on meanwhile. */
async function tryCard(trusting: boolean): Promise<void> {
  const { card, why } = await openGpu(model!, plain!, trusting)
  network = card ?? network
  scope.postMessage({ type: 'gpu', why } satisfies FromWorker)
}

let last = Promise.resolve()
scope.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === 'gpu') void tryCard(data.trusting)
  else last = last.then(() => answer(data)).catch(error => scope.postMessage(failed(error, 'memory')))
}
