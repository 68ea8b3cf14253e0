// Every operation as a WebGPU shader: what one thread does to find one number `s` of the result, number `i` of its
// height x width x channels, at (y, x, c).  Sizes are written into the text, so each operation is a program of its own.
import { ModelError } from './container'
import type { Op } from './model'
import { picture } from './moves'

/** Threads of a group, and groups in a row: a dimension holds at most 65,535. */
export const GROUP = 64
export const ROW = 32768

const ACTIVATION: Record<string, (alpha: string) => string> = {
  leaky_relu: alpha => `max(v, 0) + ${alpha} * min(v, 0)`,
  elu: alpha => `max(v, 0) + ${alpha} * (exp(min(v, 0)) - 1)`,
  silu: () => 'v / (1 + exp(-v))',
  sigmoid: () => '1 / (1 + exp(-v))',
  tanh: () => 'tanh(clamp(v, -15, 15))',
}

const real = (n: number): string => `f32(${n})`

function statements(op: Op, from: number[][], to: number[], weights: number[][]): string {
  const [channels, height, width] = picture(to)
  const [ci = 0, h = 0, w = 0] = from[0] ? picture(from[0]) : []
  const activation = ACTIVATION[op.op]
  if (activation) return `let v = a0[i]; s = ${activation(real(op.alpha ?? 0))};`
  switch (op.op) {
    case 'linear':
    case 'conv':
    case 'depthwise': {
      const [, , rows = 1, columns = 1] = weights[0]
      const [py, px] = op.padding ?? [0, 0]
      const term =
        op.op === 'depthwise'
          ? `s += a0[p + c] * w0[(r * ${columns} + k) * ${channels} + c];`
          : `for (var j = 0; j < ${ci}; j++) { s += a0[p + j] * w0[(j * ${rows * columns} + r * ${columns} + k) * ${channels} + c]; }`
      return `s = w1[c];
        for (var r = 0; r < ${rows}; r++) { for (var k = 0; k < ${columns}; k++) {
          let yy = y + r - ${py}; let xx = x + k - ${px};
          if (yy < 0 || yy >= ${h} || xx < 0 || xx >= ${w}) { continue; }
          let p = (yy * ${w} + xx) * ${ci}; ${term}
        } }
        s = max(s, 0) + ${real(op.slope ?? 1)} * min(s, 0);`
    }
    case 'local': {
      const [, , first, second] = weights[0]
      const weight = op.transposed ? `(p * ${first} + j) * ${second} + c` : `(p * ${first} + c) * ${second} + j`
      return `let p = y * ${width} + x;
        for (var j = 0; j < ${ci}; j++) { s += a0[p * ${ci} + j] * w0[${weight}]; }`
    }
    case 'mix':
      return `s = ${real(op.factors![0])} * a0[i]${from.length > 1 ? ` + ${real(op.factors![1])} * a1[i];` : ';'}`
    case 'clamp':
      return `s = clamp(a0[i], ${real(op.low!)}, ${real(op.high!)});`
    case 'product':
      return 's = a0[i] * a1[i];'
    case 'affine':
      return 's = a0[i] * w0[c] + w1[c];'
    case 'softmax':
      return `let first = i - c; var peak = a0[first]; var sum = 0f;
      for (var j = 1; j < ${channels}; j++) { peak = max(peak, a0[first + j]); }
      for (var j = 0; j < ${channels}; j++) { sum += exp(a0[first + j] - peak); }
      s = exp(a0[i] - peak) / sum;`
    case 'normalize':
      return `let first = i - c; var mean = 0f; var square = 0f;
      for (var j = 0; j < ${channels}; j++) { mean += a0[first + j]; }
      mean /= ${real(channels)};
      for (var j = 0; j < ${channels}; j++) { let d = a0[first + j] - mean; square += d * d; }
      s = (a0[i] - mean) / sqrt(square / ${real(channels)} + 1e-5f);`
    case 'self_attention': {
      const dim = channels / op.heads!
      return `let query = (y * ${width} + x) * ${ci} + c / ${dim} * ${dim};
      var peak = -3.4e38f; var sum = 0f;
      for (var j = 0; j < ${height * width}; j++) {
        let key = j * ${ci} + ${channels} + c / ${dim} * ${dim};
        var logit = 0f;
        for (var k = 0; k < ${dim}; k++) { logit += a0[query + k] * a0[key + k]; }
        let most = max(peak, logit); let kept = exp(peak - most); let share = exp(logit - most);
        sum = sum * kept + share; s = s * kept + share * a0[j * ${ci} + ${2 * channels} + c]; peak = most;
      }
      s = s / sum;`
    }
    case 'constant':
      return `s = w0[c * ${height * width} + y * ${width} + x];`
    case 'concat': {
      let before = 0
      return from
        .map((shape, n) => {
          const [own] = picture(shape)
          const text = `if (c >= ${before} && c < ${before + own}) { s = a${n}[(y * ${width} + x) * ${own} + c - ${before}]; }`
          before += own
          return text
        })
        .join('\n')
    }
    case 'narrow':
      return `s = a0[i + ${op.start!}];`
    case 'reshape':
      return `let j = c * ${height * width} + y * ${width} + x; s = a0[j % ${h * w} * ${ci} + j / ${h * w}];`
    case 'resize': {
      if (op.mode === 'nearest') {
        const at = (n: string, size: number, target: number): string =>
          `min(i32(floor(f32(${n}) * ${real(Math.fround(size / target))})), ${size - 1})`
        return `s = a0[(${at('y', h, height)} * ${w} + ${at('x', w, width)}) * ${ci} + c];`
      }
      const place = (n: string, size: number, target: number): string =>
        `max(0f, (f32(${n}) + 0.5) * ${real(size / target)} - 0.5)`
      return `let fy = ${place('y', h, height)}; let fx = ${place('x', w, width)};
        let y0 = min(i32(fy), ${h - 1}); let x0 = min(i32(fx), ${w - 1}); let y1 = min(y0 + 1, ${h - 1}); let x1 = min(x0 + 1, ${w - 1});
        s = mix(mix(a0[(y0 * ${w} + x0) * ${ci} + c], a0[(y0 * ${w} + x1) * ${ci} + c], fx - f32(x0)),
                mix(a0[(y1 * ${w} + x0) * ${ci} + c], a0[(y1 * ${w} + x1) * ${ci} + c], fx - f32(x0)), fy - f32(y0));`
    }
    case 'pixel_shuffle': {
      const r = op.factor!
      return `s = a0[(y / ${r} * ${w} + x / ${r}) * ${ci} + c * ${r * r} + y % ${r} * ${r} + x % ${r}];`
    }
    case 'pixel_unshuffle': {
      const r = op.factor!
      return `s = a0[((y * ${r} + c % ${r * r} / ${r}) * ${w} + x * ${r} + c % ${r}) * ${ci} + c / ${r * r}];`
    }
    case 'pad': {
      const [left, , top] = op.padding!
      return `let yy = y - ${top}; let xx = x - ${left};
        if (yy >= 0 && yy < ${h} && xx >= 0 && xx < ${w}) { s = a0[(yy * ${w} + xx) * ${ci} + c]; }`
    }
  }
  throw new ModelError(`unknown operation ${op.op}`)
}

/** The program of an operation: inputs, then weights, then the result are bound in this order. */
export function shader(op: Op, from: number[][], to: number[], weights: number[][]): string {
  const [channels, height, width] = picture(to)
  const names = [...from.map((_, n) => `a${n}`), ...weights.map((_, n) => `w${n}`)]
  return `${names.map((name, n) => `@group(0) @binding(${n}) var<storage, read> ${name}: array<f32>;`).join('\n')}
    @group(0) @binding(${names.length}) var<storage, read_write> result: array<f32>;
    @compute @workgroup_size(${GROUP}) fn main(@builtin(global_invocation_id) id: vec3u) {
      let i = i32(id.x + id.y * ${ROW * GROUP});
      if (i >= ${channels * height * width}) { return; }
      let c = i % ${channels}; let x = i / ${channels} % ${width}; let y = i / ${channels * width};
      var s = 0f;
      ${statements(op, from, to, weights)}
      result[i] = s;
    }`
}
