// The thread that draws: one model at a time, one picture per message.
import instantiate from './kernels.wasm?init'
import { compose } from './compose'
import { ModelError, parseModel } from './model'
import type { Network } from './runtime'
import { sha256 } from './sha256'
import { wasmRuntime } from './wasm'

export type ToWorker =
  | { type: 'load'; data: ArrayBuffer; sha256: string }
  | { type: 'draw'; latent: Float32Array<ArrayBuffer> }

/** What can go wrong, as the page words it. */
export type Failure = 'altered' | 'unreadable' | 'nowasm' | 'memory'

export type FromWorker =
  | { type: 'ready' }
  | { type: 'failed'; failure: Failure; detail: string }
  | { type: 'picture'; pixels: Uint8ClampedArray<ArrayBuffer>; milliseconds: number }

const scope = self as unknown as DedicatedWorkerGlobalScope
let network: Network | null = null
let channels = 3

async function load(message: ToWorker & { type: 'load' }): Promise<FromWorker> {
  if (typeof WebAssembly !== 'object') return { type: 'failed', failure: 'nowasm', detail: '' }
  if (sha256(new Uint8Array(message.data)) !== message.sha256) return { type: 'failed', failure: 'altered', detail: '' }
  try {
    const model = parseModel(message.data)
    channels = model.header.channels
    network = await wasmRuntime(() => instantiate({ env: { abort: () => {} } })).load(model)
    return { type: 'ready' }
  } catch (error) {
    const failure = error instanceof ModelError ? 'unreadable' : error instanceof RangeError ? 'memory' : 'nowasm'
    return { type: 'failed', failure, detail: String(error) }
  }
}

scope.onmessage = async ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === 'load') {
    scope.postMessage(await load(data))
  } else if (network) {
    const start = performance.now()
    const pixels = compose(network.draw(data.latent), channels)
    const message: FromWorker = { type: 'picture', pixels, milliseconds: performance.now() - start }
    scope.postMessage(message, [pixels.buffer])
  }
}
