// A small fully connected net that learns, in plain numbers: enough for a toy, and short enough to read.

interface Layer {
  inputs: number
  outputs: number
  weights: Float64Array
  slopes: Float64Array
  mean: Float64Array
  square: Float64Array
}

const LEAK = 0.2
const BETA = [0.5, 0.99] // Adam's averages (Kingma and Ba 2015)

/** Layers of these widths with leaky ReLUs between them; a row of weights is an output's, its bias at the end. */
export class Net {
  private readonly layers: Layer[]
  private seen: Float64Array[] = []
  private steps = 0

  constructor(widths: number[], random: () => number) {
    this.layers = widths.slice(1).map((outputs, i) => {
      const inputs = widths[i]
      const size = outputs * (inputs + 1)
      const weights = Float64Array.from({ length: size }, (_, k) =>
        (k + 1) % (inputs + 1) ? random() * Math.sqrt(2 / inputs) : 0.3 * random(),
      )
      return {
        inputs,
        outputs,
        weights,
        slopes: new Float64Array(size),
        mean: new Float64Array(size),
        square: new Float64Array(size),
      }
    })
  }

  /** n x inputs -> n x outputs, one after the other. */
  forward(x: Float64Array): Float64Array {
    this.seen = [x]
    this.layers.forEach(({ inputs, outputs, weights }, l) => {
      const n = x.length / inputs
      const y = new Float64Array(n * outputs)
      for (let s = 0; s < n; s++) {
        for (let o = 0, w = 0; o < outputs; o++) {
          let sum = 0
          for (let i = 0; i < inputs; i++) sum += weights[w++] * x[s * inputs + i]
          sum += weights[w++]
          y[s * outputs + o] = sum > 0 || l === this.layers.length - 1 ? sum : LEAK * sum
        }
      }
      this.seen.push(y)
      x = y
    })
    return x
  }

  /** From the slope of a loss at the last output to that at its input; the weights' own slopes are added up `times` times. */
  backward(slope: Float64Array, times: number): Float64Array {
    for (let l = this.layers.length - 1; l >= 0; l--) {
      const { inputs, outputs, weights, slopes } = this.layers[l]
      const [x, y] = [this.seen[l], this.seen[l + 1]]
      const before = new Float64Array(x.length)
      for (let s = 0; s < x.length / inputs; s++) {
        for (let o = 0, w = 0; o < outputs; o++) {
          const d = slope[s * outputs + o] * (y[s * outputs + o] > 0 || l === this.layers.length - 1 ? 1 : LEAK)
          for (let i = 0; i < inputs; i++, w++) {
            before[s * inputs + i] += d * weights[w]
            slopes[w] += times * d * x[s * inputs + i]
          }
          slopes[w++] += times * d
        }
      }
      slope = before
    }
    return slope
  }

  /** One step of Adam against the slopes that were added up. */
  step(rate: number): void {
    this.steps++
    const [a, b] = BETA
    const pace = (rate * Math.sqrt(1 - b ** this.steps)) / (1 - a ** this.steps)
    for (const { weights, slopes, mean, square } of this.layers) {
      for (let k = 0; k < weights.length; k++) {
        mean[k] = a * mean[k] + (1 - a) * slopes[k]
        square[k] = b * square[k] + (1 - b) * slopes[k] ** 2
        weights[k] -= (pace * mean[k]) / (Math.sqrt(square[k]) + 1e-8)
      }
      slopes.fill(0)
    }
  }
}
