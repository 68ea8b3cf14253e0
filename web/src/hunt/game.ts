// The rules of Sticker Hunt, without camera, crowd or page: what is asked in which order, and the clock.
import { uniforms } from '../latents'

export const SECONDS = 20 // at the start
export const BONUS = 10 // more for every find
/** How hard each of the ten finds is, from 1 to 5. */
export const LEVELS = [1, 1, 2, 1, 2, 2, 2, 3, 4, 5] as const
export const FINDS = LEVELS.length

export interface Round {
  /** Number of the sticker that is asked for. */
  sticker: number
  level: number
  /** How the picture that asks is turned, in degrees. */
  turn: number
  /** Its size, 1 being the usual one. */
  size: number
  /** Share of it that is covered, and the side from which: 0 to 3 quarter turns. */
  cover: number
  side: number
}

/** The ten rounds of a seed.  Stickers are numbered so that the first differ most: easy rounds ask for early ones, hard rounds
 *  for late ones, which have others like them.  None is asked for twice where there are ten. */
export function rounds(seed: number, stickers: number): Round[] {
  const random = uniforms(seed, 5 * FINDS)
  const open = Array.from({ length: stickers }, (_, i) => i)
  return LEVELS.map((level, i) => {
    if (!open.length) open.push(...Array.from({ length: stickers }, (_, k) => k))
    const [where, turn, side] = random.slice(5 * i, 5 * i + 3)
    const first = Math.floor(((level - 1) / 4) * open.length * 0.6)
    const sticker = open.splice(Math.min(open.length - 1, first + Math.floor(where * open.length * 0.4)), 1)[0]
    return {
      sticker,
      level,
      turn: Math.round((2 * turn - 1) * [0, 0, 25, 45, 70, 180][level]),
      size: [1, 1, 1, 0.75, 0.7, 0.6][level],
      cover: [0, 0, 0, 0, 0.35, 0.4][level],
      side: Math.floor(side * 4),
    }
  })
}

export type Status = 'ready' | 'playing' | 'paused' | 'won' | 'lost'

export class Game {
  readonly rounds: Round[]
  status: Status = 'ready'
  found = 0
  left = SECONDS
  /** Seconds played. */
  spent = 0

  /** Without a clock nobody loses. */
  constructor(
    readonly seed: number,
    stickers: number,
    readonly clock: boolean,
  ) {
    this.rounds = rounds(seed, stickers)
  }

  get round(): Round {
    return this.rounds[Math.min(this.found, FINDS - 1)]
  }

  start(): void {
    if (this.status === 'ready' || this.status === 'paused') this.status = 'playing'
  }

  pause(): void {
    if (this.status === 'playing') this.status = 'paused'
  }

  /** Time goes by; true where it runs out with that. */
  tick(seconds: number): boolean {
    if (this.status !== 'playing') return false
    this.spent += seconds
    if (!this.clock) return false
    this.left = Math.max(0, this.left - seconds)
    if (this.left === 0) this.status = 'lost'
    return this.left === 0
  }

  /** What was asked for was found. */
  find(): void {
    if (this.status !== 'playing') return
    this.found++
    this.left += BONUS
    if (this.found === FINDS) this.status = 'won'
  }
}
