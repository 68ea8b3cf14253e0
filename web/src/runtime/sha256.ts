// SHA-256: the browser's own, and where that is missing (pages that do not come over https) FIPS 180-4 in plain arithmetic.

const primes = (n: number): number[] => {
  const found: number[] = []
  for (let i = 2; found.length < n; i++) if (found.every(p => i % p)) found.push(i)
  return found
}
const fraction = (x: number): number => ((x - Math.floor(x)) * 2 ** 32) | 0
const K = Int32Array.from(primes(64), p => fraction(Math.cbrt(p)))
const START = primes(8).map(p => fraction(Math.sqrt(p)))
const rotate = (x: number, n: number): number => (x >>> n) | (x << (32 - n))

const hex = (bytes: Uint8Array): string => Array.from(bytes, x => x.toString(16).padStart(2, '0')).join('')

export const digest = async (data: Uint8Array<ArrayBuffer>): Promise<string> =>
  globalThis.crypto?.subtle ? hex(new Uint8Array(await crypto.subtle.digest('SHA-256', data))) : sha256(data)

export function sha256(data: Uint8Array): string {
  const padded = new Uint8Array((data.length + 72) & ~63)
  padded.set(data)
  padded[data.length] = 128
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, Math.floor(data.length / 2 ** 29))
  view.setUint32(padded.length - 4, data.length << 3)
  const hash = Int32Array.from(START)
  const w = new Int32Array(64)
  for (let block = 0; block < padded.length; block += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(block + 4 * i)
    for (let i = 16; i < 64; i++) {
      const [x, y] = [w[i - 15], w[i - 2]]
      w[i] =
        w[i - 16] + (rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)) + w[i - 7] + (rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10))
    }
    let [a, b, c, d, e, f, g, h] = hash
    for (let i = 0; i < 64; i++) {
      const t = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0
      const u = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0
      h = g
      g = f
      f = e
      e = (d + t) | 0
      d = c
      c = b
      b = a
      a = (t + u) | 0
    }
    hash.set([a, b, c, d, e, f, g, h].map((x, i) => hash[i] + x))
  }
  return Array.from(hash, x => (x >>> 0).toString(16).padStart(8, '0')).join('')
}
