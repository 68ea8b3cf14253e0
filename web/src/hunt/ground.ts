// Where one hunts: before a camera, or in a crowded drawing.  The game does not know which.
import type { CameraTrouble } from './camera'
import type { Round } from './game'

export interface Ground {
  readonly element: HTMLElement
  /** From now on this is what is to be found. */
  ask(round: Round): void
  /** Nothing is looked for while it rests. */
  rest(resting: boolean): void
  close(): void
}

/** What a ground tells the game. */
export interface Listener {
  /** What was asked for was found; with its photo. */
  found(photo: HTMLCanvasElement): void
  /** It may be near. */
  warm(): void
  /** Something else was taken for it. */
  missed(): void
  /** The camera is gone, or black; null where it is back. */
  trouble(trouble: CameraTrouble | null): void
}
