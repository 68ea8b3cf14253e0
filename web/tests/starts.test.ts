import { describe, expect, it } from 'vitest'
import type { ModelEntry } from '../src/page'
import type { Point } from '../src/points'
import { suggestion } from '../src/starts'
import { POINTS, START, VIEWS } from '../src/state'

describe('the points that a view starts with', () => {
  const views = VIEWS.filter(view => POINTS[view])
  it.each(views)('are exchanged once, even where none of them is rejected (%s)', async view => {
    const accepted = async (points: readonly Point[]): Promise<Point[]> => [...points]
    const key = POINTS[view]!.key
    const found = await suggestion({ ...START, view }, {} as ModelEntry, accepted)
    expect(found![key]).toEqual(START[key])
    expect(found![key], 'or the page would look for suggestions for ever').not.toBe(START[key])
  })
})
