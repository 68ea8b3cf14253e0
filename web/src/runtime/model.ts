// A generator's file: what its header says, and that it says nothing impossible.
import { MAX_POOL, MAX_TRIES, NEXT_TRY } from '../latents'
import { count, ModelError, need, readHeader, readTensors, shaped, type Tensor, type Weights, whole } from './container'

export interface Op {
  op: string
  in: number[]
  out: number
  w?: number[]
  padding?: number[]
  slope?: number
  alpha?: number
  low?: number
  high?: number
  factors?: number[]
  mode?: string
  factor?: number
  start?: number
  transposed?: boolean
  radius?: number
  heads?: number
}

export interface Words {
  en?: string
  zh?: string
}

/** A step in latents, or in features: base64 of whole numbers of 8 bits, channels x height x width, in units of `step`. */
export interface Direction {
  name: Words
  /** What its two ends are called, and how often the step may be taken back or added; pages of older versions do not say. */
  ends?: [Words, Words]
  reach?: [number, number]
  vector?: number[]
  step?: number
  numbers?: string
}

export interface Header {
  title: string
  size: number
  channels: number
  latent_dim: number
  latent_kind: 'normal' | 'uniform'
  truncation: number
  precision: string
  error: { mean: number; max: number }
  directions?: Direction[]
  ops: Op[]
  shapes: number[][]
  output: number
  /** The value that is a picture's rejection score: 0 where it may be shown. */
  rejection?: number
  /** How sums are made: the value that adds up, the value that it becomes and that no operation makes, the picture of that, and how much features differ. */
  sums?: { features: number; changed: number; output: number; usual: number }
  /** "features" where what lies between pictures is the mean of their features, without it that of their latents. */
  blends?: 'features'
  /** Latents whose pictures were found to be good, which are drawn first; as many as a power of two. */
  pool?: number[]
  /** How many points are tried where the first is rejected, if not the usual number. */
  tries?: number
  /** Of pixel art: the width of one drawn pixel. */
  cell?: number
  /** Of the finishing stage: the value that is the picture at four times its side; `output` is it at eight times. */
  four?: number
  tensors: Tensor[]
}

export interface ModelFile {
  header: Header
  tensor: Weights
}

/** A direction in features; empty where it is none. */
export function stepOf({ step, numbers }: Direction): Float32Array<ArrayBuffer> {
  try {
    return Number.isFinite(step)
      ? Float32Array.from(
          Int8Array.from(atob(numbers!), c => c.charCodeAt(0)),
          value => step! * value,
        )
      : new Float32Array()
  } catch {
    return new Float32Array()
  }
}

/** How many of the operations make pictures of latents; the others make those of sums. */
export const plainOps = ({ ops, sums }: Header): number =>
  sums ? ops.findIndex(op => op.out > sums.changed) : ops.length

/** The operations that make the picture of the value that adds up in sums, without those that make that; null where there is no
 *  such value or the picture depends on more. */
export function opsAfterFeatures({ ops, output, sums }: Header): Op[] | null {
  const needed = new Set([output])
  const found: Op[] = []
  for (const op of [...ops].reverse()) {
    if (!needed.has(op.out) || op.out === sums?.features) continue
    for (const value of op.in) needed.add(value)
    found.unshift(op)
  }
  return sums && !needed.has(0) ? found : null
}

/** Reads and checks an unpacked model file; throws a ModelError for anything that is none. */
export function parseModel(data: ArrayBuffer): ModelFile {
  try {
    return parse(data)
  } catch (error) {
    throw error instanceof TypeError ? new ModelError('the header is of another kind') : error
  }
}

function parse(data: ArrayBuffer): ModelFile {
  const read = readHeader(data)
  const header = read.header as Header
  // The score's name in files of version 0.1.
  header.rejection ??= (header as { doubt?: number }).doubt
  checkValues(header)
  const tensor = readTensors(data, read.start, header.tensors)
  checkSums(header)
  checkDirections(header)
  checkOps(header)
  need(
    header.blends === undefined || (header.blends === 'features' && opsAfterFeatures(header) !== null),
    'no way to blend',
  )
  return { header, tensor }
}

function checkValues(header: Header): void {
  need(
    whole(header.size, 1024) && whole(header.latent_dim, 65536) && (header.channels === 3 || header.channels === 4),
    'sizes out of range',
  )
  need(
    Array.isArray(header.shapes) && header.shapes.length <= 4096 && header.shapes.every(shaped),
    'shapes out of range',
  )
  need(count(header.shapes[0]) === header.latent_dim, 'the first value is not the latent')
  need(whole(header.output, header.shapes.length - 1), 'no output')
  need(
    String(header.shapes[header.output]) === String([header.channels, header.size, header.size]),
    'the output is not the picture',
  )
  need(
    header.rejection === undefined ||
      (whole(header.rejection, header.shapes.length - 1) && count(header.shapes[header.rejection]) === 1),
    'the rejection score is not a number',
  )
  need(whole(header.cell ?? 0, header.size), 'drawn pixels out of range')
  need(whole((header.tries ?? 1) - 1, MAX_TRIES - 1), 'tries out of range')
  const { pool = [] } = header
  need(
    Array.isArray(pool) &&
      pool.length <= MAX_POOL &&
      !(pool.length & (pool.length - 1)) &&
      pool.every(n => whole(n, NEXT_TRY - 1)),
    'a pool of other things',
  )
  need(whole(header.four ?? 0, header.shapes.length - 1), 'no finishing stage')
}

function checkSums({ sums, shapes, output }: Header): void {
  need(
    sums === undefined ||
      ([sums.features, sums.changed, sums.output].every(value => whole(value, shapes.length - 1)) &&
        sums.usual > 0 &&
        sums.usual < 1e6 &&
        String(shapes[sums.features]) === String(shapes[sums.changed]) &&
        shapes[sums.changed].length === 3 &&
        String(shapes[sums.output]) === String(shapes[output])),
    'no way to make sums',
  )
}

function checkDirections({ directions, sums, shapes, latent_dim }: Header): void {
  need(
    (directions ?? []).every(
      d =>
        d.name !== null &&
        typeof d.name === 'object' &&
        (d.ends === undefined ||
          (d.ends.length === 2 && d.ends.every(end => end !== null && typeof end === 'object'))) &&
        (d.reach === undefined ||
          (d.reach.length === 2 && d.reach.every(Number.isFinite) && d.reach[0] <= 0 && d.reach[1] >= 0)) &&
        (sums
          ? stepOf(d).length === count(shapes[sums.features])
          : Array.isArray(d.vector) && d.vector.length === latent_dim),
    ),
    'directions of another length',
  )
}

/** Every operation reads what an earlier one made.  Those for sums come last, and read nothing but the sum and each other. */
function checkOps({ ops, sums, shapes, tensors, output, rejection }: Header): void {
  const [made, madeOfSums] = [new Set([0]), new Set([sums?.changed])]
  need(
    Array.isArray(ops) &&
      ops.every(op => {
        // Once the operations for sums have begun nothing else comes, and nothing of what was before is read.
        const readable = madeOfSums.size > 1 || (sums && op.out > sums.changed) ? madeOfSums : made
        const ok =
          Array.isArray(op.in) &&
          op.in.every(i => readable.has(i)) &&
          whole(op.out, shapes.length - 1) &&
          !made.has(op.out) &&
          !madeOfSums.has(op.out) &&
          (op.w ?? []).every(w => whole(w, tensors.length - 1)) &&
          (readable === made || op.out > sums!.changed)
        readable.add(op.out)
        return ok
      }) &&
      made.has(output) &&
      (rejection === undefined || made.has(rejection)) &&
      (!sums || (made.has(sums.features) && madeOfSums.has(sums.output))),
    'operations out of order',
  )
}
