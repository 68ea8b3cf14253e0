// BEGAN (Berthelot, Schumm and Metz 2017) on dots instead of pictures: the same equations, nets of a few hundred weights.
import { uniforms } from '../latents'
import { Net } from './net'

/** Where the real dots lie: heaps along a wave, which one number can describe; so much passes through the critic. */
export const HEAPS = Array.from({ length: 6 }, (_, i) => [0.48 * i - 1.2, 0.5 * Math.sin(1.6 * i)] as const)
const NEAR = 0.25
const MIN_SHARE = 0.02 // share of the dots that makes a heap count as found
const BATCH = 32
const HIDDEN = 16
const WIDTH = 0.06
const RATE = 3e-3
const LAMBDA = 0.05 // fifty times the paper's: a game of seconds, not of days
const MANY = 4096

export class Toy {
  k = 0
  M = 0
  private readonly generator: Net
  private readonly critic: Net
  private drawn = 0
  private numbers = new Float64Array()

  constructor(private readonly seed: number) {
    const centred = (): number => 2 * this.random() - 1
    this.generator = new Net([1, HIDDEN, HIDDEN, 2], centred)
    this.critic = new Net([2, HIDDEN, 1, HIDDEN, 2], centred)
  }

  private random(): number {
    const at = this.drawn++ % MANY
    if (!at) this.numbers = uniforms(this.seed, MANY, this.drawn - 1)
    return this.numbers[at]
  }

  /** Dots of the generator, count x 2, for inputs evenly spread over [-1, 1]. */
  dots(count: number): Float64Array {
    return this.generator.forward(Float64Array.from({ length: count }, (_, i) => (2 * i) / (count - 1) - 1))
  }

  /** How many heaps the dots have found. */
  heaps(dots: Float64Array): number {
    const near = HEAPS.map(([x, y]) => {
      let found = 0
      for (let i = 0; i < dots.length; i += 2) if (Math.hypot(dots[i] - x, dots[i + 1] - y) < NEAR) found++
      return found
    })
    return near.filter(found => found >= (MIN_SHARE * dots.length) / 2).length
  }

  /** L(v) = mean |v - D(v)|, and its slope at v; D's own slopes are added up `times` times. */
  private loss(dots: Float64Array, times: number): { value: number; slope: Float64Array } {
    const copy = this.critic.forward(dots)
    const sign = copy.map((c, i) => Math.sign(dots[i] - c) / dots.length)
    const value = copy.reduce((sum, c, i) => sum + Math.abs(dots[i] - c), 0) / dots.length
    const through = this.critic.backward(
      sign.map(s => -s),
      times,
    )
    return { value, slope: through.map((t, i) => t + sign[i]) }
  }

  /** One step: D minimises L(x) - k L(G(z)), G minimises L(G(z)), k follows gamma L(x) - L(G(z)). */
  step(gamma: number): void {
    const real = new Float64Array(2 * BATCH)
    for (let i = 0; i < BATCH; i++) {
      const heap = HEAPS[Math.floor(this.random() * HEAPS.length)]
      const [away, turn] = [WIDTH * Math.sqrt(-2 * Math.log(this.random())), 2 * Math.PI * this.random()]
      real[2 * i] = heap[0] + away * Math.cos(turn)
      real[2 * i + 1] = heap[1] + away * Math.sin(turn)
    }
    const fake = this.generator.forward(Float64Array.from({ length: BATCH }, () => 2 * this.random() - 1))
    const onReal = this.loss(real, 1).value
    const { value: onFake, slope } = this.loss(fake, -this.k)
    this.generator.backward(slope, 1)
    this.critic.step(RATE)
    this.generator.step(RATE)
    const balance = gamma * onReal - onFake
    this.k = Math.min(1, Math.max(0, this.k + LAMBDA * balance))
    this.M = onReal + Math.abs(balance)
  }
}
