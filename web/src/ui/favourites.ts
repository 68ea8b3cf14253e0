// Kept pictures: model, scale and point of each, so they stay as long as the model does and take a line of storage.
import { readStored, store } from './storage'

export interface Favourite {
  model: string
  scale: number
  point: string
}

let kept: Favourite[] | null = null

export function favourites(): readonly Favourite[] {
  if (!kept) {
    try {
      const raw: unknown = JSON.parse(readStored('favourites') ?? '[]')
      kept = Array.isArray(raw)
        ? raw.filter(
            (f): f is Favourite =>
              typeof f?.model === 'string' && typeof f?.scale === 'number' && typeof f?.point === 'string',
          )
        : []
    } catch {
      kept = []
    }
  }
  return kept
}

const same = (a: Favourite, b: Favourite): boolean =>
  a.model === b.model && a.point === b.point && Math.abs(a.scale - b.scale) < 0.005

export const isFavourite = (wanted: Favourite): boolean => favourites().some(f => same(f, wanted))

export function toggleFavourite(wanted: Favourite): boolean {
  const have = isFavourite(wanted)
  kept = have ? favourites().filter(f => !same(f, wanted)) : [wanted, ...favourites()].slice(0, 200)
  store('favourites', JSON.stringify(kept))
  return !have
}
