// What the page asks of whatever draws: nothing else knows whether it is WebAssembly or a graphics card.
import type { ModelFile } from './model'

/** What a picture is drawn from: a latent, and what is added to its features. */
export interface Recipe {
  latent: Float32Array<ArrayBuffer>
  changes: Change[]
  /** Latents whose features are mixed, instead of those of `latent`; the weights sum to one. */
  blend?: { weight: number; latent: Float32Array<ArrayBuffer> }[]
}

/** What makes of one picture another, or a step along one of the model's directions. */
export type Change = { weight: number } & ({ minus: Recipe; plus: Recipe } | { direction: number })

export interface Drawn {
  /** The picture: height x width x channels in [-1, 1], valid until the next call. */
  values: Float32Array
  /** The rejection score: 0 where it may be shown. */
  rejection: number
}

export interface Network {
  /** One latent in, one picture out; with `rejectable` a rejected picture need not be drawn to its end, and then has no values. */
  draw(latent: Float32Array, rejectable?: boolean): Drawn | Promise<Drawn>
}

export interface Runtime {
  load(model: ModelFile): Promise<Network>
}
