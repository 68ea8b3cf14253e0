// What can keep a model from drawing.
import type { Failure } from './worker'

export type Trouble = Failure | 'network' | 'noworker'
export class RendererError extends Error {
  constructor(
    readonly trouble: Trouble,
    detail = '',
  ) {
    super(`${trouble} ${detail}`)
  }
}
