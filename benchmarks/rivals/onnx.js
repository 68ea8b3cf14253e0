// A generator as ONNX, run by ONNX Runtime Web on one thread of WebAssembly.
import * as ort from './ort.wasm.min.mjs'
import { play } from './grid.js'

ort.env.wasm.numThreads = 1
const { size, dim } = await (await fetch('model.json')).json()
const session = await ort.InferenceSession.create('model.onnx', { executionProviders: ['wasm'], graphOptimizationLevel: 'all' })

await play(size, dim, async (latents, count) => {
  const { pictures } = await session.run({ z: new ort.Tensor('float32', latents, [count, dim]) })
  const result = new Float32Array(pictures.data.length)
  const area = size * size
  for (let n = 0; n < count; n++) {
    for (let p = 0; p < area; p++) for (let c = 0; c < 3; c++) result[(n * area + p) * 3 + c] = pictures.data[(n * 3 + c) * area + p]
  }
  return result
})
