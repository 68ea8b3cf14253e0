// The files of the page's nets: a header in JSON and packed weights (chonk/play/packed.py describes them).  Anybody may have made
// them, so everything is checked before it is used.

export interface Tensor {
  shape: number[]
  type: 'int4' | 'int6' | 'int8' | 'fp16' | 'fp32'
  offset: number
}

/** The weights by their number. */
export type Weights = (index: number) => Float32Array<ArrayBuffer>

/** What is wrong with a file. */
export class ModelError extends Error {}

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

export function need(ok: unknown, what: string): void {
  if (!ok) throw new ModelError(what)
}

export const whole = (n: unknown, maximum: number): boolean =>
  Number.isInteger(n) && (n as number) >= 0 && (n as number) <= maximum

export const shaped = (s: unknown): boolean =>
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
export function readTensors(data: ArrayBuffer, start: number, tensors: Tensor[]): Weights {
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
