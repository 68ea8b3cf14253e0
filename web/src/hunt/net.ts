// The recognizer's file, and the recognizer at work: the page's own runtime does the arithmetic.
import { count, ModelError, readHeader, readTensors, type Tensor } from '../runtime/container'
import type { Header, Op } from '../runtime/model'
import { type PlainNetwork, wasmRuntime } from '../runtime/wasm'
import {
  always,
  around,
  type Copy,
  copies,
  cut,
  distinct,
  even,
  likeliest,
  mips,
  near,
  nudged,
  type Place,
  placesOf,
  type Search,
} from './looks'

const MAX_STICKERS = 1000
const MAX_PIXELS = 1 << 18
const MAX_OPS = 64

/** Two nets in one: value 0 is a copy of the frame, and what the finder makes of it is the value `found`; from `crop` on, which no
 *  operation makes, comes the namer, whose result is `names`. */
export interface RecognizerHeader {
  stickers: number
  search: Search
  ops: Op[]
  shapes: number[][]
  tensors: Tensor[]
  found: number
  crop: number
  names: number
}

export interface RecognizerFile {
  header: RecognizerHeader
  tensor(index: number): Float32Array<ArrayBuffer>
}

/** Reads and checks an unpacked file.  Throws a ModelError for anything that is no recognizer. */
export function parseRecognizer(data: ArrayBuffer): RecognizerFile {
  const read = readHeader(data)
  const header = read.header as RecognizerHeader
  const fine = (n: unknown, minimum: number, maximum: number): boolean =>
    typeof n === 'number' && n >= minimum && n <= maximum
  const triples = (list: unknown, limit: number, minimum: number, maximum: number): boolean =>
    Array.isArray(list) &&
    list.length <= limit &&
    list.every(n => Array.isArray(n) && n.length === 3 && n.every(v => fine(v, minimum, maximum)))
  const { search, shapes, ops, stickers, crop } = header
  const ok =
    Number.isInteger(stickers) &&
    fine(stickers, 1, MAX_STICKERS) &&
    fine(search?.area, 4096, MAX_PIXELS) &&
    fine(search.copy, 256, MAX_PIXELS) &&
    Array.isArray(search.scales) &&
    search.scales.length > 0 &&
    search.scales.length <= 8 &&
    search.scales.every(s => fine(s, 0.05, 1)) &&
    fine(search.near, 1, 8) &&
    fine(search.places, 1, 32) &&
    fine(search.closer, 1, search.places) &&
    triples(search.nudges, 8, -2, 2) &&
    fine(search.surest, 1, 1 + search.nudges.length) &&
    triples(search.always, 32, 0, 2) &&
    fine(search.apart, 0, 2) &&
    [4, 8].includes(search.step) &&
    fine(search.side, 4, 64) &&
    fine(search.crop, 8, 128) &&
    fine(search.filled, 4, search.crop) &&
    fine(search.memory, 0.01, 10) &&
    fine(search.enough, 0, 1) &&
    Array.isArray(shapes) &&
    shapes.every(s => Array.isArray(s) && s.length > 0 && s.length <= 3 && s.every(n => fine(n, 1, 1 << 16))) &&
    Array.isArray(ops) &&
    ops.length <= MAX_OPS
  if (!ok) throw new ModelError('no recognizer')
  const tensor = readTensors(data, read.start, header.tensors)
  const [, rows, columns] = shapes[0]
  const fits =
    shapes[0].length === 3 &&
    String(shapes[header.found]) === String([4, rows / search.step, columns / search.step]) &&
    String(shapes[crop]) === String([3, search.crop, search.crop]) &&
    String(shapes[header.names]) === String([1 + stickers]) &&
    inOrder(header)
  if (!fits) throw new ModelError('layers that do not fit')
  return { header, tensor }
}

/** Whether every operation reads what its own net has made before, and both results are made. */
function inOrder({ ops, shapes, tensors, found, crop, names }: RecognizerHeader): boolean {
  const made = new Set([0, crop])
  return (
    ops.every(op => {
      const own = (value: number): boolean => value >= crop === op.out >= crop
      const ok =
        Array.isArray(op.in) &&
        op.in.every(value => made.has(value) && own(value)) &&
        (op.w ?? []).every(w => w in tensors) &&
        op.out in shapes &&
        !made.has(op.out)
      made.add(op.out)
      return ok
    }) &&
    made.has(found) &&
    made.has(names) &&
    found < crop &&
    names > crop
  )
}

export interface Sight {
  /** How likely every sticker is somewhere in the frame. */
  best: Float32Array<ArrayBuffer>
  /** Where each is likeliest, as shares of the frame: across, then down. */
  places: Float32Array<ArrayBuffer>
}

/** Looks at frames of one size. */
export class Recognizer {
  private constructor(
    private readonly file: RecognizerFile,
    readonly width: number,
    readonly height: number,
    private readonly finders: { copy: Copy; net: PlainNetwork }[],
    private readonly namer: PlainNetwork,
  ) {}

  static async open(
    file: RecognizerFile,
    width: number,
    height: number,
    instantiate: () => Promise<WebAssembly.Instance>,
  ): Promise<Recognizer> {
    const { ops, shapes, tensors, found, crop, names, search } = file.header
    const load = (from: number, to: number, of: number[][]): Promise<PlainNetwork> => {
      const own = ops
        .filter(op => op.out >= from && op.out <= to)
        .map(op => ({ ...op, in: op.in.map(value => value - from), out: op.out - from }))
      const header = { ops: own, shapes: of, tensors, output: to - from, latent_dim: count(of[0]) }
      return wasmRuntime(instantiate).load({ header: header as unknown as Header, tensor: file.tensor })
    }
    const finders = await Promise.all(
      copies(width, height, search).map(async copy => {
        const [, rows, columns] = shapes[0]
        const sized = shapes
          .slice(0, crop)
          .map(([channels, tall, wide]) => [channels, (tall * copy.rows) / rows, (wide * copy.columns) / columns])
        return { copy, net: await load(0, found, sized) }
      }),
    )
    return new Recognizer(file, width, height, finders, await load(crop, names, shapes.slice(crop)))
  }

  /** One look at a frame, RGBA. */
  look(frame: Uint8ClampedArray): Sight {
    const { stickers, search } = this.file.header
    const [best, places] = [new Float32Array(stickers), new Float32Array(2 * stickers)]
    const levels = mips(frame, this.width, this.height)
    const all = this.finders.flatMap(({ copy, net }) =>
      placesOf(net.draw(even(cut(levels, copy))).values, copy, search),
    )
    const chances = (place: Place): Float32Array =>
      softmax(this.namer.draw(even(cut(levels, around(place, search)))).values)
    const surest = [...likeliest(all, search), ...always(this.width, this.height, search)]
      .map(place => ({ ...place, first: chances(place) }))
      .sort((a, b) => peak(b.first) - peak(a.first))
    const named = distinct(surest, search.closer, search).map(({ first, ...place }) => {
      const seen = [first, ...search.nudges.map(nudge => chances(nudged(place, nudge)))]
      const of = Array.from(best, (_, s) =>
        meanOfLargest(
          seen.map(values => values[s + 1]),
          search.surest,
        ),
      )
      const chance = Math.max(...of)
      return { ...place, chance, sticker: of.indexOf(chance) }
    })
    // A place speaks for its likeliest sticker only, and where several overlap the surest speaks: a part of one sticker may look
    // like another, and whoever looks long at one must not find that.
    const speaking: typeof named = []
    for (const place of named.sort((a, b) => b.chance - a.chance)) {
      if (speaking.some(other => near(place, other, search))) continue
      speaking.push(place)
      if (place.chance <= best[place.sticker]) continue
      best[place.sticker] = place.chance
      places[2 * place.sticker] = place.x / this.width
      places[2 * place.sticker + 1] = place.y / this.height
    }
    return { best, places }
  }
}

/** How likely the likeliest sticker is. */
const peak = (chances: Float32Array): number => chances.subarray(1).reduce((a, b) => Math.max(a, b))

const meanOfLargest = (values: number[], number: number): number =>
  values
    .sort((a, b) => b - a)
    .slice(0, number)
    .reduce((a, b) => a + b) / number

function softmax(logits: Float32Array): Float32Array {
  const peak = logits.reduce((a, b) => Math.max(a, b))
  const powers = logits.map(v => Math.exp(v - peak))
  const total = powers.reduce((a, b) => a + b)
  return powers.map(v => v / total)
}
