// The best time of a model's hunt, kept in the visitor's browser, for each way to play.
import { readStored, store } from '../ui/storage'

export type Way = 'camera' | 'crowd'

const key = (model: string, way: Way): string => `hunt.best.${model}.${way}`

/** Seconds; null where nobody has won here. */
export function bestTime(model: string, way: Way): number | null {
  const kept = Number(readStored(key(model, way)) ?? Number.NaN)
  return Number.isFinite(kept) && kept > 0 ? kept : null
}

/** Whether that is a new best time, which is then kept. */
export function beatsBest(model: string, way: Way, seconds: number): boolean {
  const best = bestTime(model, way)
  if (best !== null && seconds >= best) return false
  store(key(model, way), seconds.toFixed(1))
  return true
}
