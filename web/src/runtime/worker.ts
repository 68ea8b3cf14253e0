// The thread that draws: one model, one picture per message, in the order in which they come.

import { compose } from './compose'
import { openGpu } from './gpu'
import instantiate from './kernels.wasm?init'
import { type Header, ModelError, type ModelFile, parseModel, unpack } from './model'
import type { Network, Recipe } from './runtime'
import { digest } from './sha256'
import { type PlainNetwork, wasmRuntime } from './wasm'

export type ToWorker =
  | { type: 'load'; data: ArrayBuffer; sha256: string }
  /** With `rejectable` a rejected picture need not be drawn to its end. */
  | { type: 'draw'; recipe: Recipe; rejectable: boolean }
  /** Asks for the graphics card; `trusting` takes one that is only software too, which is for tests. */
  | { type: 'gpu'; trusting: boolean }

/** What can go wrong, as the page words it. */
export type Failure = 'altered' | 'unreadable' | 'nowasm' | 'memory'

export type FromWorker =
  | { type: 'ready'; header: Header }
  | { type: 'failed'; failure: Failure; detail: string }
  | { type: 'picture'; pixels: Uint8ClampedArray<ArrayBuffer> | null; rejection: number; milliseconds: number }
  | { type: 'gpu'; why: string | null }

const scope = self as unknown as DedicatedWorkerGlobalScope
const compiled = typeof WebAssembly === 'object' ? instantiate({ env: { abort: () => {} } }) : null
compiled?.catch(() => {}) // told when a model is loaded
let model: ModelFile | null = null
let plain: PlainNetwork | null = null
let network: Network | null = null // what draws: `plain`, or a graphics card

async function load(message: ToWorker & { type: 'load' }): Promise<FromWorker> {
  if (!compiled || typeof DecompressionStream === 'undefined') return { type: 'failed', failure: 'nowasm', detail: '' }
  if ((await digest(new Uint8Array(message.data))) !== message.sha256)
    return { type: 'failed', failure: 'altered', detail: '' }
  try {
    model = parseModel(await unpack(message.data))
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
  if (message.type === 'load') {
    scope.postMessage(await load(message))
  } else if (message.type === 'draw' && network) {
    const start = performance.now()
    const { recipe } = message
    const drawn = recipe.changes.length ? plain!.drawSum(recipe) : network.draw(recipe.latent, message.rejectable)
    // Not awaited where it is there: the next call of anybody would draw over it.
    const { values, rejection } = drawn instanceof Promise ? await drawn : drawn
    const pixels = values.length ? compose(values, model!.header.channels) : null
    scope.postMessage(
      { type: 'picture', pixels, rejection, milliseconds: performance.now() - start },
      pixels ? [pixels.buffer] : [],
    )
  }
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
