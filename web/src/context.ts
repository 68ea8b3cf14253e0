// What a view gets to work with.
import type { ModelEntry } from './page'
import type { Point } from './points'
import type { Renderer, Show } from './runtime/renderer'
import type { State } from './state'
import type { Tile } from './ui/tile'

export interface Context {
  readonly state: State
  readonly entry: ModelEntry
  /** Null until the model is there. */
  readonly renderer: Renderer | null
  /** What every latent is multiplied by now. */
  readonly scale: number
  /** The link to what is shown now. */
  readonly address: string
  /** Changes the state, and the address with it; "go" also adds a step to the history and lays the view out anew, "stay" leaves both to
   *  the view. */
  set(patch: Partial<State>, how?: 'stay' | 'go'): void
  /** Draws points, in `order` if given and `visible` ones first, and shows each as it comes.  A newer call under the same name replaces an
   *  older one, newer calls are served before older ones, and leaving the view cancels all; false then. */
  draw(
    name: string,
    points: readonly Point[],
    show: Show,
    order?: readonly number[],
    visible?: (index: number) => boolean,
  ): Promise<boolean>
  /** The same for pictures at random: where one is rejected, others of its seed are tried.  `show` is given the point it became. */
  sample(
    name: string,
    points: readonly Point[],
    show: (index: number, pixels: ImageData, point: Point) => void,
    visible?: (index: number) => boolean,
  ): Promise<boolean>
  /** The points that pictures at random become; null where the view was left meanwhile. */
  resample(points: readonly Point[]): Promise<Point[] | null>
  /** Draws points finished, at `side` pixels or a little more; false where that cannot be. */
  drawLarge(name: string, points: readonly Point[], side: number, show: Show): Promise<boolean>
  /** Opens the sheet of one picture. */
  open(tile: Tile): void
  /** A line that a screen reader also hears; gone after so many seconds, or else when the view changes. */
  say(text: string, seconds?: number): void
}

export interface ViewParts {
  element: HTMLElement
  /** Called when the model is ready and when the scale has changed. */
  draw(): void
  /** Called before the view goes away. */
  stop?(): void
}
