import { expect, it } from 'vitest'
import { loosen } from '../src/ui/loose'

const SIDE = 64
function drawn(colour: (x: number, y: number) => number[]) {
  const data = new Uint8ClampedArray(SIDE * SIDE * 4)
  for (let p = 0; p < SIDE * SIDE; p++) data.set(colour(p % SIDE, Math.floor(p / SIDE)), 4 * p)
  return {
    data,
    width: SIDE,
    height: SIDE,
    at: (x: number, y: number) => [...data.subarray(4 * (y * SIDE + x), 4 * (y * SIDE + x) + 4)],
  }
}
const inDisc = (x: number, y: number, radius: number): number =>
  Math.max(0, Math.min(1, radius + 0.5 - Math.hypot(x - 31.5, y - 31.5)))

it('takes a white ground away without a halo, and leaves white that is drawn', () => {
  const picture = drawn((x, y) => {
    const [ring, eye] = [inDisc(x, y, 24), inDisc(x, y, 8)]
    const level = 255 - ring * 195 + eye * 195
    return [level, level, 255 - ring * 55 + eye * 55, 255]
  })
  loosen(picture, true)
  expect(picture.at(2, 2)[3]).toBe(0)
  expect(picture.at(31, 31)).toEqual([255, 255, 255, 255])
  expect(picture.at(31, 14)).toEqual([60, 60, 200, 255])
  const mixed = Array.from({ length: SIDE * SIDE }, (_, p) => picture.at(p % SIDE, Math.floor(p / SIDE))).filter(
    ([, , , alpha]) => alpha > 0 && alpha < 255,
  )
  expect(mixed.length).toBeGreaterThan(40)
  for (const [r, g] of mixed) expect(Math.max(r, g)).toBeLessThan(75) // the drawing's colour, not a lighter one
})

it('removes specks and thin haze from what is transparent, and nothing else', () => {
  const picture = drawn((x, y) => (x < 2 && y < 2 ? [9, 9, 9, 255] : [200, 80, 80, inDisc(x, y, 20) ? 255 : 9]))
  loosen(picture, false)
  expect(picture.at(0, 0)[3]).toBe(0)
  expect(picture.at(60, 3)[3]).toBe(0)
  expect(picture.at(31, 31)).toEqual([200, 80, 80, 255])
})

it('rounds the corners of a scene', () => {
  const picture = drawn((x, y) => [4 * x, 4 * y, 120, 255])
  loosen(picture, true)
  for (const [x, y] of [
    [0, 0],
    [63, 0],
    [0, 63],
    [63, 63],
  ])
    expect(picture.at(x, y)[3]).toBe(0)
  expect(picture.at(31, 0)[3]).toBe(255)
  expect(picture.at(8, 8)[3]).toBe(255)
})
