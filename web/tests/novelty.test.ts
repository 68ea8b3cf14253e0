import { describe, expect, it } from 'vitest'
import { nearest, percentile, project, small, verdict } from '../src/ui/novelty'
import python from './python.json'

const size = 24
const pixels = Array.from({ length: size * size * 4 }, (_, i) => (i % 4 === 3 ? 255 : (i * 37 + (i >> 5)) % 256))

describe('is it new?', () => {
  it('sees pictures as Python does', () => {
    const cells = small(pixels, size, false)
    python.cells.forEach((v, i) => expect(cells[i * 50]).toBeCloseTo(v, 6))
    python.projection.forEach((v, k) => expect(project(cells)[k]).toBeCloseTo(v, 6))
  })
  it('finds a picture and its mirror at no distance', () => {
    const step = 1e-3
    const own = project(small(pixels, size, true))
    const bytes = Uint8Array.from(own, v => Math.round(v / step))
    const far = new Uint8Array(64).fill(100)
    const record = { count: 2, step, usual: [], projections: btoa(String.fromCharCode(...far, ...bytes)) }
    const [first, second] = nearest(record, pixels, size, 2)
    expect(first.index).toBe(1)
    expect(first.distance).toBeLessThan(0.005)
    expect(second.distance).toBeGreaterThan(0.5)
  })
  it('reads percentiles between their steps', () => {
    const usual = Array.from({ length: 21 }, (_, i) => i / 10)
    expect([percentile(usual, -1), percentile(usual, 0.05), percentile(usual, 1), percentile(usual, 9)]).toEqual([
      0, 2.5, 50, 100,
    ])
  })
})

it('is called new only where most training pictures have a nearer one', () => {
  expect([0, 9, 10, 49, 50, 100].map(verdict)).toEqual(['notNew', 'notNew', 'partlyNew', 'partlyNew', 'newIs', 'newIs'])
})
