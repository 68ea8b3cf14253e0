// All that the page shows is one state, and the state is in the address: "#v1&view=grid&model=...&seed=...".
import { fromNumbers, fromSeed, type Point, read, write } from './points'

export const VIEWS = ['grid', 'corners', 'sum', 'walk', 'tune', 'hunt', 'film', 'finds', 'about'] as const
export type View = (typeof VIEWS)[number]

export interface State {
  view: View
  /** Name of the model's folder; '' stands for the page's first. */
  model: string
  /** Whose random pictures the grid shows, and what the hunt asks for. */
  seed: number
  /** The truncation: every latent is multiplied by it.  Only a link sets it; null stands for what suits the model. */
  scale: number | null
  corners: readonly Point[]
  /** base, minus, plus */
  terms: readonly Point[]
  /** Where the walk goes through, and back to the start. */
  stops: readonly Point[]
  /** The one picture of the tuning view. */
  subject: Point
}

export const MAX_STOPS = 8
export const MAX_SCALE = 4

export const START: State = {
  view: 'grid',
  model: '',
  seed: 1,
  scale: null,
  corners: [
    fromNumbers(1, 0.5, -0.5),
    fromNumbers(-0.5, 1, 0.75),
    fromNumbers(0.5, -1, 0.25),
    fromNumbers(-1, -0.25, -0.75),
  ],
  terms: [fromNumbers(0.75, 0.25, -0.5), fromNumbers(0.25, -0.75, 0), fromNumbers(-0.75, 0.5, 0.5)],
  stops: [0, 1, 2, 3].map(i => fromSeed(7, i)),
  subject: fromSeed(1, 0),
}

/** Which points a view has, and how many. */
export const POINTS: Partial<
  Record<View, { key: 'corners' | 'terms' | 'stops' | 'subject'; minimum: number; maximum: number }>
> = {
  corners: { key: 'corners', minimum: 4, maximum: 4 },
  sum: { key: 'terms', minimum: 3, maximum: 3 },
  walk: { key: 'stops', minimum: 2, maximum: MAX_STOPS },
  tune: { key: 'subject', minimum: 1, maximum: 1 },
}

/** The address of a state: only what the view needs. */
export function toHash(state: State): string {
  const parts = ['v1', `view=${state.view}`]
  if (state.model) parts.push(`model=${encodeURIComponent(state.model)}`)
  if (state.view === 'grid' || state.view === 'hunt') parts.push(`seed=${state.seed}`)
  if (state.scale !== null) parts.push(`scale=${Math.round(state.scale * 100) / 100}`)
  const points = POINTS[state.view]
  if (points) {
    const value = state[points.key]
    parts.push(`at=${points.key === 'subject' ? write(value as Point) : (value as Point[]).map(write).join(',')}`)
  }
  return `#${parts.join('&')}`
}

/** The model that an address names; '' where it names none. */
export const modelOf = (hash: string): string => /[#&]model=([a-z0-9-]{1,60})(&|$)/.exec(hash)?.[1] ?? ''

/** Reads an address over a state.  Null where it is not one of ours; then nothing of it is used. */
export function fromHash(hash: string, over: State, models: readonly string[]): State | null {
  if (hash === '' || hash === '#') return over
  const [version, ...parts] = hash.slice(1).split('&')
  if (version !== 'v1' || hash.length > 8000) return null
  const fields = new Map<string, string>()
  for (const part of parts) {
    const at = part.indexOf('=')
    if (at < 1 || fields.has(part.slice(0, at))) return null
    try {
      fields.set(part.slice(0, at), decodeURIComponent(part.slice(at + 1)))
    } catch {
      return null
    }
  }
  const state = { ...over }
  for (const [key, value] of fields) {
    if (key === 'view' && (VIEWS as readonly string[]).includes(value)) state.view = value as View
    else if (key === 'model' && models.includes(value)) state.model = value
    else if (key === 'seed' && /^\d{1,10}$/.test(value) && Number(value) < 2 ** 32) state.seed = Number(value)
    else if (key === 'scale' && /^\d(\.\d{1,2})?$/.test(value) && Number(value) <= MAX_SCALE)
      state.scale = Number(value)
    else if (key !== 'at') return null
  }
  const wanted = POINTS[state.view]
  const at = fields.get('at')
  if (at === undefined) return state
  const points = at.split(',').map(read)
  if (!wanted || points.length < wanted.minimum || points.length > wanted.maximum || points.includes(null)) return null
  return { ...state, [wanted.key]: wanted.key === 'subject' ? points[0] : points }
}
