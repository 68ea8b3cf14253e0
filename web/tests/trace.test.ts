import { expect, it } from 'vitest'
import { trace } from '../src/ui/trace'

const SIDE = 128

/** A picture of a function of place that gives RGBA, in soft-edged samples of 4 x 4. */
function picture(colourAt: (x: number, y: number) => number[]): {
  data: Uint8ClampedArray
  width: number
  height: number
} {
  const data = new Uint8ClampedArray(SIDE * SIDE * 4)
  for (let p = 0; p < SIDE * SIDE; p++) {
    const sum = [0, 0, 0, 0]
    for (let k = 0; k < 16; k++) {
      const [r, g, b, a] = colourAt(
        (p % SIDE) + ((k % 4) + 0.5) / 4,
        Math.floor(p / SIDE) + (Math.floor(k / 4) + 0.5) / 4,
      )
      ;[r * a, g * a, b * a, a].forEach((value, c) => {
        sum[c] += value / 16
      })
    }
    for (let c = 0; c < 3; c++) data[4 * p + c] = sum[3] ? sum[c] / sum[3] : 255
    data[4 * p + 3] = sum[3] * 255
  }
  return { data, width: SIDE, height: SIDE }
}

/** Corners and ends of curves, with the area that they enclose. */
function shapes(svg: string): { fill: string; area: number; count: number }[] {
  return [...svg.matchAll(/fill="(#[0-9a-f]{6})"[^>]*d="([^"]+)"/g)].map(([, fill, data]) => {
    let [area, count] = [0, 0]
    for (const loop of data.split('Z').filter(Boolean)) {
      const points = [...loop.matchAll(/(-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)])
      count += points.length
      points.forEach(([x, y], i) => {
        const [u, v] = points[(i + 1) % points.length]
        area += (x * v - u * y) / 2
      })
    }
    return { fill, area, count }
  })
}

it('makes one path a colour, of few corners and the right area, with holes', () => {
  const found = shapes(
    trace(
      picture((x, y) => {
        const far = Math.hypot(x - 64, y - 64)
        return far < 20 ? [250, 220, 40, 1] : far < 50 ? [30, 60, 200, 1] : [0, 0, 0, 0]
      }),
    ),
  )
  expect(found.map(({ fill }) => fill).sort()).toEqual(['#1e3cc8', '#fadc28'])
  const [ring, disc] = found
  expect(disc.area / (Math.PI * 400)).toBeCloseTo(1, 1)
  expect(ring.area / (Math.PI * 2100)).toBeCloseTo(1, 1)
  expect(ring.count + disc.count).toBeLessThan(170)
})

it('keeps corners where they are, and leaves nothing between neighbours', () => {
  const found = shapes(
    trace(picture((x, y) => (y < 40 ? [255, 255, 255, 1] : x < 64 ? [200, 0, 0, 1] : [0, 120, 0, 1]))),
  )
  expect(found.map(({ fill, area, count }) => [fill, area, count]).sort()).toEqual([
    ['#007800', 64 * 88, 4],
    ['#c80000', 64 * 88, 4],
    ['#ffffff', 128 * 40, 4],
  ])
})

it('makes nothing of nothing', () => {
  expect(shapes(trace(picture(() => [0, 0, 0, 0])))).toEqual([])
})
