// How long one look of the demo's recognizer takes, and what of that is processor time, which a busy machine changes less:
// npx vitest bench --run tests/hunt.bench.ts
import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { bench } from 'vitest'
import { parseRecognizer, Recognizer } from '../src/hunt/net'

const folder = new URL('../../src/chonk/play/demo/page/models/collage/', import.meta.url)
const name = readdirSync(folder).find(file => file.startsWith('hunt.'))!
const data = gunzipSync(readFileSync(new URL(name, folder)))
const file = parseRecognizer(data.buffer.slice(data.byteOffset, data.byteOffset + data.length) as ArrayBuffer)
const kernels = readFileSync(new URL('../src/runtime/kernels.wasm', import.meta.url))
const instantiate = async (): Promise<WebAssembly.Instance> =>
  (await WebAssembly.instantiate(kernels, { env: { abort() {} } })).instance
const recognizer = await Recognizer.open(file, 320, 240, instantiate)
const frame = Uint8ClampedArray.from({ length: 320 * 240 * 4 }, (_, i) => (i * 89) % 256)

let [looks, used] = [0, 0]

bench(
  'one look',
  () => {
    const before = process.cpuUsage()
    recognizer.look(frame)
    const { user, system } = process.cpuUsage(before)
    used += user + system
    looks++
  },
  { teardown: () => console.log(`${(used / looks / 1000).toFixed(1)} ms of processor time a look`) },
)
