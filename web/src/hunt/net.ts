// The recognizer's file, and the recognizer at work on one size of frame: the page's own runtime does the arithmetic.
import { count, type Header, ModelError, type Op, readHeader, readTensors, type Tensor } from '../runtime/model'
import { type PlainNetwork, wasmRuntime } from '../runtime/wasm'
import type { Copy, Search } from './looks'

const MOST_STICKERS = 1000
const MOST_PIXELS = 1 << 18
const FAINT = 1e-4 // chance of a sticker below which a place is passed over
const FOLD = 2 // the net reads every two by two pixels as twelve channels of one

export interface RecognizerHeader {
  stickers: number
  search: Search
  ops: Op[]
  tensors: Tensor[]
}

export interface RecognizerFile {
  header: RecognizerHeader
  tensor(index: number): Float32Array<ArrayBuffer>
}

/** Reads and checks an unpacked file.  Throws a ModelError for anything that is no recognizer. */
export function parseRecognizer(data: ArrayBuffer): RecognizerFile {
  const read = readHeader(data)
  const header = read.header as RecognizerHeader
  const fine = (n: unknown, least: number, most: number): boolean => typeof n === 'number' && n >= least && n <= most
  const { search } = header
  const ok =
    Number.isInteger(header.stickers) &&
    fine(header.stickers, 1, MOST_STICKERS) &&
    fine(search?.area, 64, MOST_PIXELS) &&
    Array.isArray(search.scales) &&
    search.scales.length > 0 &&
    search.scales.length <= 8 &&
    search.scales.every(s => fine(s, 0.05, 1)) &&
    fine(search.near, 1, 8) &&
    search.step === FOLD &&
    fine(search.side, 4, 64) &&
    search.side % FOLD === 0 &&
    fine(search.memory, 0.01, 10) &&
    fine(search.enough, 0, 1) &&
    Array.isArray(header.ops)
  if (!ok) throw new ModelError('no recognizer')
  const tensor = readTensors(data, read.start, header.tensors)
  const shape = (op: number, weight: number): string => String(header.tensors[header.ops[op].w?.[weight] ?? -1]?.shape)
  const [first, second] = [0, 2].map(op => header.tensors[header.ops[op].w?.[0] ?? -1]?.shape[0])
  const side = search.side / search.step
  const fits =
    header.ops.map(op => op.op).join() === 'conv,contrast,conv,conv' &&
    [shape(0, 0), shape(0, 1), shape(1, 0), shape(1, 1)].join(';') ===
      [[first, 3 * FOLD ** 2, side, side], first, first, first].join(';') &&
    [shape(2, 0), shape(2, 1), shape(3, 0), shape(3, 1)].join(';') ===
      [[second, first, 1, 1], second, [header.stickers + 1, second, 1, 1], header.stickers + 1].join(';')
  if (!fits) throw new ModelError('layers that do not fit')
  return { header, tensor }
}

export interface Sight {
  /** How likely every sticker is somewhere in what was looked at. */
  best: Float32Array<ArrayBuffer>
  /** Where each is likeliest, as shares of the frame: across, then down. */
  places: Float32Array<ArrayBuffer>
}

/** One copy of the frame: what its windows are made of before and after their contrast is made even. */
interface Part {
  copy: Copy
  input: Float32Array
  rows: number
  columns: number
  first: PlainNetwork
  rest: PlainNetwork
}

/** Looks at frames of these copies, which may not change. */
export class Recognizer {
  private readonly sums: Float32Array
  private readonly bias: Float32Array

  private constructor(
    private readonly file: RecognizerFile,
    private readonly parts: Part[],
  ) {
    const [sums, bias] = file.header.ops[1].w!
    this.sums = file.tensor(sums)
    this.bias = file.tensor(bias)
  }

  static async open(
    file: RecognizerFile,
    copies: readonly Copy[],
    instantiate: () => Promise<WebAssembly.Instance>,
  ): Promise<Recognizer> {
    const { ops, tensors, search } = file.header
    const load = (part: Op[], shapes: number[][]): Promise<PlainNetwork> => {
      const renumbered = part.map((op, i) => ({ ...op, in: [i], out: i + 1 }))
      const header = { ops: renumbered, shapes, tensors, output: part.length, latent_dim: count(shapes[0]) }
      return wasmRuntime(instantiate).load({ header: header as unknown as Header, tensor: file.tensor })
    }
    const channels = [0, 2, 3].map(i => tensors[ops[i].w![0]].shape[0])
    const parts: Part[] = []
    for (const copy of copies) {
      const rows = (copy.height - search.side) / search.step + 1
      const columns = (copy.width - search.side) / search.step + 1
      const folded = [3 * FOLD ** 2, copy.height / FOLD, copy.width / FOLD]
      const [seen, thought, guessed] = channels.map(c => [c, rows, columns])
      const [first, rest] = [await load([ops[0]], [folded, seen]), await load(ops.slice(2), [seen, thought, guessed])]
      parts.push({ copy, input: new Float32Array(count(folded)), rows, columns, first, rest })
    }
    return new Recognizer(file, parts)
  }

  /** One look: the copies' pixels, RGBA, in their order. */
  look(frames: readonly Uint8ClampedArray[]): Sight {
    const { stickers } = this.file.header
    const best = new Float32Array(stickers)
    const places = new Float32Array(2 * stickers)
    this.parts.forEach((part, number) => {
      const { copy, rows, columns } = part
      const { side, step } = this.file.header.search
      fold(frames[number], copy.width, copy.height, part.input)
      const features = this.evened(part.first.draw(part.input).values, frames[number], part)
      const { values } = part.rest.draw(features)
      for (let cell = 0; cell < rows * columns; cell++) {
        const at = cell * (stickers + 1)
        const there = 1 / (1 + Math.exp(-values[at]))
        if (there < FAINT) continue
        const which = values.subarray(at + 1, at + 1 + stickers)
        const peak = which.reduce((a, b) => Math.max(a, b))
        const total = which.reduce((sum, v) => sum + Math.exp(v - peak), 0)
        for (let s = 0; s < stickers; s++) {
          const chance = (there * Math.exp(which[s] - peak)) / total
          if (chance <= best[s]) continue
          best[s] = chance
          places[2 * s] = copy.x + (copy.share * ((cell % columns) * step + side / 2)) / copy.width
          places[2 * s + 1] = copy.y + (copy.share * (Math.floor(cell / columns) * step + side / 2)) / copy.height
        }
      }
    })
    return { best, places }
  }

  /** What the first layer put out for every window, as if the window's mean were 0 and its deviation 1. */
  private evened(raw: Float32Array, rgba: Uint8ClampedArray, { copy, rows, columns }: Part): Float32Array {
    const { side, step } = this.file.header.search
    const { low = 0, slope = 1 } = this.file.header.ops[1]
    const { width, height } = copy
    // Sums of all pixels above and left of a place, and of their squares: a window's is then four of them.
    const [sum, square] = [new Float64Array((width + 1) * (height + 1)), new Float64Array((width + 1) * (height + 1))]
    for (let y = 0, from = 0; y < height; y++) {
      let [line, lineSquare] = [0, 0]
      for (let x = 0; x < width; x++, from += 4) {
        for (let c = 0; c < 3; c++) {
          const v = rgba[from + c] / 127.5 - 1
          line += v
          lineSquare += v * v
        }
        const at = (y + 1) * (width + 1) + x + 1
        sum[at] = sum[at - width - 1] + line
        square[at] = square[at - width - 1] + lineSquare
      }
    }
    const channels = this.bias.length
    const result = new Float32Array(rows * columns * channels)
    const inside = (of: Float64Array, x: number, y: number): number => {
      const [top, bottom] = [y * (width + 1) + x, (y + side) * (width + 1) + x]
      return (of[bottom + side] - of[bottom] - of[top + side] + of[top]) / (3 * side * side)
    }
    for (let row = 0, at = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const mean = inside(sum, column * step, row * step)
        const deviation = Math.sqrt(Math.max(0, inside(square, column * step, row * step) - mean * mean))
        const scale = 1 / Math.max(low, deviation)
        for (let c = 0; c < channels; c++, at++) {
          const v = (raw[at] - mean * this.sums[c]) * scale + this.bias[c]
          result[at] = v > 0 ? v : slope * v
        }
      }
    }
    return result
  }
}

/** RGBA bytes to what the net reads: every two by two pixels side by side, from -1 to 1. */
export function fold(rgba: Uint8ClampedArray, width: number, height: number, to: Float32Array): void {
  for (let y = 0, at = 0; y < height; y += FOLD) {
    for (let x = 0; x < width; x += FOLD) {
      const from = (y * width + x) * 4
      for (let c = 0; c < 3; c++, at += 4) {
        to[at] = rgba[from + c] / 127.5 - 1
        to[at + 1] = rgba[from + 4 + c] / 127.5 - 1
        to[at + 2] = rgba[from + 4 * width + c] / 127.5 - 1
        to[at + 3] = rgba[from + 4 * width + 4 + c] / 127.5 - 1
      }
    }
  }
}
