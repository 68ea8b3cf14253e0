// What the page asks of whatever draws: nothing else knows whether it is WebAssembly or a graphics card.
import type { ModelFile } from './model'

export interface Network {
  /** One latent in, one picture out: height x width x channels in [-1, 1], valid until the next call. */
  draw(latent: Float32Array): Float32Array | Promise<Float32Array>
}

export interface Runtime {
  load(model: ModelFile): Promise<Network>
}
