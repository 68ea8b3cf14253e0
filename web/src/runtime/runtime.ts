// What the page asks of whatever draws: nothing else knows whether it is WebAssembly or a graphics card.
import type { ModelFile } from './model'

/** What a picture is drawn from: a latent, and what is added to its features. */
export interface Recipe {
  latent: Float32Array<ArrayBuffer>
  changes: Change[]
}

/** What makes of one picture another, or a step along one of the model's directions. */
export type Change = { weight: number } & ({ minus: Recipe; plus: Recipe } | { direction: number })

export interface Drawn {
  /** The picture: height x width x channels in [-1, 1], valid until the next call. */
  values: Float32Array
  /** How much there is to say against it; 0 where nothing is. */
  doubt: number
}

export interface Network {
  /** One latent in, one picture out; with `picky` a picture in doubt need not be drawn to its end, and then has no values. */
  draw(latent: Float32Array, picky?: boolean): Drawn | Promise<Drawn>
}

export interface Runtime {
  load(model: ModelFile): Promise<Network>
}
