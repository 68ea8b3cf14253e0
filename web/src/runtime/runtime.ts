// What the page asks of whatever draws: nothing else knows whether it is WebAssembly or a graphics card.
import type { ModelFile } from './model'

export interface Drawn {
  /** The picture: height x width x channels in [-1, 1], valid until the next call. */
  values: Float32Array
  /** How much there is to say against it; 0 where nothing is. */
  doubt: number
}

export interface Network {
  /** One latent in, one picture out. */
  draw(latent: Float32Array): Drawn | Promise<Drawn>
}

export interface Runtime {
  load(model: ModelFile): Promise<Network>
}
