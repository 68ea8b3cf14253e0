// The thread that looks: one recognizer, one frame per message.

import { ModelError, unpack } from '../runtime/container'
import instantiate from '../runtime/kernels.wasm?init'
import { digest } from '../runtime/sha256'
import type { Failure } from '../runtime/worker'
import type { Search } from './looks'
import { parseRecognizer, Recognizer, type RecognizerFile, type Sight } from './net'

export type ToWorker =
  | { type: 'load'; data: ArrayBuffer; sha256: string }
  | { type: 'look'; frame: Uint8ClampedArray<ArrayBuffer>; width: number; height: number }

export type FromWorker =
  | { type: 'ready'; stickers: number; search: Search }
  | ({ type: 'seen'; milliseconds: number } & Sight)
  | { type: 'failed'; failure: Failure; detail: string }

const MAX_BYTES = 1 << 23
const scope = self as unknown as DedicatedWorkerGlobalScope
let file: RecognizerFile | null = null
let recognizer: Recognizer | null = null

async function answer(message: ToWorker): Promise<FromWorker> {
  if (message.type === 'load') {
    if (typeof WebAssembly !== 'object' || typeof DecompressionStream === 'undefined') {
      return { type: 'failed', failure: 'nowasm', detail: '' }
    }
    if ((await digest(new Uint8Array(message.data))) !== message.sha256) {
      return { type: 'failed', failure: 'altered', detail: '' }
    }
    file = parseRecognizer(await unpack(message.data, MAX_BYTES))
    return { type: 'ready', stickers: file.header.stickers, search: file.header.search }
  }
  const { frame, width, height } = message
  if (recognizer?.width !== width || recognizer.height !== height) {
    recognizer = await Recognizer.open(file!, width, height, () => instantiate({ env: { abort: () => {} } }))
  }
  const start = performance.now()
  const sight = recognizer.look(frame)
  return { type: 'seen', milliseconds: performance.now() - start, ...sight }
}

let last = Promise.resolve()
scope.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  last = last
    .then(() => answer(data))
    .catch((error): FromWorker => {
      const failure = error instanceof ModelError ? 'unreadable' : error instanceof RangeError ? 'memory' : 'nowasm'
      return { type: 'failed', failure, detail: String(error) }
    })
    .then(reply => scope.postMessage(reply))
}
