import { describe, expect, it } from 'vitest'
import { uniforms } from '../src/latents'
import { Toy } from '../src/toy/began'
import { Net } from '../src/toy/net'
import { variety } from '../src/views/demos'

const numbers = (seed: number): (() => number) => {
  let at = 0
  return () => 2 * uniforms(seed, 1, at++)[0] - 1
}

describe('the toy of the explanations', () => {
  it('has the slopes that small steps show', () => {
    const x = Float64Array.from([0.3, -0.7, 1.1, 0.2])
    const loss = (of: Net, at: Float64Array): number => of.forward(at).reduce((sum, v) => sum + v * v, 0)
    const net = new Net([2, 5, 1, 3], numbers(1))
    const slope = net.backward(
      net.forward(x).map(v => 2 * v),
      0,
    )
    for (let i = 0; i < x.length; i++) {
      const [up, down] = [1e-5, -1e-5].map(e =>
        loss(
          net,
          x.map((v, k) => (k === i ? v + e : v)),
        ),
      )
      expect(slope[i]).toBeCloseTo((up - down) / 2e-5, 6)
    }
  })

  it('learns to copy by Adam', () => {
    const net = new Net([2, 8, 2], numbers(2))
    const x = Float64Array.from({ length: 40 }, numbers(3))
    const error = (): number => net.forward(x).reduce((sum, v, i) => sum + (v - x[i]) ** 2, 0)
    const before = error()
    for (let i = 0; i < 300; i++) {
      net.backward(
        net.forward(x).map((v, k) => v - x[k]),
        1,
      )
      net.step(1e-2)
    }
    expect(error()).toBeLessThan(before / 20)
  })

  it('spreads over more heaps with a larger gamma, and k holds the balance', () => {
    const [few, many] = [0.2, 0.9].map(gamma => {
      const toy = new Toy(1)
      for (let i = 0; i < 1500; i++) toy.step(gamma)
      expect(toy.k).toBeGreaterThanOrEqual(0)
      expect(toy.k).toBeLessThan(1)
      return toy.heaps(toy.dots(300))
    })
    expect(few).toBeLessThan(many)
  })

  it('calls equal pictures without variety', () => {
    const picture = (v: number): { data: number[] } => ({ data: [v, v, v, 255] })
    expect(variety([picture(9), picture(9)])).toBe(0)
    expect(variety([picture(0), picture(40)])).toBe(15)
  })
})
