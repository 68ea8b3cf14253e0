// The model file (chonk/play/packed.py describes it): checked before a byte of it is used, since anybody may have made it.

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

export interface Tensor {
  shape: number[]
  type: 'int4' | 'int6' | 'int8' | 'fp16' | 'fp32'
  offset: number
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
  tensor(index: number): Float32Array<ArrayBuffer>
}

export class ModelError extends Error {}

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

const MAGIC = 'chonkpg1'
const GROUP = 32 // small whole weights of an output channel that share a scale
/** What so many numbers take. */
const BYTES: Record<Tensor['type'], (n: number) => number> = {
  int4: n => Math.ceil(n / 2),
  int6: n => 3 * Math.ceil(n / 4),
  int8: n => n,
  fp16: n => 2 * n,
  fp32: n => 4 * n,
}
const MAX_BYTES = 1 << 28
const MAX_NUMBERS = 1 << 26 // 256 MB of floats in one value: far above any model that is of use here

export const count = (shape: number[]): number => shape.reduce((a, b) => a * b, 1)

/** What a gzipped file holds, and any other file as it is.  Throws a ModelError for one that breaks off or is larger than any model. */
export async function unpack(data: ArrayBuffer, limit = MAX_BYTES): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(data)
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return data
  let left = limit
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(part, out) {
      left -= part.length
      if (left < 0) throw new ModelError('too large')
      out.enqueue(part)
    },
  })
  try {
    return await new Response(
      new Blob([data]).stream().pipeThrough(new DecompressionStream('gzip')).pipeThrough(count),
    ).arrayBuffer()
  } catch (error) {
    throw error instanceof ModelError ? error : new ModelError('the file is cut short')
  }
}

/** Reads and checks an unpacked model file; throws a ModelError for anything that is none. */
export function parseModel(data: ArrayBuffer): ModelFile {
  try {
    return parse(data)
  } catch (error) {
    throw error instanceof TypeError ? new ModelError('the header is of another kind') : error
  }
}

function need(ok: unknown, what: string): void {
  if (!ok) throw new ModelError(what)
}

const whole = (n: unknown, maximum: number): boolean =>
  Number.isInteger(n) && (n as number) >= 0 && (n as number) <= maximum

const shaped = (s: unknown): boolean =>
  Array.isArray(s) &&
  s.length > 0 &&
  s.length <= 4 &&
  s.every(n => whole(n, MAX_NUMBERS) && n > 0) &&
  count(s) <= MAX_NUMBERS

/** The header of a file of ours, of whatever kind, and where the weights begin.  Throws a ModelError for anything else. */
export function readHeader(data: ArrayBuffer): { header: unknown; start: number } {
  const bytes = new Uint8Array(data)
  need(bytes.length > 12 && String.fromCharCode(...bytes.subarray(0, 8)) === MAGIC, 'not a model file')
  const start = 12 + new DataView(data).getUint32(8, true)
  need(start <= bytes.length, 'the header is cut short')
  let header: { format?: unknown }
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(12, start)))
  } catch {
    throw new ModelError('the header cannot be read')
  }
  need(header?.format === 1, 'the file is from a newer version')
  return { header, start }
}

/** Reads the weights that a header tells of.  Throws a ModelError where they are not all there. */
export function readTensors(data: ArrayBuffer, start: number, tensors: Tensor[]): ModelFile['tensor'] {
  need(
    Array.isArray(tensors) &&
      tensors.every(t => {
        if (!shaped(t.shape) || !whole(t.offset, data.byteLength) || !(t.type in BYTES)) return false
        const extra = t.type.startsWith('int') ? scaleBytes(t.shape) : 0
        return start + t.offset + extra + BYTES[t.type](count(t.shape)) <= data.byteLength
      }),
    'weights are cut short',
  )
  return index => decode(data, start, tensors[index])
}

function parse(data: ArrayBuffer): ModelFile {
  const read = readHeader(data)
  const header = read.header as Header
  // The score's name in files of version 0.1.
  header.rejection ??= (header as { doubt?: number }).doubt
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
  need(whole((header.tries ?? 1) - 1, 63), 'tries out of range')
  need(whole(header.four ?? 0, header.shapes.length - 1), 'no finishing stage')
  const tensor = readTensors(data, read.start, header.tensors)
  const sums = header.sums
  need(
    sums === undefined ||
      ([sums.features, sums.changed, sums.output].every(value => whole(value, header.shapes.length - 1)) &&
        sums.usual > 0 &&
        sums.usual < 1e6 &&
        String(header.shapes[sums.features]) === String(header.shapes[sums.changed]) &&
        header.shapes[sums.changed].length === 3 &&
        String(header.shapes[sums.output]) === String(header.shapes[header.output])),
    'no way to make sums',
  )
  need(
    (header.directions ?? []).every(
      d =>
        d.name !== null &&
        typeof d.name === 'object' &&
        (d.ends === undefined ||
          (d.ends.length === 2 && d.ends.every(end => end !== null && typeof end === 'object'))) &&
        (d.reach === undefined ||
          (d.reach.length === 2 && d.reach.every(Number.isFinite) && d.reach[0] <= 0 && d.reach[1] >= 0)) &&
        (sums
          ? stepOf(d).length === count(header.shapes[sums.features])
          : Array.isArray(d.vector) && d.vector.length === header.latent_dim),
    ),
    'directions of another length',
  )
  const [made, madeOfSums] = [new Set([0]), new Set([sums?.changed])]
  need(
    Array.isArray(header.ops) &&
      header.ops.every(op => {
        // Once the operations for sums have begun nothing else comes, and nothing of what was before is read.
        const known = madeOfSums.size > 1 || (sums && op.out > sums.changed) ? madeOfSums : made
        const ok =
          Array.isArray(op.in) &&
          op.in.every(i => known.has(i)) &&
          whole(op.out, header.shapes.length - 1) &&
          !made.has(op.out) &&
          !madeOfSums.has(op.out) &&
          (op.w ?? []).every(w => whole(w, header.tensors.length - 1)) &&
          (known === made || op.out > sums!.changed)
        known.add(op.out)
        return ok
      }) &&
      made.has(header.output) &&
      (header.rejection === undefined || made.has(header.rejection)) &&
      (!sums || (made.has(sums.features) && madeOfSums.has(sums.output))),
    'operations out of order',
  )
  need(
    header.blends === undefined || (header.blends === 'features' && opsAfterFeatures(header) !== null),
    'no way to blend',
  )
  return { header, tensor }
}

/** What the scales of a tensor of small whole numbers take. */
const scaleBytes = (shape: number[]): number => 2 * shape[0] * Math.ceil(count(shape) / shape[0] / GROUP)

function decode(data: ArrayBuffer, start: number, tensor: Tensor): Float32Array<ArrayBuffer> {
  const size = count(tensor.shape)
  const at = start + tensor.offset
  const result = new Float32Array(size)
  const view = new DataView(data)
  if (tensor.type === 'fp32') {
    for (let i = 0; i < size; i++) result[i] = view.getFloat32(at + 4 * i, true)
  } else if (tensor.type === 'fp16') {
    for (let i = 0; i < size; i++) result[i] = half(view.getUint16(at + 2 * i, true))
  } else {
    const channels = tensor.shape[0]
    const from = at + scaleBytes(tensor.shape)
    const numbers =
      tensor.type === 'int8'
        ? new Int8Array(data, from, size)
        : (tensor.type === 'int6' ? unpackInt6 : unpackInt4)(new Uint8Array(data, from), size)
    const row = size / channels
    const groups = Math.ceil(row / GROUP)
    for (let c = 0, i = 0; c < channels; c++) {
      for (let g = 0; g < groups; g++) {
        const scale = half(view.getUint16(at + 2 * (c * groups + g), true))
        for (const end = Math.min(i + GROUP, (c + 1) * row); i < end; i++) result[i] = numbers[i] * scale
      }
    }
  }
  return result
}

/** Four bits a number, two in a byte. */
function unpackInt4(bytes: Uint8Array, size: number): Int8Array {
  const numbers = new Int8Array(size)
  for (let i = 0; i < size; i++) numbers[i] = ((bytes[i >> 1] >> (4 * (i & 1))) & 15) - 8
  return numbers
}

/** Six bits a number, four in three bytes. */
function unpackInt6(bytes: Uint8Array, size: number): Int8Array {
  const numbers = new Int8Array(size)
  for (let i = 0, at = 0; i < size; i += 4, at += 3) {
    const word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16)
    for (let k = 0; k < 4; k++) numbers[i + k] = ((word >> (6 * k)) & 63) - 32 // what lies beyond the end is dropped
  }
  return numbers
}

function half(bits: number): number {
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  const size =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent === 31
        ? fraction
          ? NaN
          : Infinity
        : (1 + fraction / 1024) * 2 ** (exponent - 15)
  return bits & 0x8000 ? -size : size
}
