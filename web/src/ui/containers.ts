// Still files joined to an animated one: the pictures' own bytes are kept, only the wrapping is new.

const ascii = (text: string): number[] => [...text].map(c => c.charCodeAt(0))

export function join(parts: (Uint8Array | number[])[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export const little = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) & 255)
const big = (value: number, bytes: number): number[] => little(value, bytes).reverse()

const riff = (name: string, body: Uint8Array | number[]): Uint8Array<ArrayBuffer> =>
  join([ascii(name), little(body.length, 4), body, body.length % 2 ? [0] : []])

/** The image chunks (alpha and picture) of a still WebP file. */
function webpImage(file: Uint8Array): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.length)
  const kept: Uint8Array[] = []
  for (let at = 12; at + 8 <= file.length; ) {
    const size = view.getUint32(at + 4, true)
    const end = at + 8 + size + (size % 2)
    if (['ALPH', 'VP8 ', 'VP8L'].includes(String.fromCharCode(...file.subarray(at, at + 4))))
      kept.push(file.subarray(at, end))
    at = end
  }
  return join(kept)
}

/** Still WebP files of one square size -> an endless animated WebP (RFC 9649, section 2.7). */
export function webp(files: Uint8Array[], size: number, milliseconds: number): Uint8Array<ArrayBuffer> {
  const ALPHA_AND_ANIMATION = 0x12
  const NO_BLENDING = 2
  const canvas = little(size - 1, 3)
  const frames = files.map(file =>
    riff(
      'ANMF',
      join([[0, 0, 0, 0, 0, 0], canvas, canvas, little(Math.round(milliseconds), 3), [NO_BLENDING], webpImage(file)]),
    ),
  )
  return riff(
    'RIFF',
    join([
      ascii('WEBP'),
      riff('VP8X', [ALPHA_AND_ANIMATION, 0, 0, 0, ...canvas, ...canvas]),
      riff('ANIM', [0, 0, 0, 0, 0, 0]),
      ...frames,
    ]),
  )
}

const CRC = Int32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1
  return n
})

export const crc32 = (data: Uint8Array): number =>
  ~data.reduce((c, byte) => CRC[(c ^ byte) & 255] ^ (c >>> 8), -1) >>> 0

function pngChunk(name: string, body: Uint8Array | number[]): Uint8Array {
  const checked = join([ascii(name), body])
  return join([big(body.length, 4), checked, big(crc32(checked), 4)])
}

/** Still PNG files of one size and kind -> an endless animated PNG (PNG specification, third edition). */
export function apng(files: Uint8Array[], milliseconds: number): Uint8Array<ArrayBuffer> {
  const chunks = (file: Uint8Array): { name: string; body: Uint8Array }[] => {
    const view = new DataView(file.buffer, file.byteOffset, file.length)
    const found: { name: string; body: Uint8Array }[] = []
    for (let at = 8; at + 12 <= file.length; ) {
      const size = view.getUint32(at)
      found.push({
        name: String.fromCharCode(...file.subarray(at + 4, at + 8)),
        body: file.subarray(at + 8, at + 8 + size),
      })
      at += 12 + size
    }
    return found
  }
  const head = chunks(files[0]).find(c => c.name === 'IHDR')!.body
  const parts: (Uint8Array | number[])[] = [
    files[0].subarray(0, 8),
    pngChunk('IHDR', head),
    pngChunk('acTL', [...big(files.length, 4), ...big(0, 4)]),
  ]
  let sequence = 0
  files.forEach((file, i) => {
    const zeros = big(0, 8)
    parts.push(
      pngChunk(
        'fcTL',
        join([big(sequence++, 4), head.subarray(0, 8), zeros, big(Math.round(milliseconds), 2), big(1000, 2), [0, 0]]),
      ),
    )
    for (const { name, body } of chunks(file)) {
      if (name === 'IDAT') parts.push(i ? pngChunk('fdAT', join([big(sequence++, 4), body])) : pngChunk('IDAT', body))
    }
  })
  return join([...parts, pngChunk('IEND', [])])
}
