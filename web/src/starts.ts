// The points that a view shows until somebody chooses others: suggestions, which another model has of its own.
import type { ModelEntry } from './page'
import { type Point, read } from './points'
import { POINTS, START, type State } from './state'

const suggested = new WeakSet<object>()

/** Points for the view that are not rejected: those that the page has for it, or what `resample` makes of the usual ones; null where
 *  that came to nothing. */
export async function suggestion(
  state: State,
  entry: ModelEntry,
  resample: (points: readonly Point[]) => Promise<Point[] | null>,
): Promise<Partial<State> | null> {
  const key = POINTS[state.view]!.key
  const points = given(state.view, entry) ?? (await resample(key === 'subject' ? [state.subject] : state[key]))
  if (!points) return null
  // A copy, even of what passed as it was: `app.ts` asks for suggestions as long as it has the very points that it starts with.
  const chosen = key === 'subject' ? [...points[0]] : points
  suggested.add(chosen)
  return { [key]: chosen }
}

/** The points that the page gives a view to start with. */
function given(view: State['view'], entry: ModelEntry): Point[] | null {
  const texts = view === 'corners' || view === 'sum' ? entry.starts?.[view] : undefined
  const points = texts?.map(read) ?? []
  return points.length === POINTS[view]?.minimum && points.every(point => point !== null) ? points : null
}

/** What a change of model changes: suggestions that nobody has exchanged become again the points that every view starts with. */
export function withoutSuggestions({ corners, terms, stops, subject }: State): Partial<State> {
  return Object.fromEntries(
    Object.entries({ corners, terms, stops, subject }).flatMap(([key, points]) =>
      suggested.has(points) ? [[key, START[key as 'corners']]] : [],
    ),
  )
}
